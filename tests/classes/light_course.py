"""A small nbgrader course on torch, made by the benchmark, and what a gradebook holds.

One assignment, `light`: a setup cell, six answers, twelve checks (two hidden, one with partial
credit), milliseconds each. Its submissions are a seeded mixture of right, wrong, mutating, broken
and missing answers.
"""

import copy
import os
import random
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.authoring.release import quiet_logger

ASSIGNMENT = "light"
NOTEBOOK = "light"
SETUP = "import numpy as np\nimport torch\n\nCLASSES = 5"
CONFIG = 'c = get_config()\n\nc.CourseDirectory.course_id = "light"\n'


@dataclass(frozen=True)
class Exercise:
    """One exercise. An answer is `head` and a body below it.

    bodies: by kind: right (the reference first), wrong, mutating (it changes its arguments),
            broken (it raises)
    checks: grade_id, points, source
    """

    name: str
    head: str
    bodies: Mapping[str, list[str]]
    checks: list[tuple[str, int, str]]

    def answer(self, body: str) -> str:
        return f"{self.head}\n{body}"


def _exercise(text: str) -> Exercise:
    """Read an exercise: the head, then a part for each body and check below a `# -- ` line."""
    head, *parts = text.rstrip().split("\n# -- ")
    bodies: dict[str, list[str]] = defaultdict(list)
    checks = []
    for part in parts:
        kind, _, source = part.partition("\n")
        if kind.startswith(("check ", "hidden ")):
            how, grade_id, points = kind.split()
            checks.append(
                (grade_id, int(points), HIDDEN.format(source) if how == "hidden" else source)
            )
        else:
            bodies[kind].append(source)
    return Exercise(checks[0][0].split("-")[0], head, bodies, checks)


STUB = "    raise NotImplementedError()"
HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"

