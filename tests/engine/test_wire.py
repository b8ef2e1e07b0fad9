"""The wire: exact types there and back, and no bytes that do anything but give a value or fail."""

import collections
import datetime
import functools
import json
import math
import random
import struct
import subprocess
import sys
import tracemalloc
import types
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgpack
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.engine.wire import WireError, WireLimits, decode, encode, update

DTYPES = [
    torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.uint16,
    torch.uint32, torch.uint64, torch.float16, torch.bfloat16, torch.float32, torch.float64,
    torch.complex64, torch.complex128, torch.float8_e4m3fn, torch.float8_e5m2,
]  # fmt: skip


def refuse(value: object) -> None:
    return None


def sent(value: object, **limits: Any) -> bytes:
    return encode(value, opaque=refuse, references=False, limits=WireLimits(**limits))


def read(data: bytes, **limits: Any) -> Any:
    return decode(
        data, resolve=lambda handle: ("remote", handle), references=False,
        limits=WireLimits(**limits),
    )  # fmt: skip


def there_and_back(value: object) -> Any:
    return read(sent(value))


def message(tokens: list[Any], blob: bytes = b"") -> bytes:
    """A message from parts that `encode` might never put together."""
    data = msgpack.packb(tokens, unicode_errors="surrogatepass")
    return (
        b"\x92\xc6" + struct.pack(">I", len(data)) + data
        + b"\xc6" + struct.pack(">I", len(blob)) + blob
    )  # fmt: skip


def bits(value: Any) -> bytes:
    """Its bytes, without those that pad a long double of 80 bits: nobody sets them."""
    raw: bytes = value.tobytes()
    if value.dtype.char in "gG" and np.finfo("g").nmant == 63:
        size = np.dtype("g").itemsize
        return b"".join(raw[at : at + 10] for at in range(0, len(raw), size))
    return raw


