"""Random generators: their state, whose bounds the libraries do not check."""

import random
import struct
import sys
from collections.abc import Mapping
from typing import Any

from autograder.engine.wire.decoder import Decoder
from autograder.engine.wire.encoder import Encoder
from autograder.engine.wire.message import WireError
from autograder.engine.wire.registry import exact, late, library, reads, register


def _put_random(encoder: Encoder, value: random.Random, depth: int) -> bool:
    version, words, gauss = random.Random.getstate(value)
    if version != 3 or (gauss is not None and type(gauss) is not float):
        return False
    encoder.token(b"random.Random", gauss)
    encoder.put_all(words, depth)
    return True


@reads(b"random.Random")
def _get_random(decoder: Decoder, depth: int) -> random.Random:
    gauss = decoder.token()
    words = tuple(decoder.get_all(depth))
    if not (gauss is None or type(gauss) is float) or not exact(int, *words):
        raise WireError("not a state of random.Random")
    value = random.Random(0)
    value.setstate((3, words, gauss))  # checks number, size and position itself
    return value


def _update_random(target: random.Random, value: random.Random) -> bool:
    target.setstate(value.getstate())
    return True


# Words of the state by bit generator: (name in the state, dtype, number); the highest position.
_BIT_GENERATORS: Mapping[str, tuple[tuple[tuple[str, str, int], ...], int]] = {
    "MT19937": ((("key", "u4", 624),), 624),
    "Philox": ((("counter", "u8", 4), ("key", "u8", 2), ("buffer", "u8", 4)), 4),
    "SFC64": ((("state", "u8", 4),), 0),
    "PCG64": ((("state", "u16", 1), ("inc", "u16", 1)), 0),
    "PCG64DXSM": ((("state", "u16", 1), ("inc", "u16", 1)), 0),
}


def _put_bit_generator(encoder: Encoder, bits: Any, *head: object) -> bool:
    """The head, name, position, the spare half word, and the words; nothing for other types."""
    numpy_random = sys.modules["numpy.random"]
    name = next((n for n in _BIT_GENERATORS if type(bits) is getattr(numpy_random, n)), None)
    if name is None:
        return False
    state = bits.state
    inner = state["state"]
    position = inner.get("pos", state.get("buffer_pos", 0))
    encoder.token(*head, name, int(position), state.get("has_uint32", 0), state.get("uinteger", 0))
    for key, kind, _ in _BIT_GENERATORS[name][0]:
        words = state[key] if key == "buffer" else inner[key]
        data = words.to_bytes(16, "little") if kind == "u16" else words.astype(kind).tobytes()
        encoder.blob(data, len(data))
    return True


def _get_bit_generator(decoder: Decoder) -> Any:
    np = library("numpy")
    name = decoder.text()
    parts, highest = _BIT_GENERATORS[name]
    position = decoder.integer(0, highest)
    spare = {"has_uint32": decoder.integer(0, 1), "uinteger": decoder.integer(0, 2**32 - 1)}
    words: dict[str, Any] = {}
    for key, kind, size in parts:
        if kind == "u16":
            words[key] = int.from_bytes(decoder.blob(16), "little")
        else:
            width = 4 if kind == "u4" else 8
            words[key] = np.frombuffer(decoder.blob(width * size), kind).copy()
    state: dict[str, Any] = {"bit_generator": name, "state": words, **spare}
    if name == "MT19937":
        words["pos"] = position
    elif name == "Philox":
        state |= {"buffer": words.pop("buffer"), "buffer_pos": position}
    bits = getattr(np.random, name)(0)
    bits.state = state
    return bits


def _put_numpy_generator(encoder: Encoder, value: Any, depth: int) -> bool:
    return _put_bit_generator(encoder, value.bit_generator, b"numpy.Generator")


@reads(b"numpy.Generator")
def _get_numpy_generator(decoder: Decoder, depth: int) -> object:
    return library("numpy").random.Generator(_get_bit_generator(decoder))


def _update_numpy_generator(target: Any, value: Any) -> bool:
    if type(target.bit_generator) is not type(value.bit_generator):
        return False
    target.bit_generator.state = value.bit_generator.state
    return True


def _put_random_state(encoder: Encoder, value: Any, depth: int) -> bool:
    state = value.get_state(legacy=False)
    head = (b"numpy.RandomState", state["has_gauss"], float(state["gauss"]))
    return _put_bit_generator(encoder, value._bit_generator, *head)


@reads(b"numpy.RandomState")
def _get_random_state(decoder: Decoder, depth: int) -> object:
    gauss = {"has_gauss": decoder.integer(0, 1), "gauss": decoder.number()}
    value = library("numpy").random.RandomState(_get_bit_generator(decoder))
    value.set_state({**value.get_state(legacy=False), **gauss})
    return value


def _update_random_state(target: Any, value: Any) -> bool:
    if type(target._bit_generator) is not type(value._bit_generator):
        return False
    target.set_state(value.get_state(legacy=False))
    return True


@late("numpy.random")
def _register_numpy_random(numpy_random: Any) -> None:
    register(numpy_random.Generator, _put_numpy_generator, _update_numpy_generator)
    register(numpy_random.RandomState, _put_random_state, _update_random_state)


def _put_torch_generator(encoder: Encoder, value: Any, depth: int) -> bool:
    if value.device.type != "cpu":
        return False
    data = value.get_state().numpy().tobytes()
    encoder.token(b"torch.Generator")
    encoder.blob(data, len(data))
    return True


# CPUGeneratorImplState: seed, left, seeded, next, 624 words, three normals and two flags.
_TORCH_STATE = struct.Struct("<QiiQ624Q3dixxxxf?xxx")


@reads(b"torch.Generator")
def _get_torch_generator(decoder: Decoder, depth: int) -> object:
    data = bytearray(decoder.blob(_TORCH_STATE.size))
    _, left, seeded, following, *rest = _TORCH_STATE.unpack(data)
    # `left` draws start at word `following`; torch itself would read on behind the last word.
    if seeded != 1 or not 1 <= left <= 624 or left + following > 625 or max(rest[:624]) >= 2**32:
        raise WireError("not a state of torch.Generator")
    if data[-4] > 1 or rest[627] not in (0, 1):
        raise WireError("a truth value that is neither 0 nor 1")
    torch = library("torch")
    value = torch.Generator(device="cpu")
    value.set_state(torch.frombuffer(data, dtype=torch.uint8))
    return value


def _update_torch_generator(target: Any, value: Any) -> bool:
    target.set_state(value.get_state())
    return True


@late("torch")
def _register_torch_random(torch: Any) -> None:
    register(torch.Generator, _put_torch_generator, _update_torch_generator)


register(random.Random, _put_random, _update_random)