_TEXTS = (
    '''\
def softmax(logits):
    """Probabilities along the last axis of logits."""
# -- right
    shifted = logits - logits.max(-1, keepdim=True).values
    return shifted.exp() / shifted.exp().sum(-1, keepdim=True)
# -- right
    return torch.softmax(logits, dim=-1)
# -- right
    return torch.from_numpy(np.exp(torch.log_softmax(logits, -1).numpy()))
# -- wrong
    return logits.exp() / logits.exp().sum(-1, keepdim=True)
# -- wrong
    return torch.softmax(logits, dim=0)
# -- wrong
    return logits
# -- wrong
    return torch.softmax(logits, dim=-1).tolist()
# -- wrong
    pass
# -- mutating
    logits -= logits.max(-1, keepdim=True).values
    return logits.exp() / logits.exp().sum(-1, keepdim=True)
# -- broken
    return logit.exp()
# -- broken
    return logits.exp( / 2
# -- check softmax-values 2
_generator = torch.Generator().manual_seed(1)
_logits = torch.randn(3, 4, CLASSES, generator=_generator, dtype=torch.float64)
_before = _logits.clone()
_output = softmax(_logits)
assert _output.shape == _before.shape, f"softmax: shape {tuple(_output.shape)}"
_expected = torch.softmax(_before, -1)
assert torch.allclose(_output, _expected), "softmax: rows do not sum to 1"
assert torch.equal(_logits, _before), "softmax: it changed its argument"
# -- hidden softmax-large 1
_output = softmax(torch.tensor([[1e4, 0.0, -1e4], [5.0, 5.0, 5.0]]))
assert torch.isfinite(_output).all(), "softmax: large logits overflow"
assert torch.allclose(_output.sum(-1), torch.ones(2))
''',
    '''\
def correlate(signal, kernel):
    """Slide kernel over signal, both 1-D arrays."""
# -- right
    steps = len(signal) - len(kernel) + 1
    return np.array([signal[i : i + len(kernel)] @ kernel for i in range(steps)])
# -- right
    return np.correlate(signal, kernel, mode="valid")
# -- right
    windows = np.lib.stride_tricks.sliding_window_view(signal, len(kernel))
    return windows @ kernel
# -- wrong
    return np.convolve(signal, kernel, mode="valid")
# -- wrong
    return np.correlate(signal, kernel, mode="same")
# -- wrong
    return signal
# -- wrong
    return [0.0] * (len(signal) - len(kernel) + 1)
# -- mutating
    signal[0] = 0.0
    steps = len(signal) - len(kernel) + 1
    return np.array([signal[i : i + len(kernel)] @ kernel for i in range(steps)])
# -- broken
    return signal.correlate(kernel)
# -- broken
    raise ValueError('no idea')
# -- check correlate-values 2
_signal = np.random.default_rng(2).normal(size=11)
_output = correlate(_signal.copy(), np.array([1.0, 1.0, 1.0]))
_expected = np.correlate(_signal, np.ones(3), mode="valid")
assert len(_output) == 9, f"correlate: {len(_output)} values, expected 9"
assert np.allclose(_output, _expected), "correlate: wrong values"
# -- check correlate-flipped 1
_signal = np.random.default_rng(3).normal(size=7)
_kernel = np.array([1.0, 2.0, 4.0])
_before = _signal.copy()
_output = correlate(_signal, _kernel)
assert np.array_equal(_signal, _before), "correlate: it changed its argument"
_expected = np.correlate(_before, _kernel, mode="valid")
assert np.allclose(_output, _expected), "correlate: the kernel is flipped"
''',
    '''\
class MovingAverage:
    """An exponential average: update(value), then read mean."""
# -- right
    def __init__(self, rate):
        self.rate = rate
        self.mean = None

    def update(self, value):
        old = value if self.mean is None else self.mean
        self.mean = (1 - self.rate) * old + self.rate * value
# -- right
    def __init__(self, rate):
        self.rate, self.seen = rate, []

    def update(self, value):
        self.seen.append(value)

    @property
    def mean(self):
        result = self.seen[0]
        for value in self.seen[1:]:
            result += self.rate * (value - result)
        return result
# -- wrong
    def __init__(self, rate):
        self.rate = rate
        self.mean = 0.0

    def update(self, value):
        self.mean = (1 - self.rate) * self.mean + self.rate * value
# -- wrong
    mean = None

    def __init__(self, rate):
        self.rate = rate

    def update(self, value):
        old = value if MovingAverage.mean is None else MovingAverage.mean
        MovingAverage.mean = (1 - self.rate) * old + self.rate * value
# -- broken
    def __init__(self):
        self.mean = 0.0
# -- check MovingAverage-mean 2
_average = MovingAverage(0.25)
for _value in (4.0, 8.0, 0.0):
    _average.update(_value)
assert abs(_average.mean - 3.75) < 1e-9, f"mean is {_average.mean}, expected 3.75"
# -- check MovingAverage-apart 1
_first, _second = MovingAverage(0.5), MovingAverage(0.5)
_first.update(10.0)
_second.update(2.0)
assert _second.mean == 2.0, "two averages share their state"
''',
    '''\
def sgd_step(parameters, gradients, rate):
    """New list of parameters: one step."""
# -- right
    return [p - rate * g for p, g in zip(parameters, gradients)]
# -- right
    new = []
    for index in range(len(parameters)):
        new.append(parameters[index].sub(gradients[index], alpha=rate))
    return new
# -- wrong
    return [p + rate * g for p, g in zip(parameters, gradients)]
# -- wrong
    return [p - g for p, g in zip(parameters, gradients)]
# -- wrong
    return parameters[0] - rate * gradients[0]
# -- mutating
    for p, g in zip(parameters, gradients):
        p -= rate * g
    return parameters
# -- mutating
    gradients.reverse()
    gradients.reverse()
    return [p.sub_(rate * g) for p, g in zip(parameters, gradients)]
# -- broken
    return parameters - rate * gradients
# -- check sgd_step-values 2
_parameters = [torch.ones(2, 3), torch.arange(4.0)]
_gradients = [torch.full((2, 3), 2.0), torch.ones(4)]
_new = sgd_step(_parameters, _gradients, 0.1)
assert len(_new) == 2, f"sgd_step: {len(_new)} tensors, expected 2"
assert torch.allclose(_new[0], torch.full((2, 3), 0.8))
assert torch.allclose(_new[1], torch.arange(4.0) - 0.1)
# -- check sgd_step-untouched 1
_parameters, _gradients = [torch.zeros(3)], [torch.ones(3)]
sgd_step(_parameters, _gradients, 0.5)
assert torch.equal(_parameters[0], torch.zeros(3)), "sgd_step: parameters changed"
assert torch.equal(_gradients[0], torch.ones(3)), "sgd_step: gradients changed"
''',
    '''\
def normalize(images):
    """Mean 0, deviation 1 by channel; (batch, channel, h, w)."""
# -- right
    mean = images.mean((0, 2, 3), keepdim=True)
    deviation = images.std((0, 2, 3), correction=0, keepdim=True)
    return (images - mean) / deviation.clamp_min(1e-8)
# -- right
    return torch.nn.functional.batch_norm(images, None, None, training=True)
# -- wrong
    return (images - images.mean()) / images.std(correction=0)
# -- wrong
    return images - images.mean((0, 2, 3), keepdim=True)
# -- wrong
    mean = images.mean((0, 2, 3), keepdim=True)
    return (images - mean) / images.std((0, 2, 3), correction=0, keepdim=True)
# -- wrong
    mean = images.mean((2, 3), keepdim=True)
    return (images - mean) / images.std((2, 3), correction=0, keepdim=True)
# -- mutating
    images -= images.mean((0, 2, 3), keepdim=True)
    images /= images.std((0, 2, 3), correction=0, keepdim=True)
    return images
# -- broken
    return images.normalize()
# -- broken
    import tourch
# -- check normalize-partial 4
_generator = torch.Generator().manual_seed(4)
_images = 3 + 2 * torch.rand(5, 3, 4, 6, generator=_generator)
_images[:, 1] *= 10
_before = _images.clone()
_output = normalize(_images)
_means = _output.mean((0, 2, 3))
_deviations = _output.std((0, 2, 3), correction=0)
_points = 1 * bool(_output.shape == _before.shape)
_points += 1 * bool((_means.abs() < 1e-4).all())
_points += 1 * bool(((_deviations - 1).abs() < 1e-3).all())
_points += 1 * bool(torch.equal(_images, _before))
_points
# -- hidden normalize-constant 1
_output = normalize(torch.full((2, 3, 4, 4), 7.0))
assert torch.isfinite(_output).all(), "normalize: division by zero"
assert _output.abs().max() < 1e-3
''',
    '''\
def fit(x, y, steps, rate):
    """Fit y = x w by gradient descent; losses, predict."""
# -- right
    weights = torch.zeros(x.shape[1], requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((x @ weights - y) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            weights -= rate * weights.grad
            weights.grad.zero_()
    return losses, lambda new: (new @ weights).detach()
# -- right
    weights = torch.zeros(x.shape[1])
    losses = []
    for _ in range(steps):
        error = x @ weights - y
        losses.append((error**2).mean())
        weights = weights - rate * 2 * x.T @ error / len(x)
    return losses, lambda new: new @ weights
# -- right
    layer = torch.nn.Linear(x.shape[1], 1, bias=False)
    torch.nn.init.zeros_(layer.weight)
    optimizer = torch.optim.SGD(layer.parameters(), lr=rate)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(layer(x)[:, 0], y)
        loss.backward()
        optimizer.step()
        losses.append(loss)
    return losses, lambda new: layer(new)[:, 0]
# -- wrong
    weights = torch.zeros(x.shape[1], requires_grad=True)
    losses = []
    for _ in range(steps):
        loss = ((x @ weights - y) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            weights -= rate * weights.grad
    return losses, lambda new: (new @ weights).detach()
# -- wrong
    weights = torch.zeros(x.shape[1])
    return [1.0] * steps, lambda new: new @ weights
# -- wrong
    weights = torch.linalg.lstsq(x, y[:, None]).solution[:, 0]
    return [1.0, 0.01], lambda new: new @ weights
# -- mutating
    y -= y.mean()
    weights = torch.linalg.lstsq(x, y[:, None]).solution[:, 0]
    return [1.0 / (n + 1) for n in range(steps)], lambda new: new @ weights
# -- broken
    return fit_line(x, y)
# -- check fit-losses 1
_x = torch.randn(40, 3, generator=torch.Generator().manual_seed(5))
_y = _x @ torch.tensor([1.0, -2.0, 0.5]) + 1
_before = _y.clone()
_losses, _predict = fit(_x, _y, 60, 0.1)
assert len(_losses) == 60, f"fit: {len(_losses)} losses, expected 60"
assert _losses[-1] < 0.5 * _losses[0], "fit: the loss does not fall"
assert torch.equal(_y, _before), "fit: it changed its argument"
# -- check fit-predict 2
_x = torch.randn(40, 2, generator=torch.Generator().manual_seed(6))
_losses, _predict = fit(_x, _x @ torch.tensor([3.0, -1.0]), 200, 0.1)
_new = _predict(torch.tensor([[1.0, 1.0], [0.0, 2.0]]))
assert torch.allclose(_new, torch.tensor([2.0, -2.0]), atol=1e-2)
''',
)
EXERCISES = tuple(_exercise(text) for text in _TEXTS)