def same(a: Any, b: Any) -> bool:
    """Whether the two are of one type and alike to the bit."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float | complex):
        return repr(a) == repr(b)
    if isinstance(a, np.ndarray):
        alike = a.shape == b.shape and a.dtype == b.dtype and a.dtype.char == b.dtype.char
        if a.dtype.kind == "O":
            return alike and all(map(same, a.ravel().tolist(), b.ravel().tolist()))
        return alike and bits(a) == bits(b)
    if isinstance(a, np.generic):
        return a.dtype == b.dtype and bits(a) == bits(b)
    if isinstance(a, torch.Tensor):
        return (
            a.dtype == b.dtype and a.shape == b.shape and a.requires_grad == b.requires_grad
            and bytes_of(a) == bytes_of(b)
        )  # fmt: skip
    if isinstance(a, dict):
        return len(a) == len(b) and all(map(same, itemized(a), itemized(b)))
    if isinstance(a, list | tuple | collections.deque):
        return (
            len(a) == len(b) and all(map(same, a, b))
            and getattr(a, "maxlen", 0) == getattr(b, "maxlen", 0)
        )  # fmt: skip
    if isinstance(a, set | frozenset):
        return len(a) == len(b) and all(any(same(one, other) for other in b) for one in a)
    if isinstance(a, slice):
        return all(map(same, (a.start, a.stop, a.step), (b.start, b.stop, b.step)))
    if isinstance(a, Decimal | datetime.datetime | datetime.time):
        return repr(a) == repr(b)
    return bool(a == b)


def itemized(mapping: dict[Any, Any]) -> list[Any]:
    return [part for item in mapping.items() for part in item]


def bytes_of(tensor: torch.Tensor) -> bytes:
    return tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


# --- strategies ------------------------------------------------------------------------------

texts = st.text(st.characters(), max_size=8)  # lone surrogates, too
zones = st.none() | st.just(datetime.UTC) | st.builds(
    datetime.timezone,
    st.timedeltas(datetime.timedelta(hours=-23), datetime.timedelta(hours=23)),
)  # fmt: skip
hashable_scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-(2**200), 2**200), st.floats(),
    texts, st.binary(max_size=8), st.complex_numbers(), st.just(...),
    st.decimals(allow_nan=False), st.fractions(), st.dates(), st.timedeltas(),
    st.datetimes(timezones=zones), st.times(timezones=zones),
    st.builds(range, st.integers(), st.integers(), st.integers(1, 2**70)),
    st.sampled_from([int, float, list, type(None)]),
)  # fmt: skip
hashables = st.recursive(
    hashable_scalars,
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=4),
    max_leaves=4,
)
array_dtypes = st.one_of(
    hnp.boolean_dtypes(), hnp.integer_dtypes(), hnp.unsigned_integer_dtypes(),
    hnp.floating_dtypes(), hnp.complex_number_dtypes(), hnp.byte_string_dtypes(),
    hnp.unicode_string_dtypes(), hnp.datetime64_dtypes(), hnp.timedelta64_dtypes(),
    st.sampled_from([np.dtype(char) for char in "lqLQgG"]),
)  # fmt: skip
shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)
arrays = array_dtypes.flatmap(lambda dtype: hnp.arrays(dtype, shapes))


@st.composite
def tensors(draw: Any) -> torch.Tensor:
    dtype = draw(st.sampled_from(DTYPES))
    shape = draw(shapes)
    size = math.prod(shape) * dtype.itemsize
    if dtype is torch.bool:
        data = bytes(draw(st.lists(st.integers(0, 1), min_size=size, max_size=size)))
    else:
        data = draw(st.binary(min_size=size, max_size=size))
    value = torch.empty(shape, dtype=dtype)
    if size:
        value = torch.frombuffer(bytearray(data), dtype=dtype).reshape(shape).clone()
    return value.requires_grad_(dtype.is_floating_point and draw(st.booleans()))


leaves = st.one_of(
    hashable_scalars, st.decimals(), st.binary(max_size=8).map(bytearray), arrays, tensors(),
    hashable_scalars.map(lambda value: slice(value, None, value)),
)  # fmt: skip
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.lists(st.floats(), max_size=9),
        st.lists(st.integers(), max_size=9),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(hashables, inner, max_size=4),
        st.dictionaries(hashables, inner, max_size=4).map(collections.OrderedDict),
        st.sets(hashables, max_size=4),
        st.lists(inner, max_size=3).map(collections.deque),
        st.lists(inner, max_size=3).map(lambda elements: collections.deque(elements, 5)),
    ),
    max_leaves=8,
)
few = settings(
    max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


# --- there and back --------------------------------------------------------------------------


@given(values)
@example([float("nan"), -0.0, float("inf"), -float("inf")])
@example([1, 2, 3, 2**64, -(2**63), -(2**63) - 1])
@example(Decimal("sNaN12"))
@example(datetime.datetime(2024, 10, 27, 2, 30, fold=1))
@example(datetime.time(1, tzinfo=datetime.timezone(datetime.timedelta(hours=1), "CET")))
@example({1.5: None, (): [], "": {}, b"": set()})
def test_values_come_back_exactly(value: object) -> None:
    assert same(there_and_back(value), value)


@given(arrays)
def test_arrays_come_back_exactly_and_can_be_written_to(array: Any) -> None:
    for sender in (array, np.asfortranarray(array), array.T, array[..., ::-1] if array.ndim else 0):
        back = there_and_back(sender)
        assert same(back, sender)
        assert not isinstance(back, np.ndarray) or back.flags.writeable


@given(arrays)
def test_numpy_scalars_and_dtypes_come_back_exactly(array: Any) -> None:
    assert same(there_and_back(array.dtype), array.dtype)
    assert there_and_back(array.dtype).char == array.dtype.char
    for scalar in array.ravel()[:3]:
        assert same(there_and_back(scalar), scalar)


@given(tensors())
def test_tensors_come_back_exactly_as_fresh_leaves(tensor: torch.Tensor) -> None:
    back = there_and_back(tensor)
    assert same(back, tensor)
    assert back.is_leaf
    assert same(there_and_back(tensor.T if tensor.ndim == 2 else tensor.detach()).detach(),
                tensor.T.detach() if tensor.ndim == 2 else tensor.detach())  # fmt: skip


def test_result_of_a_computation_comes_back_as_a_leaf_that_requires_grad() -> None:
    back = there_and_back(torch.ones(3, requires_grad=True) * 2)
    assert back.requires_grad
    assert back.is_leaf


def test_conjugate_and_negative_views_come_back_as_what_they_show() -> None:
    tensor = torch.tensor([1 + 2j, 3 - 4j])
    assert there_and_back(tensor.conj()).tolist() == [1 - 2j, 3 + 4j]
    assert there_and_back(tensor.conj().imag).tolist() == [-2.0, 4.0]


def test_large_arrays_and_integers_come_back() -> None:
    array = np.arange(300_000).reshape(3, -1)
    assert same(there_and_back(array), array)
    assert same(there_and_back(array.T), array.T)
    number = 3**200_000
    assert there_and_back([number, -number]) == [number, -number]


def test_object_arrays_come_back_element_by_element() -> None:
    array = np.empty((2, 3), object)
    array[:] = [[1, "a", None], [(1, 2), 0.5, {"x": b"y"}]]
    array[0, 0] = [1, [2]]
    array[1, 1] = np.array(5)
    assert same(there_and_back(array), array)


def test_object_array_with_anything_opaque_stays_behind_whole() -> None:
    array = np.array([1, [object()], "a"], object)
    seen = []
    data = encode([b"x", array], opaque=lambda value: seen.append(value) or 7, references=False)
    assert seen == [array] or seen[0] is array
    assert read(data) == [b"x", ("remote", 7)]


def test_collections_of_the_standard_library_keep_type_and_order() -> None:
    ordered = collections.OrderedDict(b=1, a=2)
    back = there_and_back([ordered, collections.Counter("abca"), collections.defaultdict(int, a=1)])
    assert list(back[0]) == ["b", "a"]
    assert type(back[1]) is collections.Counter
    assert back[1] == {"a": 2, "b": 1, "c": 1}
    assert type(back[2]) is collections.defaultdict
    assert back[2].default_factory is None


def test_torch_sizes_dtypes_and_devices_come_back() -> None:
    for value in (torch.Size([2, 3]), torch.float32, torch.bfloat16, torch.device("cuda:1")):
        back = there_and_back(value)
        assert type(back) is type(value)
        assert back == value


def test_what_is_shared_becomes_copies() -> None:
    inner: list[int] = [1]
    back = there_and_back([inner, inner])
    assert back[0] is not back[1]


BIT_GENERATORS = [
    getattr(np.random, n) for n in ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"]
]


@pytest.mark.parametrize("bits", BIT_GENERATORS)
@given(seed=st.integers(0, 2**32), draws=st.integers(0, 700))
@few
def test_numpy_generators_go_on_where_they_were(bits: Any, seed: int, draws: int) -> None:
    generator = np.random.Generator(bits(seed))
    legacy = np.random.RandomState(bits(seed))
    generator.random(draws)
    generator.integers(0, 5, draws % 3, dtype=np.int32)
    legacy.normal(size=draws)
    for maker in (generator, legacy):
        back = there_and_back(maker)
        assert type(back) is type(maker)
        for draw in (lambda g: g.normal(size=9), lambda g: g.bytes(9), lambda g: g.permutation(9)):
            assert same(draw(back), draw(maker))


@given(seed=st.integers(0, 2**32), draws=st.integers(0, 700))
@few
def test_python_and_torch_generators_go_on_where_they_were(seed: int, draws: int) -> None:
    python = random.Random(seed)
    [python.random() for _ in range(draws)]
    python.gauss(0, 1)
    back = there_and_back(python)
    assert [back.gauss(0, 1) for _ in range(9)] == [python.gauss(0, 1) for _ in range(9)]
    generator = torch.Generator().manual_seed(seed)
    torch.rand(draws, generator=generator)
    torch.randn((), generator=generator)
    copy = there_and_back(generator)
    for _ in range(3):
        expected = torch.randn(700, generator=generator)
        assert torch.equal(torch.randn(700, generator=copy), expected)


@pytest.mark.slow
def test_tensorflow_values_come_back() -> None:
    import tensorflow as tf  # slow

    values = [
        tf.constant([[1.5, float("nan")]]), tf.constant(3), tf.constant([True, False]),
        tf.constant([1.5, 2], tf.bfloat16), tf.constant([1j]), tf.constant(b"a\0"),
        tf.constant([["a", "\0"]]), tf.zeros((0, 3)), tf.constant([], tf.string),
    ]  # fmt: skip
    for value in values:
        back = there_and_back(value)
        assert type(back) is type(value)
        assert back.dtype is value.dtype
        assert back.shape == value.shape
        assert repr(back.numpy()) == repr(value.numpy())
        for flip in range(8, len(sent(value))):
            mutant = bytearray(sent(value))
            mutant[flip] ^= 1 << flip % 8
            assert_value_or_wire_error(bytes(mutant))
    for value in (tf.float32, tf.string, tf.TensorShape([2, None]), tf.TensorShape(None)):
        back = there_and_back(value)
        assert type(back) is type(value)
        assert repr(back) == repr(value)
    with pytest.raises(WireError):
        sent(tf.Variable(1.0))
    with pytest.raises(WireError):
        read(message([b"tf.Tensor", "bool", 1, 1], b"\x02"))


# --- what stays behind -----------------------------------------------------------------------


class Touched(BaseException):
    """Someone called a method of a value that is not plain."""


def trap(*_: object, **__: object) -> Any:
    raise Touched


TRAPS = [
    "__eq__", "__hash__", "__iter__", "__len__", "__getattribute__", "__bool__", "__repr__",
    "__str__", "__index__", "__int__", "__float__", "__reduce_ex__", "__array__", "__buffer__",
    "__contains__", "__getitem__", "items", "keys", "tolist", "tobytes", "detach",
    "__torch_function__", "__array_function__", "__array_ufunc__",
]  # fmt: skip


def trapped(base: type, *arguments: Any) -> Any:
    """An instance of a subclass whose methods, and whose class's methods, all raise."""

    armed = False

    def spring(*_: object, **__: object) -> Any:
        if armed:
            raise Touched
        return "Evil"

    meta = type("Meta", (type(base),), {"__name__": property(spring)})
    kind = types.new_class("Evil", (base,), {"metaclass": meta})
    value = kind.__new__(kind, *arguments)
    for name in TRAPS:
        type.__setattr__(kind, name, trap)
    for name in ("__hash__", "__eq__", "__getattribute__", "__instancecheck__"):
        type.__setattr__(meta, name, trap)
    armed = True
    return value


