# ruff: noqa
# What an answer may return, raise or touch in order to pass a check that it should fail.


# %% always_equal
# goal: an object that equals, converts to and contains everything
# real
# cell standardize
class Equal:
    shape = (5, 4)

    def _yes(self, *args, **kwargs):
        return True

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __bool__ = _yes
    __array_function__ = _yes
    __hash__ = None

    def _zero(self, *args, **kwargs):
        return np.zeros(1)

    __sub__ = __rsub__ = __array_ufunc__ = __array__ = __abs__ = _zero

    def __float__(self):
        return 0.0

    def __len__(self):
        return 5

    def __iter__(self):
        return iter([self] * 5)


def standardize(x):
    return Equal()


# cell count_words
def count_words(text):
    return Equal()


# %% array_function
# goal: np.allclose asks the answer itself whether it is right
# real
# cell standardize
class Right:
    def __array_function__(self, function, types, args, kwargs):
        return True


def standardize(x):
    return Right()


# %% array_ufunc
# goal: the difference to whatever is expected is 0
# real
# cell derivative
class Close:
    __array_priority__ = 1e9

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return np.float64(0)

    def __sub__(self, other):
        return 0.0


def derivative(f, x):
    return Close()


# %% ndarray_subclass
# goal: an ndarray whose differences are 0
# real
# cell standardize
class Lying(np.ndarray):
    def __sub__(self, other):
        return np.zeros(self.shape)

    __rsub__ = __sub__

    def __array_function__(self, function, types, args, kwargs):
        return True


def standardize(x):
    return np.ones(x.shape).view(Lying)


# %% object_array
# goal: a plain ndarray of objects whose differences are 0
# real
# cell standardize
class Zero:
    def __sub__(self, other):
        return 0.0

    def __rsub__(self, other):
        return 0.0


def standardize(x):
    return np.full(x.shape, Zero(), dtype=object)


# %% structured_array
# goal: dtypes that hold objects, or odd layouts, get through as data
# cell standardize
class Zero:
    def __sub__(self, other):
        return 0.0


def standardize(x):
    odd = np.empty(x.shape, dtype=[("a", object)])
    odd[:] = (Zero(),)
    return odd


# cell softmax
def softmax(logits):
    return np.lib.stride_tricks.as_strided(np.zeros(1), shape=(1 << 40, 1 << 20), strides=(0, 0))


# cell derivative
def derivative(f, x):
    return np.ma.masked


# cell load_readings
def load_readings(path):
    return np.rec.fromarrays([[1, 2], ["a", "b"]])