PROFILES: tuple[Mapping[str, float], ...] = (
    {"reference": 1},
    {"right": 1},
    {"right": 5, "wrong": 4, "stub": 1},
    {"stub": 1},
    {"right": 5, "broken": 4, "wrong": 1},
    {"right": 5, "mutating": 5},
    {"right": 7, "wrong": 1, "broken": 1, "mutating": 1},
)
"""Kinds of students, by how often each kind of answer is theirs; taken in turn."""

OWN_CELLS = (
    "print(softmax(torch.zeros(2, 3)))",
    "my_average = MovingAverage(0.5)\nmy_average.update(1.0)\nmy_average.mean",
    "1 / 0",
    "x = torch.arange(6.0).reshape(2, 3)\nx @ x.T",
)
"""Cells that students added; what they do must not matter."""


def source_notebook() -> Any:
    """The assignment's source, with solutions and hidden checks."""
    cells = [
        new_markdown_cell("# Light", id="title"),
        new_code_cell(SETUP, id="setup", metadata=_marks("setup", locked=True)),
    ]
    for exercise in EXERCISES:
        solution = f"    ### BEGIN SOLUTION\n{exercise.bodies['right'][0]}\n    ### END SOLUTION"
        cells.append(new_markdown_cell(f"## {exercise.name}", id=f"{exercise.name}-text"))
        cells.append(
            new_code_cell(
                exercise.answer(solution),
                id=exercise.name,
                metadata=_marks(exercise.name, solution=True),
            )
        )
        for grade_id, points, source in exercise.checks:
            marks = _marks(grade_id, grade=True, locked=True, points=points)
            cells.append(new_code_cell(source, id=grade_id, metadata=marks))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def make_course(root: Path, students: int, seed: int = 1, slow: int = 0) -> tuple[str, ...]:
    """Write the course into `root`, enter it into its gradebook, hand in the submissions.

    seed: the same seed gives the same submissions, and more students the same first ones
    slow: every so many-th student sleeps 0.2 s in a cell; 0 for none
    returns: the students' names
    """
    root.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    source = root / "source" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(source_notebook(), source)
    generate(root, ASSIGNMENT)
    released = nbformat.read(root / "release" / ASSIGNMENT / source.name, as_version=4)
    names = tuple(f"student{number:04}" for number in range(students))
    for number, name in enumerate(names):
        chance = random.Random(f"{seed} {name}")
        notebook = _submission(released, PROFILES[number % len(PROFILES)], chance)
        if slow and number % slow == 0:
            notebook.cells.insert(2, new_code_cell("import time\n\ntime.sleep(0.2)", id="slow"))
        folder = root / "submitted" / name / ASSIGNMENT
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / source.name)
    return names


