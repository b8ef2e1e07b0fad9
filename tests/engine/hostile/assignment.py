"""The assignment of the hostile class: eight exercises, with checks as courses really write them.

The checks are naive on purpose (they compare with `==`, call `.allclose`, subtract and trust):
the engine has to keep marks from being forged even where a check does not defend itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

NAME = "01_signals"
NOTEBOOK = "signals"
DATA_FILE = "readings.csv"
DATA = "time,volts\n" + "".join(f"{n / 10},{(n * n) % 17 - 8}\n" for n in range(40))

SETUP = """\
import csv

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
readings = np.loadtxt("readings.csv", delimiter=",", skiprows=1)


def assert_close(got, want, what):
    np.testing.assert_allclose(got, want, atol=1e-6, err_msg=what)
"""

# Head and body of each reference; the name is the answer's grade_id.
_EXERCISES: dict[str, tuple[str, str]] = {
    "standardize": (
        '''\
def standardize(x):
    """Shift and scale each column to mean 0 and standard deviation 1.

    x: float array, shape (N, D); stays as it is
    returns: float array, shape (N, D)
    """
''',
        "    return (x - x.mean(axis=0)) / (x.std(axis=0) + 1e-8)\n",
    ),
    "softmax": (
        '''\
def softmax(logits):
    """Turn each row into probabilities.

    logits: float tensor, shape (N, C)
    returns: float tensor, shape (N, C)
    """
''',
        "    e = torch.exp(logits - logits.max(dim=1, keepdim=True).values)\n"
        "    return e / e.sum(dim=1, keepdim=True)\n",
    ),
    "count_words": (
        '''\
def count_words(text):
    """Count the words of a text, in lower case.

    text: str
    returns: dict from word to int
    """
''',
        "    counts = {}\n    for word in text.lower().split():\n"
        "        counts[word] = counts.get(word, 0) + 1\n    return counts\n",
    ),
    "RunningMean": (
        '''\
class RunningMean:
    """The mean of numbers that arrive bit by bit.

    update(values): take in a list of floats
    mean:  float, the mean so far
    count: int, how many numbers came
    a + b: a RunningMean of everything that a and b have seen
    """
''',
        "    def __init__(self):\n        self.count, self.total = 0, 0.0\n\n"
        "    def update(self, values):\n        self.count += len(values)\n"
        "        self.total += sum(values)\n\n"
        "    @property\n    def mean(self):\n        return self.total / self.count\n\n"
        "    def __add__(self, other):\n        both = RunningMean()\n"
        "        both.count = self.count + other.count\n"
        "        both.total = self.total + other.total\n        return both\n",
    ),
    "train_line": (
        '''\
def train_line(x, y, epochs, seed):
    """Fit a straight line by gradient descent on the squared error.

    x, y: float arrays, shape (N,); epochs: int; seed: int
    returns: (history, predict): a list of floats, the loss of each epoch; and a function from
             a float array, shape (M,), to a float array, shape (M,)
    """
''',
        "    slope, offset = np.random.default_rng(seed).normal(size=2)\n    history = []\n"
        "    for _ in range(epochs):\n        error = slope * x + offset - y\n"
        "        history.append(float((error**2).mean()))\n"
        "        slope -= 0.2 * float((error * x).mean())\n"
        "        offset -= 0.2 * float(error.mean())\n\n"
        "    def predict(x):\n        return slope * x + offset\n\n    return history, predict\n",
    ),
    "random_mask": (
        '''\
def random_mask(rows, columns, share, generator):
    """Draw a mask of which about `share` is True.

    rows, columns: int; share: float; generator: torch.Generator, the only source of randomness
    returns: bool tensor, shape (rows, columns)
    """
''',
        "    return torch.rand(rows, columns, generator=generator) < share\n",
    ),
    "derivative": (
        '''\
def derivative(f, x):
    """Estimate the slope of a function by a central difference.

    f: a function from float to float; x: float
    returns: float
    """
''',
        "    return (f(x + 1e-5) - f(x - 1e-5)) / 2e-5\n",
    ),
    "load_readings": (
        '''\
def load_readings(path):
    """Read a table of numbers with one line of headings.

    path: str, a CSV file
    returns: float array, shape (lines, 2)
    raises: FileNotFoundError if there is no such file
    """
''',
        "    with open(path) as file:\n        rows = list(csv.reader(file))[1:]\n"
        "    return np.array(rows, dtype=float)\n",
    ),
}
ANSWERS: Mapping[str, str] = {name: head + body for name, (head, body) in _EXERCISES.items()}


@dataclass(frozen=True)
class Check:
    """A check cell; a hidden one is left out of the release. `grade_id` is `ANSWER-aspect`."""

    grade_id: str
    points: int
    source: str
    hidden: bool = False

    @property
    def answer(self) -> str:
        return self.grade_id.split("-")[0]


CHECKS = (
    Check(
        "standardize-values",
        2,
        """\