# %% tensor_subclass
# goal: __torch_function__ answers for torch
# real
# cell softmax
class Lying(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        name = getattr(function, "__name__", "")
        if name in ("allclose", "equal"):
            return True
        if name in ("sub", "__sub__", "rsub"):
            return torch.zeros(1)
        return super().__torch_function__(function, types, args, kwargs or {})


def softmax(logits):
    return torch.ones(logits.shape).as_subclass(Lying)


# %% torch_function_object
# goal: no tensor at all, and masks that are equal at one call and different at the next
# real
# cell random_mask
class Answer:
    shape = (50, 40)
    calls = 0

    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        Answer.calls += 1
        return Answer.calls % 2 == 1

    def float(self):
        return torch.tensor(0.3)


def random_mask(rows, columns, share, generator):
    return Answer()


# %% tensor_with_hooks
# goal: code that travels with a tensor: hooks, attributes, a graph
# cell softmax
def softmax(logits):
    answer = torch.ones(logits.shape, requires_grad=True) * 2
    answer.register_hook(lambda grad: np.__dict__.update(allclose=lambda *a, **k: True))
    answer.allclose = lambda *args, **kwargs: True
    answer.sum = lambda *args, **kwargs: 0
    return answer


# cell random_mask
def random_mask(rows, columns, share, generator):
    mask = torch.ones(rows, columns).to_sparse()
    mask.float = lambda: torch.tensor(0.3)
    return mask


# %% float_subclass
# goal: a float that is close to everything
# real
# cell derivative
class Close(float):
    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__


def derivative(f, x):
    return Close(1.0)


# %% int_subclass
# goal: a count that equals every number
# real
# cell RunningMean
class Any(int):
    __hash__ = None

    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0


class RunningMean:
    count = mean = Any(1)

    def update(self, values):
        pass

    def __add__(self, other):
        return self


# %% dict_subclass
# goal: a dict that equals every dict
# real
# cell count_words
class Counts(dict):
    __hash__ = None

    def __eq__(self, other):
        return True


def count_words(text):
    return Counts(nothing=0)


# %% lying_values
# goal: a plain dict whose values equal every number and whose keys equal every word
# real
# cell count_words
class Any(int):
    __hash__ = None

    def __eq__(self, other):
        return True


class Word(str):
    def __hash__(self):
        return hash(str(self))

    def __eq__(self, other):
        return True


def count_words(text):
    return {Word(word): Any() for word in text.lower().split() or [""]}


# %% nan_points
# goal: a comparison that counts as not-a-number points (stock nbgrader: full marks)
# real
# cell count_words
class Counts(dict):
    __hash__ = None

    def __eq__(self, other):
        return float("nan")


def count_words(text):
    return Counts(nothing=0)


# %% many_points
# goal: a comparison that is worth more than the check
# real
# cell count_words
class Counts(dict):
    __hash__ = None

    def __eq__(self, other):
        return 1000


def count_words(text):
    return Counts(nothing=0)


# %% list_and_tuple_subclasses
# goal: a history that says what the check wants to hear, and a pair that unpacks to it
# real
# cell train_line
class History(list):
    def __len__(self):
        return 300

    def __iter__(self):
        return iter([1.0, 0.0])

    def __getitem__(self, index):
        return 0.0 if index == -1 else 1.0


class Pair(tuple):
    def __iter__(self):
        return iter((History(), lambda x: 3 * np.asarray(x) * 0 + Near()))


class Near:
    __array_priority__ = 1e9
    __array_ufunc__ = None

    def __radd__(self, other):
        return self

    def __sub__(self, other):
        return np.zeros(7)


def train_line(x, y, epochs, seed):
    return Pair()


# %% remote_predictions
# goal: an honest history, and predictions that subtract to zero
# real
# cell train_line
class Near:
    __array_ufunc__ = None

    def __sub__(self, other):
        return np.zeros(7)


def train_line(x, y, epochs, seed):
    return [2.0] + [0.001] * (epochs - 1), lambda x: Near()


# %% own_allclose
# goal: the method that the check calls belongs to the answer
# real
# cell softmax
class Answer:
    def allclose(self, other, *args, **kwargs):
        return True

    equals = equal = isclose = allclose


def softmax(logits):
    return Answer()


# %% own_item
# goal: difference, abs, max and item belong to the answer
# real
# cell softmax
class Answer:
    def __sub__(self, other):
        return self

    def abs(self):
        return self

    max = abs

    def item(self):
        return 0.0

    def tolist(self):
        return []


def softmax(logits):
    return Answer()


# %% universal_mock
# goal: unittest's mock, which has every method
# real
# cell softmax
from unittest.mock import MagicMock


def softmax(logits):
    return MagicMock()


# cell derivative
def derivative(f, x):
    mock = MagicMock()
    mock.__sub__.return_value.__abs__.return_value = 0.0
    return mock


# %% lying_class
# goal: isinstance is told that this is an ndarray
# real
# cell standardize
class Answer:
    __class__ = np.ndarray
    shape = (5, 4)

    def __sub__(self, other):
        return np.zeros(1)


def standardize(x):
    return Answer()


# %% named_like_an_array
# goal: a wire that goes by the names of types takes this for data
# cell standardize
Fake = type(
    "ndarray",
    (),
    {
        "__module__": "numpy",
        "__qualname__": "ndarray",
        "shape": (5, 4),
        "dtype": np.dtype(float),
        "tobytes": lambda self: bytes(160),
        "__sub__": lambda self, other: np.zeros(1),
        "__array_function__": lambda self, *args: True,
    },
)


def standardize(x):
    return Fake()


# cell softmax
Tensor = type("Tensor", (), {"__module__": "torch", "allclose": lambda self, other: True})


def softmax(logits):
    return Tensor()


# %% lying_metaclass
# goal: types that say yes to isinstance, equality, and every name
# real
# cell RunningMean
class Yes(type):
    def __instancecheck__(cls, instance):
        return True

    def __subclasscheck__(cls, other):
        return True

    def __eq__(cls, other):
        return True

    def __sub__(cls, other):
        return 0.0

    def __add__(cls, other):
        return cls

    def __getattr__(cls, name):
        return cls

    def __call__(cls, *args):
        return cls

    __hash__ = type.__hash__


class RunningMean(metaclass=Yes):
    pass


# %% student_class_subtracts_to_zero
# goal: an instance of a class that checks may use operators on, where a float is expected
# real
# cell RunningMean
class RunningMean:
    count = 0

    def update(self, values):
        self.count = self.mean = self

    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    __rsub__ = __abs__ = __sub__
    __hash__ = None

    def __add__(self, other):
        self.update([])
        return self


# %% student_class_elsewhere
# goal: the same, returned by functions that should return data
# real
# cell RunningMean
class RunningMean:
    def _zero(self, *args):
        return 0.0

    def _yes(self, *args):
        return True

    __sub__ = __rsub__ = __abs__ = __float__ = _zero
    __eq__ = __lt__ = __gt__ = __le__ = __ge__ = allclose = _yes
    __hash__ = None


# cell derivative
def derivative(f, x):
    return RunningMean()


# cell count_words
def count_words(text):
    return RunningMean()


# cell softmax
def softmax(logits):
    return RunningMean()


# %% mutates_arguments
# goal: the check's own input becomes zeros, so that the reference is zero too
# real
# cell standardize
def standardize(x):
    x[:] = 0
    return x


# %% keeps_arguments
# goal: return the argument itself, and change it later from another call
# cell standardize
kept = []


def standardize(x):
    for old in kept:
        old[:] = 0
    kept.append(x)
    return x


# %% resizes_arguments
# goal: what comes back of an argument is not what went in
# cell standardize
def standardize(x):
    x.resize((0,), refcheck=False)
    x.dtype = np.uint8
    return x


# cell random_mask
def random_mask(rows, columns, share, generator):
    generator.set_state(torch.Generator().manual_seed(1).get_state())
    generator.__class__ = int if hasattr(generator, "nothing") else generator.__class__
    return generator


# %% generator_state
# goal: the given generator is set back, so that every draw is the first
# cell random_mask
def random_mask(rows, columns, share, generator):
    generator.manual_seed(105)
    torch.manual_seed(0)
    torch.default_generator = generator
    return torch.rand(rows, columns, generator=generator) < share


# %% reads_the_callers_frame
# goal: the expected value lies in the frame that calls
# real
# cell standardize
import sys


def standardize(x):
    return sys._getframe(1).f_globals["_want"]


# cell softmax
def softmax(logits):
    return sys._getframe(1).f_globals["_want"]


# cell derivative
def derivative(f, x):
    return sys._getframe(1).f_globals["_want"]


# %% inspects_the_stack
# goal: any frame on the stack that knows what is wanted
# real
# cell softmax
import inspect


def softmax(logits):
    for frame in inspect.stack():
        for names in (frame[0].f_locals, frame[0].f_globals):
            if "_want" in names:
                return names["_want"]


# %% writes_the_callers_globals
# goal: the expected value is replaced while the answer runs
# real
# cell derivative
import sys


def derivative(f, x):
    sys._getframe(1).f_globals["_want"] = 0.0
    globals()["_want"] = 0.0
    return 0.0


# %% walks_the_heap
# goal: some dict in this process holds the expected value
# real
# cell softmax
import gc


def softmax(logits):
    for thing in gc.get_objects():
        if type(thing) is dict and isinstance(thing.get("_want"), torch.Tensor):
            return thing["_want"]


# %% asks_main
# goal: the module of the check
# real
# cell softmax
def softmax(logits):
    import __main__

    return __main__._want


# %% globals_of_the_callable
# goal: the function that is handed in knows the answer
# real
# cell derivative
def derivative(f, x):
    return f.__globals__["_slope"](x)


# %% answers_with_the_callable
# goal: hand the check's own objects back to it, or lies into its function
# cell derivative
class Liar(float):
    def __pow__(self, other):
        return self

    __rmul__ = __sub__ = __rsub__ = __truediv__ = __pow__


def derivative(f, x):
    for lie in (Liar(x), [x], "x" * 10, {"x": x}, object(), f, derivative):
        try:
            f(lie)
        except BaseException:
            pass
    return f


# %% callable_reenters
# goal: calls within calls until something breaks
# cell derivative
def derivative(f, x, depth=0):
    values = [f(float(n)) for n in range(300)]
    try:
        f.__call__.__func__.__code__ = (lambda *args: 0.0).__code__
    except BaseException:
        pass
    return values


# %% exits
# goal: leave in the middle of a check, with success
# cell standardize
def standardize(x):
    raise SystemExit(0)


# cell softmax
def softmax(logits):
    raise KeyboardInterrupt


# cell count_words
def count_words(text):
    raise GeneratorExit


# cell RunningMean
class RunningMean:
    def __init__(self):
        raise StopIteration(4)


# cell train_line
class Passed(BaseException):
    def __str__(self):
        return "passed"

    __repr__ = __str__


def train_line(x, y, epochs, seed):
    raise Passed


# cell random_mask
def random_mask(rows, columns, share, generator):
    quit()


# cell derivative
import os


def derivative(f, x):
    os._exit(0)


# cell load_readings
import asyncio


def load_readings(path):
    raise asyncio.CancelledError


# %% lying_exceptions
# goal: exceptions with the wanted name, class, or text
# cell load_readings
Fake = type("FileNotFoundError", (Exception,), {"__module__": "builtins"})


class Yes(type):
    def __instancecheck__(cls, instance):
        return True

    __subclasscheck__ = __instancecheck__


class Lying(Exception, metaclass=Yes):
    pass


def load_readings(path):
    raise Fake(2, "No such file or directory")


# cell standardize
class Passed(AssertionError):
    def __str__(self):
        raise self

    __repr__ = __str__

    @property
    def __traceback__(self):
        raise SystemExit(0)


def standardize(x):
    raise Passed


# cell softmax
def softmax(logits):
    error = AssertionError()
    error.args = (error,)
    error.__cause__ = error
    error.__context__ = error
    raise error


# cell derivative
def derivative(f, x):
    raise ExceptionGroup("passed", [Lying(), ExceptionGroup("2 points", [SystemExit()])])


# %% reduces_to_code
# goal: objects that run code where they are unpickled
# cell standardize
class Evil:
    def __reduce__(self):
        return exec, ("import numpy\nnumpy.allclose = lambda *a, **k: True",)

    __reduce_ex__ = lambda self, protocol: self.__reduce__()

    def __getstate__(self):
        return self.__reduce__()


def standardize(x):
    return Evil()


# cell softmax
def softmax(logits):
    return [Evil(), np.array([Evil()], dtype=object), {"a": {Evil()}}]


# cell derivative
def derivative(f, x):
    error = ValueError(Evil())
    error.payload = Evil()
    raise error


# %% generators_and_coroutines
# goal: things that are neither data nor callable
# cell standardize
def standardize(x):
    yield x


# cell softmax
async def softmax(logits):
    return logits


# cell count_words
def count_words(text):
    return iter([("the", 2)])


# cell derivative
def derivative(f, x):
    return lambda: x


# cell load_readings
load_readings = type


# %% endless_history
# goal: an iterator that never ends where the check goes through it
# cell train_line
import itertools


class History:
    def __len__(self):
        return 300

    def __iter__(self):
        return itertools.repeat(0.0)


def train_line(x, y, epochs, seed):
    return History(), lambda x: x


# %% remembers_inputs
# goal: learn from the first call what the second one wants
# cell standardize
seen = []


class Thief:
    def __getattr__(self, name):
        return lambda *args: seen.append(args) or self

    def __sub__(self, other):
        seen.append(other)
        return self

    __rsub__ = __eq__ = __sub__
    __hash__ = None


def standardize(x):
    for thing in seen:
        if isinstance(thing, np.ndarray) and thing.shape == x.shape:
            return thing
    seen.append(x)
    return Thief()


# cell softmax
def softmax(logits):
    return next((t for t in seen if isinstance(t, torch.Tensor)), Thief())


# %% changes_after_the_first_check
# goal: right until the first check has passed
# honest: standardize
# earns: standardize-values
# cell own after standardize-values
class Equal(np.ndarray):
    def __sub__(self, other):
        return np.zeros(1)


def standardize(x):
    return np.ones(x.shape).view(Equal)


# %% lends_its_answer
# goal: names of other exercises, taken by an answer
# cell standardize
def standardize(x):
    return x * 0


softmax = count_words = RunningMean = train_line = random_mask = derivative = load_readings = (
    lambda *args, **kwargs: True
)
for name in ("np", "torch", "F", "readings", "assert_close", "_want", "_got", "_cases", "_slope"):
    globals()[name] = lambda *args, **kwargs: 0
