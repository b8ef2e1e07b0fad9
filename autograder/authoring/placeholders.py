"""What a new exercise and a new chapter begin with: a small task that works, marked with TODO.

The task is in plain Python, so that it runs beside any course's packages. `NAME` stands for the
answer's name; lines that hold it are short, so that the cells stay formatted with a long one.
No line of a solution or hidden check is in a text or visible check of either kind of exercise.
"""

from collections.abc import Iterator
from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

DEFAULT_ANSWER = "weighted_mean"
DEFAULT_MINUTES = 10
VISIBLE, HIDDEN = "values", "zero_weights"
"""Aspects of the two checks."""
VISIBLE_POINTS, HIDDEN_POINTS, REFLECTION_POINTS = 2, 1, 2
REFLECTION_MINUTES = 5
TERMS = 5
"""As many as the gate wants a chapter to have where the course has a glossary."""

_EXERCISE = """\
## Exercise {number} · {title}

*Difficulty ●○○ · {minutes} minutes · {points} points*

TODO: put your own task in place of this one: the idea, its formula, and a hint.

"""

_FUNCTION_TASK = r"""Some sensors deserve more trust than others. The *weighted mean* of their temperatures $x_i$ lets each count by its weight $w_i$:

$$
\bar{x} = \frac{\sum_i w_i x_i}{\sum_i w_i}
$$

If all weights are 0, we take $\bar{x} = 0$.

<details><summary>Hint: where to begin</summary>

An ordinary mean divides by the number of values. What takes the place of this number here?
</details>"""

_CLASS_TASK = r"""A sensor sends one temperature $x_i$ after another, each with a weight $w_i$ that says how far it can be trusted. We want the *weighted mean* of all that have come, at any moment:

$$
\bar{x} = \frac{\sum_i w_i x_i}{\sum_i w_i}
$$

As long as all weights are 0, we take $\bar{x} = 0$.

<details><summary>Hint: what to remember</summary>

Two numbers are enough; each new temperature changes both.
</details>"""

_FUNCTION_ANSWER = '''\
def NAME(values, weights):
    """Average temperatures, each with its own weight.

    TODO: say above what it computes, and below what goes in and out, with shapes and units.
    values:  list of n floats, in °C; stays as it is
    weights: list of n floats, none below 0; stays as it is
    returns: float, in °C; 0.0 if all weights are 0
    """
    ### BEGIN SOLUTION
    whole = sum(weights)
    weighted = [weight * values[place] for place, weight in enumerate(weights)]
    return sum(weighted) / whole if whole else 0.0
    ### END SOLUTION'''

_CLASS_ANSWER = '''\
class NAME:
    """A weighted mean that is kept up to date while temperatures arrive.

    TODO: say above what it stands for, and below what each method does, with shapes and units.
    add(value, weight): take one more into account
        value:  float, in °C
        weight: float, not below 0
    mean(): float, in °C, the weighted mean so far; 0.0 as long as all weights are 0
    """

    def __init__(self):
        ### BEGIN SOLUTION
        self.total = 0.0
        self.weight = 0.0
        ### END SOLUTION

    def add(self, value, weight):
        ### BEGIN SOLUTION
        self.total += weight * value
        self.weight += weight
        ### END SOLUTION

    def mean(self):
        ### BEGIN SOLUTION
        return self.total / self.weight if self.weight else 0.0
        ### END SOLUTION'''

_FUNCTION_VISIBLE = """\
# check NAME: values, 2 points
import math
import random
import statistics

# TODO: call your function with plain data, name likely mistakes, and compare with other code.
_case = "NAME: 7 temperatures"
_rng = random.Random(1)
_values = [_rng.uniform(10, 30) for _ in range(7)]
_weights = [_rng.uniform(0.5, 2) for _ in range(7)]
_given = [*_values], [*_weights]
_got = NAME(*_given)
assert isinstance(_got, float), f"{_case}: returned {type(_got).__name__}, expected a float"
_want = statistics.fmean(_values, weights=_weights)
for _why, _wrong in {
    "does your function use `weights`?": statistics.fmean(_values),
    "divide by the sum of `weights`": _want * sum(_weights),
    "the number of values does not matter, the sum of `weights` does": _want * sum(_weights) / 7,
}.items():
    _said = f"{_case}: got {_got:.4f}, expected {_want:.4f} — {_why}"
    assert not math.isclose(_got, _wrong), _said
assert math.isclose(_got, _want), f"{_case}: got {_got:.4f}, expected {_want:.4f}"
assert _given == (_values, _weights), f"{_case}: your function modified its arguments"

print("✓ NAME: values")"""

