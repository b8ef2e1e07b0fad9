"""Answers that are alike: copies are found, whatever was done to their looks; honest ones are not."""

import ast
import base64
import builtins
import hashlib
import html.parser
import itertools
import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
import pytest
from throwaway_course import REPOSITORY, environment, write
from throwaway_course import make_course as make_small_course

from autograder.assignment.blueprint import read_blueprint
from autograder.assignment.course import Course, find_course
from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.notebook import Kind, read_assignment
from autograder.authoring.misconceptions import Expected, known_answers, reference_answer
from autograder.pages.similar.answers import similar_class
from autograder.pages.similar.fingerprint import MAX_TEXT, fingerprint
from autograder.pages.similar.page import similar_page
from autograder.pages.similar.similar import Exercise, Similarity, compare, joined, stretches

COURSE = find_course(REPOSITORY)

STUB = 'def fit(x, y, steps, rate):\n    """Fit."""\n    raise NotImplementedError()\n'
REFERENCE = """\
def fit(x, y, steps, rate):
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
"""
ORIGINAL = """\
def fit(x, y, steps, rate):
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
"""
OTHERS = {
    "by_hand": """\
def fit(x, y, steps, rate):
    weights, losses = torch.zeros(x.shape[1]), []
    while len(losses) < steps:
        error = x @ weights - y
        losses.append((error**2).mean())
        weights = weights - rate * 2 * x.T @ error / len(x)
    return losses, lambda new: new @ weights
""",
    "solved": """\
def fit(x, y, steps, rate):
    best = torch.linalg.lstsq(x, y[:, None]).solution[:, 0]
    start = (y**2).mean()
    end = ((x @ best - y) ** 2).mean()
    falling = [end + (start - end) * (1 - rate) ** n for n in range(steps)]
    return falling, best.__rmatmul__
""",
    "numpy": """\
def fit(x, y, steps, rate):
    a, b = x.numpy(), y.numpy()
    w = np.zeros(a.shape[1])
    history = np.empty(steps)
    for number in range(steps):
        residual = a.dot(w) - b
        history[number] = np.square(residual).mean()
        w -= 2 * rate * a.T.dot(residual) / residual.size
    return list(history), lambda new: torch.from_numpy(new.numpy().dot(w))
""",
    "short": "def fit(x, y, steps, rate):\n    return [1.0] * steps, None\n",
}
Disguise = Callable[[str], str]
GIVEN = (STUB, REFERENCE, "import torch")


class Renamed(ast.NodeTransformer):
    """Other names for everything that the code binds itself."""

    def __init__(self, tree: ast.AST) -> None:
        bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} | {
            n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)
        }
        self.names = {
            name: f"renamed_{number}"
            for number, name in enumerate(sorted(bound))
            if not hasattr(builtins, name) and name not in ("torch", "np")
        }

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg = self.names.get(node.arg, node.arg)
        return node


def renamed(source: str) -> str:
    tree = ast.parse(source)
    return ast.unparse(Renamed(tree).visit(tree)) + "\n"


def commented(source: str) -> str:
    return "# All my own work.\n" + source.replace("\n", "  # because it has to be so\n\n")


def reordered(source: str) -> str:
    """Two lines change places; the function still works."""
    lines = source.splitlines()
    first, second = lines.index("    losses = []"), 1
    lines[first], lines[second] = lines[second], lines[first]
    return "\n".join(lines) + "\n"


def alike(texts: Mapping[str, str], given: tuple[str, ...] = GIVEN) -> Exercise:
    return compare("light", "fit", texts, stretches(given))


def couples(exercise: Exercise) -> list[tuple[str, ...]]:
    return [pair.students for pair in exercise.pairs]