def generate(root: Path, assignment: str, config: Config | None = None) -> None:
    """Make the release of an assignment and enter it into the gradebook, as nbgrader does."""
    config = copy.deepcopy(config) if config else Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.assignment_id = assignment
    config.GenerateAssignment.create_assignment = True
    with programs_on_path():
        GenerateAssignment(
            coursedir=CourseDirectory(config=config), config=config, log=quiet_logger()
        ).start()


@contextmanager
def programs_on_path() -> Any:
    """nbgrader calls `alembic` by its name, and changes the working directory."""
    before, here = os.environ["PATH"], Path.cwd()
    os.environ["PATH"] = str(Path(sys.executable).parent) + os.pathsep + before
    try:
        yield
    finally:
        os.environ["PATH"] = before
        os.chdir(here)


def _submission(released: Any, profile: Mapping[str, float], chance: random.Random) -> Any:
    notebook = copy.deepcopy(released)
    by_name = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    for exercise in EXERCISES:
        kind = chance.choices(list(profile), list(profile.values()))[0]
        bodies = exercise.bodies.get("right" if kind == "reference" else kind, [STUB])
        body = bodies[0] if kind == "reference" else chance.choice(bodies)
        if body != STUB:
            by_name[exercise.name].source = exercise.answer(body)
        if chance.random() < 0.1:
            place = notebook.cells.index(by_name[exercise.name]) + 1
            own = new_code_cell(chance.choice(OWN_CELLS), id=f"own-{exercise.name}")
            notebook.cells.insert(place, own)
    return notebook


def _marks(grade_id: str, **marks: Any) -> dict[str, Any]:
    plain = {"grade": False, "locked": False, "solution": False, "task": False}
    return {"nbgrader": {**plain, "grade_id": grade_id, "schema_version": 3, **marks}}


GRADES = """
SELECT submitted_assignment.student_id, assignment.name, notebook.name, base_cell.name,
       grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade
FROM grade
JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
JOIN notebook ON notebook.id = submitted_notebook.notebook_id
JOIN assignment ON assignment.id = submitted_assignment.assignment_id
JOIN base_cell ON base_cell.id = grade.cell_id
"""


@dataclass(frozen=True, order=True)
class Row:
    """One row of the gradebook's table of grades."""

    student: str
    assignment: str
    notebook: str
    cell: str
    auto: float | None
    manual: float | None
    extra: float | None
    waiting: bool  # 0 or 1, as SQLite has it


def gradebook_rows(database: Path) -> list[Row]:
    """All grades of a gradebook, sorted; a row that stands twice is there twice."""
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        rows = [Row(*values) for values in connection.execute(GRADES)]
    return sorted(rows, key=lambda row: (row.student, row.assignment, row.notebook, row.cell))