_x = np.array([[1.0, 2.0], [3.0, 6.0], [5.0, 10.0]])
_got = standardize(_x)
_want = (_x - _x.mean(axis=0)) / (_x.std(axis=0) + 1e-8)
assert np.allclose(_got, _want, atol=1e-5), f"standardize: got {_got!r}, expected {_want!r}"
""",
    ),
    Check(
        "standardize-random",
        2,
        """\
_rng = np.random.default_rng(101)
for _ in range(3):
    _x = _rng.normal(3, 2, size=(5, 4))
    _given = _x.copy()
    _want = (_x - _x.mean(axis=0)) / (_x.std(axis=0) + 1e-8)
    _got = standardize(_given)
    assert isinstance(_got, np.ndarray), f"standardize: returned {type(_got).__name__}"
    assert _got.shape == _want.shape, f"standardize: shape {_got.shape}, expected {_want.shape}"
    assert np.abs(_got - _want).max() < 1e-5, f"standardize: wrong for random numbers: {_got!r}"
    assert (_x == _given).all(), "standardize: the numbers that came in were changed"
""",
        hidden=True,
    ),
    Check(
        "softmax-values",
        2,
        """\
_z = torch.tensor([[1.0, 2.0, 3.0], [0.5, 0.5, 4.0]])
_want = F.softmax(_z, dim=1)
_got = softmax(_z)
assert torch.allclose(_got, _want, atol=1e-6), f"softmax: got {_got}, expected {_want}"
""",
    ),
    Check(
        "softmax-large",
        1,
        """\
_z = torch.tensor([[1000.0, 999.0], [-1000.0, 0.0]])
_want = F.softmax(_z, dim=1)
_got = softmax(_z)
assert _got.allclose(_want), f"softmax: large logits give {_got}, expected {_want}"
""",
    ),
    Check(
        "softmax-random",
        2,
        """\
import torch

_z = torch.randn(6, 5, generator=torch.Generator().manual_seed(102), dtype=torch.float64)
_want = torch.softmax(_z, dim=1)
_got = softmax(_z)
assert (_got - _want).abs().max().item() < 1e-6, f"softmax: wrong for random logits: {_got}"
""",
        hidden=True,
    ),
    Check(
        "count_words-partial",
        4,
        """\
_cases = {
    "the cat saw the dog": {"the": 2, "cat": 1, "saw": 1, "dog": 1},
    "One one ONE": {"one": 3},
    "": {},
    "a b  a": {"a": 2, "b": 1},
}
sum(count_words(_text) == _count for _text, _count in _cases.items())
""",
    ),
    Check(
        "RunningMean-updates",
        2,
        """\
_mean = RunningMean()
_mean.update([1.0, 2.0, 6.0])
_mean.update([7.0])
assert _mean.count == 4, f"RunningMean: count is {_mean.count}, expected 4"
assert abs(_mean.mean - 4.0) < 1e-9, f"RunningMean: mean is {_mean.mean}, expected 4"
""",
    ),
    Check(
        "RunningMean-merge",
        2,
        """\
from statistics import fmean

_rng = np.random.default_rng(103)
_one, _two = _rng.normal(size=5).tolist(), _rng.normal(size=9).tolist()
_a, _b = RunningMean(), RunningMean()
_a.update(_one)
_b.update(_two)
_both = _a + _b
assert isinstance(_both, RunningMean), "RunningMean: a + b is no RunningMean"
assert abs(_both.mean - fmean(_one + _two)) < 1e-9, f"RunningMean: merged mean {_both.mean}"
""",
        hidden=True,
    ),
    Check(
        "train_line-fit",
        3,
        """\