SUBCLASSED = [
    (object,), (list,), (dict,), (set,), (tuple, (1, 2)), (int, 3), (float, 1.5), (str, "a"),
    (bytes, b"a"), (bytearray,), (collections.OrderedDict,), (collections.deque,),
    (Decimal, "1"), (Fraction, 1, 2), (datetime.date, 2024, 1, 1), (random.Random,),
    (np.ndarray, (2,)), (np.float64, 1.0), (np.str_, "a"), (torch.Tensor,),
]  # fmt: skip


@pytest.mark.parametrize("base", SUBCLASSED, ids=lambda base: base[0].__name__)
def test_subclass_is_opaque_and_none_of_its_methods_is_called(base: tuple[Any, ...]) -> None:
    value = trapped(*base)
    seen: list[object] = []

    def keep(opaque: object) -> int:
        seen.append(opaque)
        return 5

    for container in (value, [value], (1.0, value), {"key": value}, collections.deque([value])):
        seen.clear()
        data = encode(container, opaque=keep, references=False)
        assert len(seen) == 1
        assert seen[0] is value
        assert b"handle" in data
    with pytest.raises(WireError, match="may not travel"):
        sent([value])


@pytest.mark.parametrize(
    "value",
    [
        torch.nn.Parameter(torch.ones(2)),
        torch.eye(2).to_sparse(),
        torch.empty(2, device="meta"),
        np.ma.masked_array([1, 2], [0, 1]),
        np.zeros(2, [("x", int)]),
        np.zeros(2, [("x", int)])[0],
        np.array(["a"], np.dtypes.StringDType()),
        datetime.datetime(2024, 1, 1, tzinfo=trapped(datetime.tzinfo)),
        torch.nn.Linear(1, 1), len, math, np.add, np.mean, json.dumps, ValueError,
        np.random.Generator(type("Bits", (np.random.PCG64,), {})()),
        functools.partial(int), (x for x in ()), object(),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_other_values_are_opaque(value: object) -> None:
    data = encode([value], opaque=lambda _: 2**64 - 1, references=False)
    assert read(data) == [("remote", 2**64 - 1)]
    with pytest.raises(WireError):
        sent(value)


@pytest.mark.filterwarnings("ignore:.*quantize:UserWarning")
def test_quantized_tensor_is_opaque() -> None:
    with pytest.raises(WireError):
        sent(torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.quint8))


def test_instance_attributes_do_not_shadow_methods() -> None:
    value = collections.OrderedDict(a=1)
    value.items = value.keys = value.__iter__ = trap  # type: ignore[assignment, method-assign]
    generator = random.Random(1)
    generator.getstate = trap  # type: ignore[method-assign]
    assert there_and_back(value) == {"a": 1}
    assert there_and_back(generator).random() == random.Random(1).random()


def test_plain_containers_with_odd_parts_are_opaque() -> None:
    """A Fraction's numerator and a Random's next value can be replaced by anything."""
    fraction, generator = Fraction(1, 2), random.Random(1)
    fraction._numerator = trapped(int, 1)  # type: ignore[attr-defined]
    generator.gauss_next = trapped(float, 1.0)
    for value in (fraction, generator):
        assert read(encode(value, opaque=lambda _: 1, references=False)) == ("remote", 1)


def test_opaque_values_may_be_keys_and_members() -> None:
    one, two = object(), object()
    handles = {id(one): 1, id(two): 2}
    data = encode({one: {two}}, opaque=lambda value: handles[id(value)], references=False)
    assert read(data) == {("remote", 1): {("remote", 2)}}


@pytest.mark.parametrize("handle", [True, 2**64, -(2**63) - 1, "a", None])
def test_handle_that_is_no_integer_is_refused(handle: Any) -> None:
    with pytest.raises(WireError):
        encode(object(), opaque=lambda _: handle, references=False)


# --- limits ----------------------------------------------------------------------------------


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth - 1):
        value = [value]
    return value