@pytest.mark.parametrize(
    "disguise",
    [
        lambda text: text,
        renamed,
        commented,
        reordered,
        lambda text: commented(renamed(reordered(text))),
        lambda text: text.replace("    ", "\t").replace("\n", "\r\n"),
    ],
    ids=["same", "renamed", "commented", "reordered", "all", "layout"],
)
def test_copy_is_found_whatever_its_looks(disguise: object) -> None:
    copy = disguise(ORIGINAL)  # type: ignore[operator]
    exercise = alike({**OTHERS, "original": ORIGINAL, "copy": copy})
    assert couples(exercise) == [("copy", "original")]
    assert exercise.pairs[0].share >= 0.6
    assert exercise.median is not None
    assert exercise.median < 0.1


def test_each_of_two_copies_is_shown_as_its_author_wrote_it() -> None:
    (pair,) = alike({**OTHERS, "original": ORIGINAL, "copy": renamed(ORIGINAL)}).pairs
    shown = ["".join(piece for piece, _ in pieces) for pieces in pair.pieces]
    assert shown == [renamed(ORIGINAL), ORIGINAL]


def test_what_nobody_has_in_common_is_no_pair() -> None:
    exercise = alike({**OTHERS, "original": ORIGINAL})
    assert couples(exercise) == []
    assert exercise.answers == 4  # the short one has nothing to compare


def test_reference_and_its_small_variations_are_no_pairs() -> None:
    wrong = REFERENCE.replace("weights.grad.zero_()", "pass")
    sign = REFERENCE.replace("-= rate", "+= rate")
    texts = {"a": REFERENCE, "b": renamed(REFERENCE), "c": wrong, "d": wrong, "e": sign, "f": sign}
    assert couples(alike({**texts, "g": ORIGINAL, **OTHERS})) == []
    # The reference is what makes the difference.
    assert ("a", "b") in couples(alike({**texts, "g": ORIGINAL, **OTHERS}, (STUB,)))


def test_stub_is_no_pair() -> None:
    assert couples(alike({"a": STUB, "b": STUB, **OTHERS})) == []


def test_where_most_write_the_same_in_short_nothing_stands_out() -> None:
    exercise = alike({f"s{n}": OTHERS["by_hand"] for n in range(9)} | {"other": ORIGINAL})
    assert exercise.answers == 10
    assert exercise.median == 1
    assert exercise.threshold is None
    assert exercise.average == pytest.approx(36 / 45, abs=0.05)
    assert couples(exercise) == []


def test_two_answers_are_enough_to_compare() -> None:
    assert couples(alike({"b": ORIGINAL, "a": renamed(ORIGINAL)})) == [("a", "b")]
    assert alike({"a": ORIGINAL}).average is None


def each_alone(count: int) -> dict[str, str]:
    """Students of whom each wrote something else."""
    return {
        f"z{n:02}": f"def fit(x, y, steps, rate):\n    return {' + '.join(f'({n}**{m} - x)' for m in range(n, n + 20))}\n"
        for n in range(count)
    }


def test_common_way_of_a_large_class_does_not_count() -> None:
    """Eleven of a hundred wrote one short text, three another: only the three stand out."""
    several = {f"way{n:02}": OTHERS["by_hand"] for n in range(11)}
    three = {name: OTHERS["solved"] for name in ("ada", "bob", "cyd")}
    exercise = alike({**several, **three, **each_alone(86)})
    assert exercise.answers == 100
    assert couples(exercise) == [("ada", "bob", "cyd")]


@pytest.mark.parametrize(
    "disguise",
    [lambda text: text, lambda text: re.sub("layer|losses", "mine", text), commented],
    ids=["same", "renamed", "commented"],
)
@pytest.mark.parametrize("number", [2, 5, 10, 11, 20, 50, 80, 100])
def test_long_answer_is_shown_however_many_wrote_it(number: int, disguise: Disguise) -> None:
    names = tuple(f"copy{n:02}" for n in range(number))
    copies = {name: disguise(ORIGINAL) if n % 2 else ORIGINAL for n, name in enumerate(names)}
    exercise = alike({**copies, **each_alone(100 - number)})
    assert couples(exercise) == [names]
    (pair,) = exercise.pairs
    assert (pair.share, pair.tokens) == (1, 99)