_x = np.random.default_rng(104).uniform(-1, 1, size=50)
_new = np.linspace(-1, 1, 7)
_want = 3 * _new - 2
_history, _predict = train_line(_x, 3 * _x - 2, 300, 5)
assert len(_history) == 300, f"train_line: {len(_history)} losses, expected 300"
assert all(np.isfinite(_loss) for _loss in _history), "train_line: a loss is not finite"
assert _history[-1] < 0.01 * _history[0], f"train_line: the loss ends at {_history[-1]}"
assert np.abs(_predict(_new) - _want).max() < 0.05, "train_line: predictions are off the line"
""",
    ),
    Check(
        "random_mask-draws",
        2,
        """\
_g = torch.Generator().manual_seed(105)
_first, _next = (random_mask(50, 40, 0.3, _g) for _ in range(2))
_again = random_mask(50, 40, 0.3, torch.Generator().manual_seed(105))
assert _first.shape == (50, 40), f"random_mask: shape {_first.shape}, expected (50, 40)"
assert torch.equal(_first, _again), "random_mask: draw from the generator that is given"
assert not torch.equal(_first, _next), "random_mask: the same mask twice"
assert abs(_first.float().mean() - 0.3) < 0.05, "random_mask: the share of True is wrong"
""",
    ),
    Check(
        "derivative-cubic",
        2,
        """\
_slope = lambda t: 3 * t**2 - 2
for _x in np.random.default_rng(106).uniform(-2, 2, size=4).tolist():
    _want = _slope(_x)
    _got = derivative(lambda t: t**3 - 2 * t, _x)
    assert abs(_got - _want) < 1e-4, f"derivative: got {_got} at {_x}, expected {_want}"
""",
        hidden=True,
    ),
    Check(
        "load_readings-file",
        2,
        'assert_close(load_readings("readings.csv"), readings, "load_readings: other numbers")\n',
    ),
    Check(
        "load_readings-missing",
        1,
        """\
try:
    load_readings("no_such_file.csv")
except FileNotFoundError:
    pass
else:
    raise AssertionError("load_readings: a missing file should raise FileNotFoundError")
""",
    ),
)
POINTS: Mapping[str, int] = {check.grade_id: check.points for check in CHECKS}
FULL = sum(POINTS.values())


def source_notebook(solution_canary: str, hidden_canary: str) -> Any:
    """The instructor's notebook. The canaries stand in every solution and every hidden check."""
    cells = [
        new_markdown_cell("# Signals\n\nEight small exercises.", id="title"),
        new_code_cell(SETUP, id="setup", metadata=_marks("setup", locked=True)),
    ]
    for name, (head, body) in _EXERCISES.items():
        solution = f"    ### BEGIN SOLUTION\n    # {solution_canary}\n{body}    ### END SOLUTION\n"
        cells.append(new_code_cell(head + solution, id=name, metadata=_marks(name, solution=True)))
        for check in CHECKS:
            if check.answer == name:
                cells.append(_check_cell(check, hidden_canary))
    marks = _marks("reflection", grade=True, solution=True, points=2)
    cells.append(new_markdown_cell("What did you learn?", id="reflection", metadata=marks))
    return new_notebook(cells=cells, metadata=KERNEL)


KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def _check_cell(check: Check, canary: str) -> Any:
    source = check.source
    if check.hidden:
        # On each line, for whoever shows one; and a value, for whoever searches memory.
        lines = [f"_secret = {canary!r}", *source.splitlines()]
        lines = [f"{line}  # {canary}" if line else line for line in lines]
        source = "\n".join(["### BEGIN HIDDEN TESTS", *lines, "### END HIDDEN TESTS"])
    metadata = _marks(check.grade_id, grade=True, locked=True, points=check.points)
    return new_code_cell(source, id=check.grade_id, metadata=metadata)


def _marks(grade_id: str, **marks: Any) -> dict[str, Any]:
    plain = {"grade": False, "locked": False, "solution": False, "task": False}
    return {"nbgrader": {**plain, "grade_id": grade_id, "schema_version": 3, **marks}}