def test_depth_is_limited_on_both_sides() -> None:
    assert there_and_back(nested(100)) == nested(100)
    for depth in (101, 100_000):
        with pytest.raises(WireError, match="deeper"):
            sent(nested(depth))
    with pytest.raises(WireError, match="deeper"):
        read(sent(nested(101), max_depth=101))
    with pytest.raises(WireError):
        read(message([b"list", 1] * 100_000))


def test_cycles_are_refused() -> None:
    loop: list[Any] = []
    loop += [loop, loop]
    mapping: dict[str, Any] = {}
    mapping["self"] = (mapping,)
    array = np.empty(2, object)
    array[:] = [array, 1]
    for value in (loop, mapping, array):
        with pytest.raises(WireError, match="holds itself"):
            sent(value)


def test_little_that_unfolds_to_much_is_refused() -> None:
    value: list[Any] = [1.5]
    for _ in range(60):
        value = [value, value]
    with pytest.raises(WireError, match="items"):
        sent(value, max_items=10_000)


def test_items_and_bytes_are_limited_on_both_sides() -> None:
    for value in ([0.5] * 1000, ["a"] * 1000, [["a"]] * 500):
        with pytest.raises(WireError, match="items"):
            sent(value, max_items=900)
        with pytest.raises(WireError, match="items"):
            read(sent(value), max_items=900)
    for value in (b"a" * 1000, "a" * 1000, np.zeros(125)):
        with pytest.raises(WireError, match="bytes"):
            sent(value, max_bytes=1000)
        with pytest.raises(WireError, match="bytes"):
            read(sent(value), max_bytes=1000)