_CLASS_VISIBLE = """\
# check NAME: values, 2 points
import math
import random
import statistics

# TODO: use your class with plain data, name likely mistakes, and compare with other code.
_case = "NAME: 7 temperatures"
_rng = random.Random(1)
_values = [_rng.uniform(10, 30) for _ in range(7)]
_weights = [_rng.uniform(0.5, 2) for _ in range(7)]
_other = NAME()
_other.add(100.0, 5.0)
_one = NAME()
for _value, _weight in zip(_values, _weights):
    _one.add(_value, _weight)
_got = _one.mean()
assert isinstance(_got, float), f"{_case}: mean() is {type(_got).__name__}, expected a float"
_want = statistics.fmean(_values, weights=_weights)
_both = statistics.fmean([100.0, *_values], weights=[5.0, *_weights])
for _why, _wrong in {
    "does your class use `weight`?": statistics.fmean(_values),
    "divide by the sum of the weights": _want * sum(_weights),
    "two objects share their memory; keep it in `self`": _both,
}.items():
    _said = f"{_case}: got {_got:.4f}, expected {_want:.4f} — {_why}"
    assert not math.isclose(_got, _wrong), _said
assert math.isclose(_got, _want), f"{_case}: got {_got:.4f}, expected {_want:.4f}"

print("✓ NAME: values")"""

_FUNCTION_HIDDEN = """\
# hidden check: weights of 0
### BEGIN HIDDEN TESTS
import math

# TODO: cases that the visible check leaves out; students learn only whether this one passed.
for _levels, _trust, _right in [
    ([12.0, -3.5, 8.0], [0.0, 3.0, 1.0], -0.625),
    ([6.0, 1.0, 9.0, -2.0], [2.0, 0.0, 0.0, 0.5], 4.4),
    ([5.0, 7.0], [0.0, 0.0], 0.0),
]:
    _mean = NAME(_levels, _trust)
    _about = f"NAME: weights {_trust}: got {_mean}, expected {_right}"
    assert math.isclose(_mean, _right, abs_tol=1e-12), _about
### END HIDDEN TESTS"""

_CLASS_HIDDEN = """\
# hidden check: nothing yet, and weights of 0
### BEGIN HIDDEN TESTS
import math

# TODO: cases that the visible check leaves out; students learn only whether this one passed.
for _levels, _trust, _right in [
    ([], [], 0.0),
    ([5.0, 7.0], [0.0, 0.0], 0.0),
    ([12.0, -3.5, 8.0], [0.0, 3.0, 1.0], -0.625),
]:
    _model = NAME()
    for _pair in zip(_levels, _trust):
        _model.add(*_pair)
    _mean = _model.mean()
    _about = f"NAME: weights {_trust}: got {_mean}, expected {_right}"
    assert math.isclose(_mean, _right, abs_tol=1e-12), _about
### END HIDDEN TESTS"""

_KNOWN_HEAD = '''\
"""Answers to `NAME`: what students write, right and wrong."""

# TODO: put what your students write in place of these answers.
# Three or more are wrong, with one or more for each check; two or more are right, and written
# differently from the reference; one or more must earn nothing.

'''

_FUNCTION_KNOWN = """\
# %% wrong ignores_the_weights
# check: NAME-values
# says: does your function use `weights`?
# -     return sum(weighted) / whole if whole else 0.0
# +     return sum(values) / len(values)

# %% wrong sum_instead_of_mean
# check: NAME-values
# says: divide by the sum of `weights`
# -     return sum(weighted) / whole if whole else 0.0
# +     return sum(weighted)

# %% wrong divides_by_the_number_of_values
# check: NAME-values
# says: the number of values does not matter
# -     whole = sum(weights)
# +     whole = len(weights)

# %% wrong overwrites_its_argument
# check: NAME-values
# says: your function modified its arguments
# -     return sum(weighted) / whole if whole else 0.0
# +     values[:] = weighted
# +     return sum(values) / whole if whole else 0.0

# %% wrong plain_mean_where_nothing_counts
# check: NAME-zero_weights
# says: weights [0.0, 0.0]: got 6.0
# -     return sum(weighted) / whole if whole else 0.0
# +     return sum(weighted) / whole if whole else sum(values) / len(values)


# %% right loop
def NAME(values, weights):
    total = whole = 0.0
    for value, weight in zip(values, weights):
        total += weight * value
        whole += weight
    return total / whole if whole > 0 else 0.0


# %% right fractions_first
def NAME(values, weights):
    whole = sum(weights) or 1.0
    fractions = [weight / whole for weight in weights]
    return sum(fraction * value for fraction, value in zip(fractions, values))


# %% vacuous zero
def NAME(values, weights):
    return 0.0
"""