@pytest.mark.parametrize("number", [5, 11, 50, 100])
@pytest.mark.parametrize(
    "text",
    [STUB, REFERENCE, STUB + "\n\n" + REFERENCE, "def fit(x, y, steps, rate):\n    return x @ y\n"],
    ids=["stub", "reference", "both", "one line"],
)
def test_what_the_course_gave_and_one_line_are_no_finding(number: int, text: str) -> None:
    several = {f"s{n:02}": text for n in range(number)}
    assert couples(alike({**several, **each_alone(100 - number)})) == []


def test_changed_copy_of_what_many_wrote_is_shown_with_the_first_of_them() -> None:
    many = {f"copy{n:02}": ORIGINAL for n in range(20)}
    exercise = alike({**many, "z": reordered(ORIGINAL), **OTHERS, **each_alone(75)})
    assert couples(exercise) == [tuple(many), ("copy00", "z")]


LINES = ORIGINAL.splitlines(keepends=True)
STATEMENTS = (1, 2, 3, 4, 6, 7, 8, 9, 10)
CHANGES: dict[str, Callable[[int], str]] = {
    "another number in one line": lambda n: ORIGINAL.replace(
        "range(steps)", f"range({'1 + ' * (n % 7)}steps{' + x' * (n // 7)})"
    ),
    "a line more": lambda n: "".join(
        [
            *LINES[: 1 + n % 11],
            "    ",
            *["x = x\n    "] * (n // 11),
            "y = y\n",
            *LINES[1 + n % 11 :],
        ]
    ),
    "renamed, commented, and a statement more": lambda n: commented(
        re.sub("layer|losses", f"mine{n}", "".join(
            line.rstrip() + "; len(x)" * (1 + n // 9) * (at == STATEMENTS[n % 9]) + "\n"
            for at, line in enumerate(LINES)
        ))
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("number", [3, 10, 11, 20, 27])
def test_copies_that_were_each_changed_a_little_are_shown(
    number: int, change: Callable[[int], str]
) -> None:
    """Many together, few as pairs, whatever number of the class they are."""
    copies = {f"copy{n:02}": change(n) for n in range(number)}
    assert len({fingerprint(text).reduced for text in copies.values()}) == number
    exercise = alike({**copies, **each_alone(100 - number)})
    shown = {student for pair in exercise.pairs for student in pair.students}
    assert shown == set(copies)
    if number > 10:
        pair = max(exercise.pairs, key=lambda pair: len(pair.students))
        assert len(pair.students) > 0.9 * number
        assert 0.75 <= pair.share < 1
        assert 70 < pair.tokens < 110
        assert len(exercise.pairs) < 3  # one may have changed more than the others
        page = similar_page(Similarity("light", 100, (exercise,)))
        assert "wrote nearly the same" in page


def test_what_is_like_a_family_is_shown_with_its_first() -> None:
    family = {f"copy{n:02}": CHANGES["a line more"](n) for n in range(20)}
    more = {"y": renamed(family["copy00"]) + "\n" + OTHERS["short"], "z": reordered(ORIGINAL)}
    exercise = alike({**family, **more, **OTHERS, **each_alone(75)})
    names = {student for pair in exercise.pairs for student in pair.students}
    assert {*family, *more} == names
    assert len(exercise.pairs) < 4


def test_many_who_wrote_it_in_their_own_ways_are_no_family() -> None:
    """The same idea in other statements: less than three quarters are in common."""
    several = {
        f"way{n:02}": "def fit(x, y, steps, rate):\n"
        + "".join(
            f"    v{m} = {'x.sum' if (n >> m) & 1 else 'y.mean + len'}({m}) ** {n}\n"
            for m in range(5)
        )
        + f"    return {' + '.join(f'({n} * {m} @ x)' for m in range(n, n + 9))}\n"
        for n in range(12)
    }
    exercise = alike({**several, **each_alone(40)})
    assert all(len(pair.students) == 2 for pair in exercise.pairs)


def test_two_long_answers_of_many_are_two_findings() -> None:
    first = {f"a{n:02}": ORIGINAL for n in range(40)}
    second = {f"b{n:02}": OTHERS["numpy"] for n in range(40)}
    assert couples(alike({**first, **second, **each_alone(20)})) == [tuple(second), tuple(first)]


def test_many_names_are_counted_and_listed_once() -> None:
    names = [f"s{n:02}" for n in range(50)]
    assert joined(names) == "50 students: s00, s01, s02, s03, s04, s05 and 44 more"
    assert joined(names[:3]) == "s00, s01 and s02"
    exercise = alike(dict.fromkeys(names, ORIGINAL))
    page = similar_page(Similarity("light", 50, (exercise,)))
    assert page.count("50 students: s00") == 2
    assert page.count("s49") == 1
    assert Similarity("light", 50, (exercise,)).as_json()["exercises"][0]["pairs"] == [
        {"students": names, "similarity": 1.0, "tokens": 99}
    ]


def test_only_what_both_have_is_marked() -> None:
    texts = {**OTHERS, "original": ORIGINAL, "copy": commented(ORIGINAL) + OTHERS["short"]}
    (pair,) = alike(texts).pairs
    assert pair.students == ("copy", "original")
    for text, pieces in zip((texts["copy"], texts["original"]), pair.pieces, strict=True):
        assert "".join(piece for piece, _ in pieces).strip() == text.strip()
    marked = "".join(piece for piece, common in pair.pieces[0] if common)
    assert "torch.nn.functional.mse_loss" in marked
    assert "[1.0]" not in marked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "def f(:\n  '''never closed",
        "\x00\ud800\u202e",
        "class A:\n    pass\n",
        "x",
        "é" * 90,
    ],
)
def test_any_text_has_a_fingerprint(text: str) -> None:
    found = fingerprint(text)
    assert len(found.place) == len(found.reduced) + 1
    assert all(a <= b for a, b in itertools.pairwise(found.place))
    assert len(fingerprint(text * 100_000).text) <= MAX_TEXT + 1


def test_places_are_those_of_the_tokens() -> None:
    source = (
        "# a\nclass Averages(Base):  # b\n    def put(self, value): return value + 'some text'\n"
    )
    found = fingerprint(source)
    names = {"O": "Averages", "F": "put", "S": "some text"}
    for token, word in names.items():
        place = found.place[found.reduced.index(token)]
        assert found.text[place:].startswith(word)


@pytest.mark.parametrize("chapter", COURSE.chapters)
def test_independent_right_answers_are_no_pairs(chapter: str) -> None:
    """The known right answers of a chapter, as a class: two of a kind only where one is copied."""
    assignment = read_assignment(next((COURSE.solutions / chapter).glob("*.ipynb")))
    released = read_assignment(next((COURSE.release / chapter).glob("*.ipynb")))
    code = (Kind.SETUP, Kind.ANSWER, Kind.CHECK)
    given = stretches(
        reference_answer(cell.source)
        for cell in (*assignment.cells, *released.cells)
        if cell.kind in code
    )
    right = [k for k in known_answers(COURSE, assignment) if k.expected is Expected.RIGHT]
    assert right
    copies = 0
    for answer in {known.answer for known in right}:
        texts = {known.name: known.source for known in right if known.answer == answer}
        texts["reference"] = reference_answer(assignment.answer(answer).source)
        assert couples(compare(chapter, answer, texts, given)) == []
        name = max(
            (known.name for known in right if known.answer == answer),
            key=lambda one: len(texts[one]),
        )
        texts["copy"] = renamed(texts[name])
        pairs = couples(compare(chapter, answer, texts, given))
        assert pairs in ([], [tuple(sorted(("copy", name)))])
        copies += len(pairs)
    assert copies  # so that what is found above to be no pair could have been one


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A class that nobody can trust: two copies, damaged files, markup for a name."""
    course = make_small_course(tmp_path_factory.mktemp("similar") / "course")
    odd = "def add(a, b):\n    table = {{(x, y): x + y for x in range({n}) for y in range(9)}}\n    return table.get((a, b), '</pre><script>alert(1)</script>')\n"
    texts = {
        "ada": odd.format(n=4),
        "<b>bob": renamed(odd.format(n=4)) + "# \u202e hidden \ud800",
        "cyd": "def add(a, b):\n    return a + b\n",
        "dee": "def add(a, b):\n    raise NotImplementedError()\n",
    }
    released = course.release / "01_sums" / "sums.ipynb"
    for student, text in texts.items():
        notebook = nbformat.read(released, as_version=4)
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "add":
                cell.source = text.replace("\ud800", "")
        write(course.classroom / "submitted" / student / "01_sums" / "sums.ipynb", notebook)
    broken = course.classroom / "submitted" / "eve" / "01_sums" / "sums.ipynb"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"\xff{")
    (course.classroom / "submitted" / "fay" / "01_sums").mkdir(parents=True)
    return course


class Page(html.parser.HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_page_keeps_what_students_wrote_apart_from_itself(course: Course) -> None:
    opened = open_course(course.root, course.classroom)
    report = similar_class(opened, read_blueprint(opened, "01_sums"))
    assert report.students == 6
    assert [pair.students for one in report.exercises for pair in one.pairs] == [("<b>bob", "ada")]
    text = similar_page(report)
    page = Page(text)
    used = {tag for tag, _ in page.tags}
    assert not used & {"script", "b", "img", "link", "iframe", "form"}
    assert {"main", "header", "h1", "h2", "h3", "table", "figure"} <= used
    assert ("html", {"lang": "en"}) in page.tags
    assert all(
        attributes.get("scope") in ("col", "row") for tag, attributes in page.tags if tag == "th"
    )
    assert not any(name in attributes for _, attributes in page.tags for name in ("src", "style"))
    assert "<script>alert(1)</script>" in page.text
    assert "<b>bob" in page.text
    assert "\\u202e hidden" in page.text
    assert "\u202e" not in text
    (policy,) = (a["content"] for t, a in page.tags if a.get("http-equiv"))
    style = re.search("<style>(.*)</style>", text, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    assert "http" not in style[1]
    anchors = {a["href"] for t, a in page.tags if t == "a"}
    assert anchors <= {f"#{a['id']}" for _, a in page.tags if "id" in a}


def run(course: Course, home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "autograder", "similar", *arguments],
        cwd=course.root, env={**environment(home), "COLUMNS": "100"}, capture_output=True, text=True,
    )  # fmt: skip


def test_command_says_where_to_look(course: Course, tmp_path: Path) -> None:
    page, data = tmp_path / "page.html", tmp_path / "data.json"
    done = run(course, tmp_path / "home", "01_sums", "--output", str(page), "--json", str(data))
    assert done.returncode == 0, done.stderr
    assert "<b>bob and ada" in done.stdout
    assert "no verdicts" in done.stdout
    (found,) = json.loads(data.read_text())["assignments"]
    (exercise,) = found["exercises"]
    (pair,) = exercise["pairs"]
    assert pair["students"] == ["<b>bob", "ada"]
    assert pair["similarity"] == 1
    assert pair["tokens"] >= 40
    assert page.read_text().startswith("<!DOCTYPE html>")
    none = run(course, tmp_path / "home", "02_squares")
    assert (none.returncode, "No pair stands out" in none.stdout) == (0, True)


def test_command_refuses_an_unknown_assignment(course: Course, tmp_path: Path) -> None:
    done = run(course, tmp_path / "home", "03_gone")
    assert done.returncode == 2
    assert "unknown assignment '03_gone'" in done.stderr