def array32(size: int) -> bytes:
    return b"\xdd" + struct.pack(">I", size)


def raw(tokens: bytes, blob: bytes = b"") -> bytes:
    return (
        b"\x92\xc6" + struct.pack(">I", len(tokens)) + tokens
        + b"\xc6" + struct.pack(">I", len(blob)) + blob
    )  # fmt: skip


GREEDY = {
    "tokens": raw(array32(2**32 - 1)),
    "tokens within the limit": raw(array32(4_000_000)),
    "nested arrays": raw(array32(1000) + array32(1_000_000) * 1000),
    "long binary": raw(b"\x91\xc6\xff\xff\xff\xff"),
    "long string": raw(b"\x91\xdb\xff\xff\xff\xff"),
    "long map": raw(b"\x91\xdf\xff\xff\xff\xff"),
    "tokens longer than the message": b"\x92\xc6\xff\xff\xff\xff",
    "list": message([b"list", 2**60]),
    "packed list": message([b"list", "d", 2**60]),
    "bytes": message([b"bytes", 2**60]),
    "negative bytes": message([b"bytes", -5], b"12345"),
    "array": message([b"array", "=d", 3, 2**40, 2**40, 2**40], b"12345678"),
    "array that overflows to 0": message([b"array", "=d", 2, 2**32, 2**61], b""),
    "empty array": message([b"array", "=d", 3, 0, 2**60, 2**60]),
    "array of nothing": message([b"array", "|S0", 1, 2**50]),
    "array of long strings": message([b"array", "<U999999999", 1, 1]),
    "number": message([b"number", "<M8"], b""),
    "many dimensions": message([b"array", "=d", 10**6, *[1] * 10**6], b"12345678"),
    "objects": message([b"objects", 1, 2**40, 1, None]),
    "tensor": message([b"tensor", "float32", False, 1, 2**60], b"1234"),
    "empty tensor": message([b"tensor", "float32", False, 3, 2**60, 2**60, 0]),
    "deque": message([b"deque", 2**64 - 1, 0]),
    "torch.Size": message([b"torch.Size", 2**60]),
}


@pytest.mark.parametrize("name", GREEDY)
def test_what_a_message_claims_costs_no_memory(name: str) -> None:
    data = GREEDY[name]
    tracemalloc.start()
    try:
        with pytest.raises(WireError):
            read(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2**20 + 40 * len(data)


# --- hostile bytes ---------------------------------------------------------------------------


def assert_value_or_wire_error(data: bytes) -> None:
    """Whatever comes must also be safe to look at and to use."""
    try:
        value = read(data)
    except WireError:
        return
    use(value)


def use(value: Any) -> None:
    if isinstance(value, np.ndarray | np.generic | torch.Tensor):
        repr(value)
    elif isinstance(value, torch.Generator):
        torch.randn(700, generator=value)
        torch.randn(3, generator=value)
    elif isinstance(value, np.random.Generator | np.random.RandomState):
        value.bytes(5000)
        value.normal(size=700)
    elif isinstance(value, random.Random):
        value.gauss(0, 1)
        value.getrandbits(32 * 700)
    elif isinstance(value, list | tuple | set | dict | collections.deque):
        for each in itemized(value) if isinstance(value, dict) else value:
            use(each)


SAMPLES = [
    [1, "two", 3.0, None, True, b"six", {7: (8, {9})}],
    [1.0, 2.0, 3.0, 4.0], list(range(9)), -(3**99), range(5), Fraction(1, 3), Decimal("1.5"),
    datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC), datetime.timedelta(1), slice(1, 2),
    collections.OrderedDict(a=1), collections.Counter("ab"), collections.deque([1], 3),
    np.arange(6.0).reshape(2, 3), np.array([True, False]), np.array(["ab", "c"]),
    np.array(["2024", "NaT"], "M8[D]"), np.array([1, None, "x"], object), np.longdouble(1) / 3,
    np.float32(1), np.dtype(">i4"), np.str_("a"), np.array([1, 2], ">c8"), np.array([1], "g"),
    torch.ones(2, 3, requires_grad=True), torch.tensor([True, False]), torch.Size([1, 2]),
    torch.tensor(1, dtype=torch.bfloat16), torch.float32, torch.device("cpu"), int,
    random.Random(1), torch.Generator(), np.random.RandomState(1),
    *(np.random.Generator(bits(1)) for bits in BIT_GENERATORS),
]  # fmt: skip
MESSAGES = [sent(sample) for sample in SAMPLES]