_CLASS_KNOWN = """\
# %% wrong ignores_the_weights
# check: NAME-values
# says: does your class use `weight`?
# -         self.total += weight * value
# -         self.weight += weight
# +         self.total += value
# +         self.weight += 1

# %% wrong sum_instead_of_mean
# check: NAME-values
# says: divide by the sum of the weights
# -         return self.total / self.weight if self.weight else 0.0
# +         return self.total

# %% wrong not_a_number_where_nothing_counts
# check: NAME-zero_weights
# says: weights []: got nan
# -         return self.total / self.weight if self.weight else 0.0
# +         return self.total / self.weight if self.weight else float("nan")


# %% wrong one_memory_for_all
# check: NAME-values
# says: two objects share their memory
class NAME:
    sums = [0.0, 0.0]

    def add(self, value, weight):
        self.sums[0] += weight * value
        self.sums[1] += weight

    def mean(self):
        total, weight = self.sums
        return total / weight if weight else 0.0


# %% right keeps_everything
class NAME:
    def __init__(self):
        self.pairs = []

    def add(self, value, weight):
        self.pairs.append((value, weight))

    def mean(self):
        whole = sum(weight for _, weight in self.pairs)
        return sum(value * weight for value, weight in self.pairs) / (whole or 1.0)


# %% right moves_the_mean
class NAME:
    def __init__(self):
        self.center, self.weight = 0.0, 0.0

    def add(self, value, weight):
        self.weight += weight
        if weight:
            self.center += (value - self.center) * weight / self.weight

    def mean(self):
        return self.center


# %% vacuous zero
class NAME:
    def add(self, value, weight):
        pass

    def mean(self):
        return 0.0
"""

_FIRST = """\
# {heading}

TODO: one sentence that says why this chapter matters.

**{minutes} minutes of exercises · {points} points** · needs TODO: what the chapter builds on.

After this chapter you can

- TODO: what students can do afterward, one thing per line.

**How to work.** Run the cells from top to bottom. Where a cell says `raise NotImplementedError`, write your answer in its place. The cell below it checks your answer and tells you what it expected; it is folded, click on it to read it. Change your answer, never the check. Checks that begin with `# hidden check` run when your work is graded."""

_SETUP_TEXT = """\
## Setup

TODO: the letters and shapes that the whole chapter uses."""

_TERMS = """\


TODO: use the chapter's terms in its text, and describe them in solutions/glossary.csv: {terms}."""

_SETUP = """\
# TODO: import what the chapter needs, and make or load its data.
import statistics

temperatures = [18.5, 21.0, 19.5, 30.0, 20.0]  # °C, one per sensor
trust = [1.0, 1.0, 2.0, 0.0, 1.0]  # the weight of each sensor"""

_PREDICT = """\
**Predict.** TODO: ask what the next cell will show, before it is run.

One sensor stands in the sun, and nobody trusts it. Is the weighted mean above or below the plain one?"""

_EXPLORE = """\
# TODO: a plot or a few numbers that make the idea visible; nothing that is graded needs this cell.
print("plain mean:", round(statistics.fmean(temperatures), 2), "°C")
try:
    weighted = NAME(temperatures, trust)
except NotImplementedError:
    print("Finish the exercise above first: its function is needed here.")
else:
    print("weighted mean:", round(weighted, 2), "°C")"""
_EXPLORE_PRINTS = "plain mean: 21.8 °C\nweighted mean: 19.7 °C\n"

_EXPLAIN = """\
<details><summary><b>Explain</b> (after you have predicted)</summary>

TODO: the explanation.

The sensor in the sun has the weight 0, so its 30 °C raise the plain mean only.
</details>"""

_REFLECTION_TEXT = """\
## Reflection · What stays

*Difficulty ●○○ · {minutes} minutes · {points} points*

TODO: a question to be answered in about five sentences.

When would you trust a plain mean more than a weighted one? A person reads this."""