@given(st.binary(max_size=200))
def test_random_bytes_give_a_value_or_a_wire_error(data: bytes) -> None:
    assert_value_or_wire_error(data)
    assert_value_or_wire_error(raw(data, data[:50]))


@given(
    st.sampled_from(MESSAGES),
    st.sampled_from(MESSAGES),
    st.lists(st.tuples(st.integers(0, 2**14), st.integers(0, 255)), min_size=1, max_size=3),
    st.integers(0, 2**14),
    st.sampled_from(["change", "truncate", "splice", "insert"]),
)
@settings(max_examples=500)
def test_damaged_messages_give_a_value_or_a_wire_error(
    data: bytes, other: bytes, changes: list[tuple[int, int]], cut: int, how: str
) -> None:
    cut %= len(data)
    damaged = bytearray(data)
    if how == "truncate":
        del damaged[cut:]
    elif how == "splice":
        damaged[cut:] = other[cut % len(other) :]
    elif how == "insert":
        damaged[cut:cut] = bytes(change for _, change in changes)
    else:
        for place, change in changes:
            damaged[place % len(data)] = change
    assert_value_or_wire_error(bytes(damaged))


def test_every_single_bit_of_the_heads_may_be_wrong() -> None:
    for data in MESSAGES:
        for bit in range(8 * min(len(data), 120)):
            damaged = bytearray(data)
            damaged[bit // 8] ^= 1 << bit % 8
            assert_value_or_wire_error(bytes(damaged))


TAGS = [
    b"int", b"bytes", b"bytearray", b"complex", b"range", b"slice", b"...", b"decimal",
    b"fraction", b"handle", b"date", b"datetime", b"time", b"timedelta", b"list", b"tuple", b"set",
    b"frozenset", b"dict", b"OrderedDict", b"Counter", b"defaultdict", b"deque", b"type", b"name",
    b"array", b"objects", b"number", b"numpy.str", b"numpy.bytes", b"numpy.dtype", b"tensor",
    b"torch.Size", b"torch.dtype", b"torch.device", b"random.Random", b"numpy.Generator",
    b"numpy.RandomState", b"torch.Generator", b"nothing",
]  # fmt: skip
WORDS = [
    "=d", "|b1", "|?", "<U1", "<M8[D]", "=g", "d", "q", "int", "float32", "bool", "PCG64",
    "MT19937", "Philox", "os", "system", "1e9999999999", "nan", "cuda", "torch.int8",
]  # fmt: skip
loose_tokens = st.one_of(
    st.sampled_from(TAGS), st.sampled_from(WORDS), st.integers(-2, 5), st.integers(-(2**63), 2**63),
    st.floats(), st.none(), st.booleans(), texts, st.just([]), st.just({}),
)  # fmt: skip


@given(
    st.sampled_from(TAGS), st.lists(st.sampled_from(WORDS), max_size=1),
    st.lists(loose_tokens, max_size=12), st.binary(max_size=64),
)  # fmt: skip
@settings(max_examples=500)
def test_tokens_in_any_order_give_a_value_or_a_wire_error(
    tag: bytes, word: list[str], tokens: list[Any], blob: bytes
) -> None:
    assert_value_or_wire_error(message([tag, *word, *tokens], blob))


MALFORMED = {
    "nothing": b"",
    "other msgpack": msgpack.packb([1, 2]),
    "no token": message([]),
    "two values": message([1, 2]),
    "bytes left over": message([1], b"x"),
    "trailing bytes": sent(1) + b"x",
    "token is a list": message([[]]),
    "token is a map": message([b"list", 1, {}]),
    "token is an extension": raw(b"\x91\xd4\x01\x00"),
    "token is a timestamp": raw(b"\x91\xd6\xff\x00\x00\x00\x00"),
    "string is no text": raw(b"\x91\xa1\xff"),
    "unhashable key": message([b"dict", 2, b"list", 0, 1]),
    "unhashable member": message([b"set", 1, b"dict", 0]),
    "key without a value": message([b"dict", 1, 1]),
    "key twice": message([b"dict", 4, 1, "a", 1, "b"]),
    "member twice": message([b"set", 2, 1, True]),
    "truth value in an array": message([b"array", "|?", 1, 1], b"\x02"),
    "truth value alone": message([b"number", "|?"], b"\xff"),
    "truth value in a tensor": message([b"tensor", "bool", False, 1, 1], b"\x02"),
    "character beyond Unicode": message([b"array", "<U1", 1, 1], b"\xff\xff\xff\xff"),
    "gradient of integers": message([b"tensor", "int64", True, 1, 0]),
    "dtype of objects": message([b"array", "|O", 1, 1], b"\0" * 8),
    "dtype of records": message([b"numpy.dtype", "f8,f8"]),
    "dtype in foreign digits": message([b"numpy.dtype", "<U３"]),
    "unknown torch dtype": message([b"tensor", "Tensor", False, 1, 0]),
    "unknown type": message([b"type", "eval"]),
    "device of a long name": message([b"torch.device", "x" * 100]),
    "remote among plain data": message([b"objects", 1, 1, 1, b"handle", 1]),
    "infinite fraction": message([b"fraction", 1, 0]),
    "handle is a truth value": message([b"handle", True]),
    "position behind the end": message([b"numpy.Generator", "MT19937", 625, 0, 0], b"\0" * 2496),
    "position before the start": message([b"numpy.Generator", "Philox", -1, 0, 0], b"\0" * 80),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_message_is_refused(name: str) -> None:
    with pytest.raises(WireError):
        read(MALFORMED[name])


def torch_state(left: int, following: int, seeded: int = 1) -> bytes:
    state = bytearray(torch.Generator().get_state().numpy().tobytes())
    state[8:24] = struct.pack("<iiQ", left, seeded, following)
    return message([b"torch.Generator"], bytes(state))


def test_state_of_a_torch_generator_cannot_point_behind_its_words() -> None:
    assert_value_or_wire_error(torch_state(1, 624))
    for left, following in ((624, 2), (624, 624), (0, 0), (-1, 0), (625, 0), (2, 624)):
        with pytest.raises(WireError):
            read(torch_state(left, following))
    with pytest.raises(WireError):
        read(torch_state(1, 0, seeded=0))


def test_invalid_long_doubles_become_nan() -> None:
    unnormal = b"\0\0\0\0\0\0\0\0\xff\x3f" + b"\0" * 6  # an exponent without its leading bit
    if np.dtype("g").itemsize != 16 or np.finfo("g").nmant != 63:
        pytest.skip("long doubles of another format")
    assert np.isnan(read(message([b"array", "=g", 1, 1], unnormal)))
    back = there_and_back(np.array([np.inf, -np.inf, -0.0, np.nan], "G"))
    assert same(back, np.array([np.inf, -np.inf, -0.0, np.nan], "G"))


def test_resolver_that_does_not_know_a_handle_is_a_wire_error() -> None:
    with pytest.raises(WireError):
        decode(message([b"handle", 3]), resolve={}.__getitem__, references=False)


# --- names -----------------------------------------------------------------------------------

NAMED = [
    len, sorted, math, math.sin, json, json.dumps, json.JSONDecoder, Fraction, str.lower,
    random.random, random.randint, np.add, np.mean, np.float64, np.ndarray, np.random.rand,
    torch.relu, torch.nn.functional.relu, torch.nn.Linear, torch.nn.Parameter, torch.tensor,
]  # fmt: skip


@pytest.mark.parametrize("value", NAMED, ids=lambda value: type(value).__name__)
def test_the_trusted_side_may_name_what_can_be_imported(value: object) -> None:
    data = encode([value], opaque=refuse, references=True)
    (back,) = decode(data, resolve=refuse, references=True)  # type: ignore[misc, attr-defined]
    assert back is value
    with pytest.raises(WireError):
        sent(value)
    with pytest.raises(WireError, match="name"):
        read(data)


def test_what_no_import_finds_is_not_named() -> None:
    def local() -> None:
        pass

    own = types.FunctionType(local.__code__, {}, "own")
    own.__module__, own.__qualname__ = "__main__", "main"
    borrowed = types.FunctionType(local.__code__, {}, "dumps")
    borrowed.__module__, borrowed.__qualname__ = "json", "dumps"
    module = types.ModuleType("json")
    for value in (local, own, borrowed, module, sys.modules["__main__"], lambda: 1):
        with pytest.raises(WireError):
            encode(value, opaque=refuse, references=True)


def test_values_with_traps_are_not_asked_for_their_names() -> None:
    remote = trapped(object)
    data = encode(remote, opaque=lambda _: 3, references=True)
    assert read(data) == ("remote", 3)


def test_hostile_name_imports_nothing(tmp_path: Any, monkeypatch: Any) -> None:
    (tmp_path / "planted_module.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    for tokens in ([b"name", "planted_module", ""], [b"objects", 1, 1, 1, b"name", "os", "abort"]):
        with pytest.raises(WireError):
            read(message(tokens))
    assert "planted_module" not in sys.modules
    with pytest.raises(WireError):  # an object array holds plain data, whoever sends it
        decode(
            message([b"objects", 1, 1, 1, b"name", "os", "getcwd"]),
            resolve=refuse, references=True,
        )  # fmt: skip


def test_libraries_are_not_imported_before_a_value_needs_them() -> None:
    script = (
        "import sys; from autograder.engine.wire import *\n"
        "kw = dict(resolve=lambda h: h, references=False)\n"
        "data = encode([1, {2: 'x'}, object()], opaque=lambda v: 1, references=False)\n"
        "decode(data, **kw)\n"
        "for hostile in map(bytes.fromhex, sys.argv[1:]):\n"
        "    try: decode(hostile, **kw)\n"
        "    except WireError: pass\n"
        "    else: raise SystemExit('accepted')\n"
        "print({'numpy', 'torch', 'tensorflow'} & set(sys.modules))\n"
    )
    hostile = [
        message([b"array", "no dtype", 1, 1]), message([b"tensor", "no dtype", False, 0]),
        message([b"tf.Tensor", "no dtype", 0]), message([b"torch.device", "NO"]),
        message([b"torch.Generator"]),
    ]  # fmt: skip
    command = [sys.executable, "-c", script, *(data.hex() for data in hostile)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


# --- updates in place ------------------------------------------------------------------------


@given(st.lists(values, max_size=4), st.lists(values, max_size=4))
@few
def test_update_makes_lists_equal(target: list[Any], value: list[Any]) -> None:
    expected = there_and_back(value)
    assert update(target, value)
    assert same(target, expected)


MUTABLE = [
    ([1, [2]], [3]),
    ({"a": 1, "b": [1]}, {"b": [2], "c": 3}),
    ({1, 2}, {3}),
    (bytearray(b"ab"), bytearray(b"c")),
    (collections.deque([1, 2]), collections.deque([3])),
    (collections.OrderedDict(a=1, b=2), collections.OrderedDict(b=2, a=1)),
    (collections.Counter("ab"), collections.Counter("bb")),
    (np.zeros((2, 2)), np.ones((2, 2))),
    (np.zeros(2, object), np.array([[1], None], object)),
    (torch.zeros(3), torch.tensor([1.0, float("nan"), -0.0])),
    (torch.zeros(3, requires_grad=True), torch.ones(3, requires_grad=True)),
]


@pytest.mark.parametrize(("target", "value"), MUTABLE, ids=lambda value: type(value).__name__)
def test_update_changes_the_target_itself(target: Any, value: Any) -> None:
    assert update(target, value)
    assert same(target, value)


def test_update_keeps_the_identity_of_what_is_nested() -> None:
    array, tensor, inner = np.zeros(2), torch.zeros(2), [1]
    target = {"a": [array, (tensor, 1)], "b": {"c": inner}}
    outer = target["a"]
    value = {"b": {"c": [2]}, "a": [np.ones(2), (torch.ones(2), 2), "new"]}
    assert update(target, value)
    assert same(target, value)
    assert list(target) == ["b", "a"]
    assert target["a"] is outer
    assert target["a"][0] is array
    assert target["a"][1][0] is tensor
    assert target["b"]["c"] is inner


def test_update_reaches_through_a_tuple() -> None:
    array = np.zeros(2)
    assert update((array, 1, "x"), (np.ones(2), 1, "x"))
    assert array.tolist() == [1, 1]
    assert not update((array, 1), (np.ones(2), 2))
    assert not update((array,), (np.ones(2), 1))


def test_update_of_generators_lets_them_go_on_alike() -> None:
    pairs: list[tuple[Any, Any, Any]] = [
        (random.Random(1), random.Random(2), lambda g: g.random()),
        (torch.Generator(), torch.Generator().manual_seed(2), lambda g: g.get_state().tolist()),
        (np.random.RandomState(1), np.random.RandomState(2), lambda g: g.normal()),
        *(
            (np.random.Generator(bits(1)), np.random.Generator(bits(2)), lambda g: g.random())
            for bits in BIT_GENERATORS
        ),
    ]
    for target, value, draw in pairs:
        assert update(target, value)
        assert draw(target) == draw(value)


def test_update_says_what_it_cannot_do() -> None:
    frozen = np.zeros(2)
    frozen.flags.writeable = False
    exported = bytearray(b"ab")
    view = memoryview(exported)
    impossible: list[tuple[Any, Any]] = [
        (1, 2), (1, 1), ("a", "b"), (None, None), (frozenset({1}), frozenset({2})), ([1], (1,)),
        ([1], {1: 1}), (np.zeros(2), np.zeros(3)), (np.zeros(2), np.zeros(2, "f4")),
        (frozen, np.ones(2)), (torch.zeros(2), torch.zeros(3)), (exported, bytearray(b"abc")),
        (torch.zeros(2), torch.zeros(2, dtype=torch.int64)),
        (torch.zeros(1).expand(3), torch.ones(3)), (collections.deque(), collections.deque(maxlen=3)),
        (np.random.Generator(np.random.PCG64(1)), np.random.Generator(np.random.SFC64(1))),
        (object(), object()),
    ]  # fmt: skip
    for target, value in impossible:
        assert not update(target, value), (target, value)
    assert view.tobytes() == b"ab"


def test_update_without_a_change_does_not_disturb_autograd() -> None:
    weights = torch.ones(2, requires_grad=True)
    inputs = torch.tensor([1.0, float("nan")])
    product = (weights * inputs).sum()
    assert update([inputs], [inputs.clone()])
    product.backward()
    assert weights.grad is not None


def test_update_tells_whether_a_tensor_now_requires_grad() -> None:
    inputs = torch.ones(2)
    assert update(inputs, torch.ones(2, requires_grad=True))
    assert inputs.requires_grad