_REFLECTION = """\
### BEGIN SOLUTION
TODO: a good answer, and what earns each point; students never see it.
### END SOLUTION"""

_NEXT = """\
## Where it goes next

- TODO: the next chapter, references, and where the data come from."""


def exercise_cells(
    name: str, title: str, number: int, minutes: int, *, as_class: bool
) -> list[Any]:
    """The cells of an exercise, with what they print stored, but without execution counts."""
    head = _EXERCISE.format(
        number=number, title=title, minutes=minutes, points=VISIBLE_POINTS + HIDDEN_POINTS
    )
    answer = _CLASS_ANSWER if as_class else _FUNCTION_ANSWER
    visible = _CLASS_VISIBLE if as_class else _FUNCTION_VISIBLE
    hidden = _CLASS_HIDDEN if as_class else _FUNCTION_HIDDEN
    return [
        _text(f"{name}-text", head + (_CLASS_TASK if as_class else _FUNCTION_TASK)),
        _code(name, answer.replace("NAME", name), solution=True),
        _code(
            f"{name}-{VISIBLE}", visible.replace("NAME", name), f"✓ {name}: {VISIBLE}\n",
            grade=True, locked=True, points=VISIBLE_POINTS,
        ),
        _code(
            f"{name}-{HIDDEN}", hidden.replace("NAME", name),
            grade=True, locked=True, points=HIDDEN_POINTS,
        ),
    ]  # fmt: skip


def known_answers_text(name: str, *, as_class: bool) -> str:
    """The file of known answers to such an exercise, and they are what they say."""
    return (_KNOWN_HEAD + (_CLASS_KNOWN if as_class else _FUNCTION_KNOWN)).replace("NAME", name)


def chapter_cells(heading: str, name: str, title: str, minutes: int) -> Iterator[Any]:
    """The cells of a chapter with one exercise, as `exercise_cells` gives them.

    heading: of the chapter; name, title, minutes: of its exercise
    """
    first = _FIRST.format(
        heading=heading,
        minutes=minutes + REFLECTION_MINUTES,
        points=VISIBLE_POINTS + HIDDEN_POINTS + REFLECTION_POINTS,
    )
    asks = _REFLECTION_TEXT.format(minutes=REFLECTION_MINUTES, points=REFLECTION_POINTS)
    yield _text("title-text", first)
    yield _text("setup-text", _SETUP_TEXT)
    yield _code("setup", _SETUP, locked=True)
    yield from exercise_cells(name, title, 1, minutes, as_class=False)
    yield _text("predict-text", _PREDICT)
    explore = new_code_cell(_EXPLORE.replace("NAME", name), id=f"{name}-explore")
    explore.metadata["tags"] = ["explore"]
    explore.outputs = [new_output("stream", name="stdout", text=_EXPLORE_PRINTS)]
    yield explore
    yield _text("explain-text", _EXPLAIN)
    yield _text("reflection-text", asks)
    written = _text("reflection", _REFLECTION)
    written.metadata["nbgrader"] = _marks(
        "reflection", grade=True, solution=True, points=REFLECTION_POINTS
    )
    yield written
    yield _text("where-it-goes-next-text", _NEXT)


def glossary_rows(chapter: str) -> list[list[str]]:
    """Rows for the course's glossary, with terms that no other chapter has."""
    return [
        [f"{chapter} term {number}", f"术语 {number}", chapter, "TODO: say what the term means."]
        for number in range(1, TERMS + 1)
    ]


def terms_text(chapter: str) -> str:
    """What the setup's text says of these terms."""
    names = ", ".join(f"*{english}*" for english, *_ in glossary_rows(chapter))
    return _TERMS.format(terms=names)


def _text(cell_id: str, source: str) -> Any:
    return new_markdown_cell(source, id=cell_id)


def _code(grade_id: str, source: str, prints: str = "", **marks: Any) -> Any:
    cell = new_code_cell(source, id=grade_id)
    cell.metadata["nbgrader"] = _marks(grade_id, **marks)
    if marks.get("grade"):
        cell.metadata["jupyter"] = {"source_hidden": True}  # folded: students read the text first
    if prints:
        cell.outputs = [new_output("stream", name="stdout", text=prints)]
    return cell


def _marks(grade_id: str, **marks: Any) -> dict[str, Any]:
    plain = {"grade": False, "locked": False, "solution": False, "task": False}
    return {"grade_id": grade_id, "schema_version": 3, **plain, **marks}
