"""Scaffolds: a new chapter or exercise keeps every rule at once, and nothing else changes."""

import ast
import contextlib
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from throwaway_course import REPOSITORY, make_full_course
from traitlets.config import Config

from autograder.assignment.blueprint import read_blueprint
from autograder.assignment.course import Course, find_course
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.notebook import Kind, kind_of, read_assignment, read_notebook
from autograder.authoring import findings
from autograder.authoring.contract import violations
from autograder.authoring.glossary import read_glossary
from autograder.authoring.insertion import insert, make_room, mentions, renumber
from autograder.authoring.misconceptions import known_answers, lacking
from autograder.authoring.new_course import new_course
from autograder.authoring.release import generate, load_config, release
from autograder.authoring.scaffold import (
    LONGEST_NAME,
    Scaffold,
    new_chapter,
    new_exercise,
    to_dos,
)
from autograder.gate.gate import FEWEST_TERMS

SHORT, LONG = "f", "a" * LONGEST_NAME
SECRET = re.compile(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)### END \1", re.DOTALL)
LONG_ENOUGH = 15


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with a function and a class, each as new, and the sums course's two chapters."""
    course = make_full_course(tmp_path_factory.mktemp("original") / "course")
    new_chapter(course, "09_graphs")
    new_exercise(course, "09_graphs", "RunningMean", as_class=True)
    return course


@pytest.fixture
def course(untouched: Course, tmp_path: Path) -> Course:
    return Course(Path(shutil.copytree(untouched.root, tmp_path / "a course")))


def source(course: Course, chapter: str) -> Path:
    (path,) = (course.solutions / chapter).glob("*.ipynb")
    return path


def headings(path: Path) -> list[str]:
    return [exercise.title for exercise in read_assignment(path).exercises]


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


# What is new


def test_new_chapter_and_new_exercises_keep_the_contract(course: Course) -> None:
    assert violations(source(course, "09_graphs")) == ()
    for answer, as_class in ((SHORT, False), (LONG, False), ("G", True), (LONG[1:], True)):
        new_exercise(course, "09_graphs", answer, as_class=as_class, minutes=7)
        assert violations(source(course, "09_graphs")) == ()


def test_new_chapter_states_what_it_holds(course: Course) -> None:
    assignment = read_assignment(source(course, "09_graphs"))
    assert assignment.title == "Chapter 9 · Graphs"
    assert (assignment.minutes, assignment.points) == (10 + 10 + 5, 3 + 3 + 2)
    assert headings(source(course, "09_graphs")) == [
        "Exercise 1 · Weighted mean", "Exercise 2 · Running mean", "Reflection · What stays",
    ]  # fmt: skip
    kinds = [*map(kind_of, read_notebook(source(course, "09_graphs")).cells)]
    assert {kind for kind in Kind if kind is not Kind.EXTRA} == set(kinds)


@pytest.mark.parametrize(
    ("name", "title", "file", "heading"),
    [
        ("10_graph_networks", "", "graph_networks", "Chapter 10 · Graph networks"),
        ("graphs", "", "graphs", "Graphs"),
        ("3-CNN", "", "CNN", "Chapter 3 · CNN"),
        ("11_graphs", " Graphs\n and  trees ", "graphs", "Chapter 11 · Graphs and trees"),
    ],
)
def test_title_and_file_come_from_the_name(
    course: Course, name: str, title: str, file: str, heading: str
) -> None:
    (path, known) = new_chapter(course, name, title=title, answer="density").written
    assert path == course.solutions / name / f"{file}.ipynb"
    assert known == course.root / "tests" / "misconceptions" / name / "density.py"
    assert read_assignment(path).title == heading
    assert violations(path) == ()


@pytest.mark.parametrize(
    ("answer", "title", "heading"),
    [
        ("max_pool", "", "Max pool"),
        ("MaxPool2d", "", "Max pool2d"),
        ("max_pool", "The  largest\nof four", "The largest of four"),
    ],
)
def test_heading_comes_from_the_answers_name(
    course: Course, answer: str, title: str, heading: str
) -> None:
    new_exercise(course, "09_graphs", answer, title=title)
    assert headings(source(course, "09_graphs"))[2] == f"Exercise 3 · {heading}"


def test_stored_outputs_are_what_the_cells_print(untouched: Course) -> None:
    names: dict[str, Any] = {}
    for cell in read_notebook(source(untouched, "09_graphs")).cells:
        if cell.cell_type == "code":
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                exec(compile(cell.source, cell.id, "exec"), names)
            assert printed.getvalue() == "".join(one.text for one in cell.outputs), cell.id


def test_file_is_as_jupyterlab_writes_it(untouched: Course) -> None:
    path = source(untouched, "09_graphs")
    text = path.read_text(encoding="utf-8")
    assert text == nbformat.writes(nbformat.read(path, as_version=4)) + "\n"
    assert text.startswith(
        '{\n "cells": [\n  {\n   "cell_type": "markdown",\n   "id": "title-text",'
    )
    notebook = json.loads(text)
    nbformat.validate(notebook)
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    other = read_notebook(source(untouched, "01_sums")).metadata
    assert notebook["metadata"] == {"kernelspec": other.kernelspec}


@pytest.mark.parametrize("answer", [SHORT, LONG])
@pytest.mark.parametrize("as_class", [False, True])
def test_cells_and_known_answers_are_formatted_and_linted(
    course: Course, answer: str, as_class: bool
) -> None:
    new_chapter(course, "10_trees", answer=answer if not as_class else "height")
    if as_class:
        new_exercise(course, "10_trees", answer, as_class=True)
    shutil.copy(REPOSITORY / "pyproject.toml", course.root)
    places = ["solutions/10_trees", "tests/misconceptions/10_trees"]
    for command in (["format", "--check", "--diff"], ["check", "--no-cache"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *places],
            cwd=course.root, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


def test_no_line_of_a_solution_or_hidden_check_is_in_any_release(course: Course) -> None:
    """Strictly: also not if the line is in a public cell of the source, or of another chapter."""
    new_exercise(course, "09_graphs", "second")
    new_exercise(course, "01_sums", "third")
    new_chapter(course, "10_trees", answer="height")
    release(course)
    secret = {
        line.strip()
        for chapter in ("09_graphs", "10_trees")
        for cell in read_notebook(source(course, chapter)).cells
        for match in SECRET.finditer(cell.source)
        for line in match[2].splitlines()
        if len(line.strip()) >= LONG_ENOUGH
    }
    assert len(secret) > 20
    released = "\n".join(
        cell.source + json.dumps(cell.get("outputs", ""))
        for path in course.release.glob("*/*.ipynb")
        for cell in read_notebook(path).cells
    )
    assert sorted(line for line in secret if line in released) == []
    repository = b"\n".join(files(find_course(REPOSITORY).release).values()).decode(
        errors="replace"
    )
    assert sorted(line for line in secret if line in repository) == []


def test_released_answers_end_with_the_stub_that_names_them(course: Course) -> None:
    made = generate(course, ["09_graphs"])["09_graphs/graphs.ipynb"]
    cells = {cell.id: cell.source for cell in nbformat.reads(made.decode(), as_version=4).cells}
    for name in ("weighted_mean", "RunningMean"):
        ast.parse(cells[name])
        stub = f'raise NotImplementedError("exercise {name}")'
        assert cells[name].splitlines()[-1].strip() == stub
        hidden = cells[f"{name}-zero_weights"].splitlines()
        assert (len(hidden), hidden[0][:15]) == (1, "# hidden check:")


def test_course_whose_chapters_say_what_they_need_gets_the_note(course: Course) -> None:
    shutil.copy(REPOSITORY / "requirements.lock", course.root)
    new_chapter(course, "10_trees")
    setup = read_notebook(source(course, "10_trees")).cells[1].source
    assert setup.count("<details><summary>Not in the course's own JupyterLab?") == 1
    assert "%pip install -q" in setup
    assert "%pip" not in read_notebook(source(course, "09_graphs")).cells[1].source


def test_course_with_a_glossary_gets_terms_to_fill_in(course: Course) -> None:
    table = course.solutions / "glossary.csv"
    table.write_text("english,chinese,chapter,meaning\nsum,和,01_sums,a", encoding="utf-8")
    before = table.read_text(encoding="utf-8")
    made = new_chapter(course, "10_trees")
    assert made.changed == (table,)
    new_chapter(course, "11_trees")
    assert table.read_text(encoding="utf-8").startswith(f"{before}\n10_trees term 1,")
    terms = read_glossary(table)
    text = read_notebook(source(course, "10_trees")).cells[1].source
    own = [term.english for term in terms if term.chapter == "10_trees"]
    assert len(own) == FEWEST_TERMS
    assert [term for term in own if term not in text] == []
    assert len(terms) == 1 + 2 * FEWEST_TERMS
    assert violations(source(course, "10_trees")) == ()


# The known answers


def test_known_answers_lack_nothing(untouched: Course) -> None:
    assignment = read_assignment(source(untouched, "09_graphs"))
    known = known_answers(untouched, assignment)
    assert [*lacking(assignment, known)] == []
    assert {one.answer for one in known} == {"weighted_mean", "RunningMean"}


@pytest.mark.slow
def test_known_answers_get_what_they_deserve_and_the_stub_nothing(untouched: Course) -> None:
    from autograder.gate.judge import Engines, judge
    from autograder.gate.known import judged, turns

    assignment = read_assignment(source(untouched, "09_graphs"))
    blueprint = read_blueprint(open_course(untouched.root), "09_graphs")
    known = known_answers(untouched, assignment)
    with Engines(lambda chapter: blueprint) as engines:
        engine = engines.of("09_graphs")
        for turn in turns(assignment, known, thorough=True):
            assert judged(engine, blueprint, assignment, turn) == "", turn.known.name
        for name in ("weighted_mean", "RunningMean"):
            stub = next(one for one in blueprint.notebooks[0].notebook.cells if one.id == name)
            checks = [f"{name}-values", f"{name}-zero_weights"]
            for inside in (False, True):
                runs = judge(
                    engine, blueprint, assignment, {name: stub.source}, checks, inside=inside
                )
                assert [(run.score, name in run.message) for run in runs.values()] == [
                    (0, True)
                ] * 2


# Where it goes, and what follows


def place(course: Course, **where: str) -> list[str]:
    new_exercise(course, "01_sums", "mean", **where)  # type: ignore[arg-type]
    assert violations(source(course, "01_sums")) == ()
    assignment = read_assignment(source(course, "01_sums"))
    assert (assignment.minutes, assignment.points) == (35, 12)
    return headings(source(course, "01_sums"))


@pytest.mark.parametrize(
    ("where", "at"),
    [
        ({}, 2),
        ({"before": "add"}, 0),
        ({"after": "add"}, 1),
        ({"before": "half"}, 1),
        ({"after": "half"}, 2),
        ({"before": "reflection"}, 2),
        ({"after": "reflection"}, 3),
    ],
    ids=str,
)
def test_exercise_goes_where_it_is_told(course: Course, where: dict[str, str], at: int) -> None:
    others = ["Adding", "Halving"]
    others.insert(at, "Mean")
    numbered = [f"Exercise {number} · {one}" for number, one in enumerate(others, start=1)]
    numbered.insert(len(numbered) if at < 3 else 2, "Reflection")
    assert place(course, **where) == numbered


def split(path: Path) -> None:
    """Put the heading of the second exercise behind the end of the first, in one cell."""
    notebook = read_notebook(path)
    (cell,) = [cell for cell in notebook.cells if "Halving" in cell.source]
    cell.source = (
        f"*Picture: sums.* ![](attachment:sums.png)\n\n```\n# no heading\n```\n\n{cell.source}"
    )
    cell["attachments"] = {"sums.png": {"image/png": "AAAA"}}
    nbformat.write(notebook, path)


@pytest.mark.parametrize("where", [{"after": "add"}, {"before": "half"}], ids=str)
def test_cell_with_an_end_and_a_heading_is_cut(course: Course, where: dict[str, str]) -> None:
    path = source(course, "01_sums")
    split(path)
    (old,) = [cell for cell in read_notebook(path).cells if "Halving" in cell.source]
    assert place(course, **where)[1:3] == ["Exercise 2 · Mean", "Exercise 3 · Halving"]
    cells = read_notebook(path).cells
    at = next(index for index, cell in enumerate(cells) if cell.id == "mean-text")
    above, below = cells[at - 1], cells[at + 4]
    assert above.source.endswith("# no heading\n```")
    assert above.source.startswith("*Picture: sums.*")
    assert above.attachments == {"sums.png": {"image/png": "AAAA"}}
    assert below.source.startswith("## Exercise 3 · Halving\n")
    assert (below.id, above.id) == (old.id, f"before-{old.id}")
    assert "attachments" not in below


def test_numbers_in_other_texts_are_told_and_left_alone(course: Course) -> None:
    path = source(course, "01_sums")
    notebook = read_notebook(path)
    said = {
        0: "As in exercise 2; see exercises 1 and\n2, and Exercises 1–2, not exercise 20.",
        7: 'print("Finish exercises 1 to 2 first.")',
        10: "Exercise 1 is not changed. ",
    }
    for index, text in said.items():
        notebook.cells[index].source += f"\n\n{text}"
    nbformat.write(notebook, path)
    made = new_exercise(course, "01_sums", "mean", after="add")
    first = "the text above [1] (“Chapter 1 · Sums”)"
    assert made.notes == (
        "It is exercise 2; it begins with the text below [6] (“Exercise 2 · Mean”).",
        "Exercise 2 is now exercise 3.",
        f"{first} says “exercise 2”; by the new numbers: “exercise 3”.",
        f"{first} says “exercises 1 and 2”; by the new numbers: “exercises 1 and 3”.",
        f"{first} says “Exercises 1–2”; by the new numbers: “Exercises 1–3”.",
        "cell [6] says “exercises 1 to 2”; by the new numbers: “exercises 1 to 3”.",
    )
    sources = [cell.source for cell in read_notebook(path).cells]
    assert all(any(text in source for source in sources) for text in said.values())


def test_exercises_that_move_on_together_are_told_in_one_sentence(course: Course) -> None:
    made = new_exercise(course, "01_sums", "mean", before="add")
    assert made.notes == (
        "It is exercise 1; it begins with the text below [1] (“Exercise 1 · Mean”).",
        "Exercises 1 to 2 are now exercises 2 to 3.",
    )
    path = source(course, "01_sums")
    notebook = read_notebook(path)
    for cell in notebook.cells:
        cell.source = cell.source.replace("## Exercise 3", "## Exercise 7")
    nbformat.write(notebook, path)
    made = new_exercise(course, "01_sums", "mode", after="mean")
    assert made.notes == (
        "It is exercise 2; it begins with the text below [4] (“Exercise 2 · Mode”).",
        "Exercise 2 is now exercise 3.",
        "Exercise 7 is now exercise 4.",
    )


def test_first_cell_without_sums_is_told_and_left_alone(course: Course) -> None:
    path = source(course, "01_sums")
    notebook = read_notebook(path)
    notebook.cells[0].source = "# Chapter 1 · Sums\n\nWhy."
    nbformat.write(notebook, path)
    made = new_exercise(course, "01_sums", "mean")
    assert read_notebook(path).cells[0].source == "# Chapter 1 · Sums\n\nWhy."
    assert made.notes[1:] == (
        "the first cell does not state the chapter's 35 minutes; add them.",
        "the first cell does not state the chapter's 12 points; add them.",
    )


def undone(notebook: Any, name: str) -> list[dict[str, Any]]:
    """The cells without those of the exercise, their counts, ids, and the numbers of headings."""
    kept: list[dict[str, Any]] = []
    for cell in notebook.cells:
        if cell.id.split("-")[0] == name:
            continue
        plain = dict(cell) | {"execution_count": None, "id": ""}
        plain["source"] = re.sub(r"(?m)^## Exercise \d+", "## Exercise", cell.source)
        plain["outputs"] = [dict(one) | {"execution_count": 0} for one in cell.get("outputs", [])]
        if kept and cell.cell_type == kept[-1]["cell_type"] == "markdown":
            kept[-1]["source"] += f"\n\n{plain['source']}"  # a cell that was cut, or two texts
        else:
            kept.append(plain)
    kept[0]["source"] = re.sub(r"\d+ (minutes|points)", r"\1", kept[0]["source"])
    return kept


CHAPTERS = find_course(REPOSITORY).chapters


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_nothing_else_of_a_real_chapter_changes(chapter: str, tmp_path: Path) -> None:
    course = Course(tmp_path)
    real = source(find_course(REPOSITORY), chapter)
    path = course.solutions / chapter / real.name
    path.parent.mkdir(parents=True)
    notebook = read_notebook(real)
    before = undone(notebook, "new_one")
    broken = violations(real)
    answers = [cell.grade_id for cell in read_assignment(real).answers]
    middle = answers[len(answers) // 2]
    places: tuple[dict[str, str], ...] = ({"before": middle}, {"after": middle}, {})
    for number, where in enumerate(places):
        shutil.copy(real, path)
        new_exercise(course, chapter, "new_one", as_class=number % 2 == 1, **where)  # type: ignore[arg-type]
        changed = read_notebook(path)
        assert undone(changed, "new_one") == before
        ids = [cell.id for cell in notebook.cells]
        assert [cell.id for cell in changed.cells if cell.id in ids] == ids
        numbers = [
            int(title.split()[1]) for title in headings(path) if title.startswith("Exercise")
        ]
        assert numbers == [*range(1, len(numbers) + 1)]
        code = [cell for cell in changed.cells if cell.cell_type == "code"]
        assert [cell.execution_count for cell in code] == [*range(1, len(code) + 1)]
        for cell in code:
            results = [one for one in cell.outputs if one.output_type == "execute_result"]
            assert all(one.execution_count == cell.execution_count for one in results)
        (course.root / "tests" / "misconceptions" / chapter / "new_one.py").unlink()
    assert len(violations(path)) == len(broken)


def test_counts_of_a_notebook_that_was_not_run_stay_as_they_are() -> None:
    cells = [new_code_cell("1"), new_code_cell("2"), new_code_cell("3")]
    for cell, count in zip(cells, (7, None, 2), strict=True):
        cell.execution_count = count
    cells[2].outputs = [new_output("execute_result", {"text/plain": "3"}, execution_count=2)]
    notebook = new_notebook(cells=cells)
    insert(notebook, 1, [new_markdown_cell("text"), new_code_cell("new")])
    counts = [cell.get("execution_count") for cell in notebook.cells]
    assert counts == [7, None, 2, None, 3]
    assert notebook.cells[4].outputs[0].execution_count == 3


def test_notebook_without_ids_gets_none(course: Course) -> None:
    path = source(course, "01_sums")
    split(path)
    notebook = read_notebook(path)
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
    nbformat.write(notebook, path)
    new_exercise(course, "01_sums", "mean", after="add")
    written = json.loads(path.read_text(encoding="utf-8"))
    assert written["nbformat_minor"] == 4
    assert not any("id" in cell for cell in written["cells"])
    nbformat.validate(written)


def test_id_that_a_cell_has_already_gets_a_number(course: Course) -> None:
    path = source(course, "01_sums")
    notebook = read_notebook(path)
    notebook.cells[0].id = "mean-text"
    nbformat.write(notebook, path)
    new_exercise(course, "01_sums", "mean")
    ids = [cell.id for cell in read_notebook(path).cells]
    assert len(set(ids)) == len(ids)
    assert "mean-text-2" in ids


def test_chapter_without_exercises_takes_one_at_its_end() -> None:
    notebook = new_notebook(cells=[new_markdown_cell("# Chapter 1"), new_code_cell("1")])
    assert make_room(notebook, "a.ipynb") == 2
    reflection = new_markdown_cell("Ask.\n\n## Reflection · Why\n\n*5 minutes · 2 points*")
    written = new_markdown_cell("Because.")
    written.metadata["nbgrader"] = {
        "grade": True, "solution": True, "grade_id": "reflection", "points": 2,
    }  # fmt: skip
    notebook.cells += [reflection, written]
    assert make_room(notebook, "a.ipynb") == 3
    assert notebook.cells[2].source == "Ask."


def test_headings_in_fenced_code_are_no_headings() -> None:
    cell = new_markdown_cell(
        "## Exercise 1 · A\n\n```\n## Exercise 5 · quoted\n```\n\n## Exercise 9 · B"
    )
    assert renumber([cell], 2) == {1: 2, 9: 3}
    assert (
        cell.source == "## Exercise 2 · A\n\n```\n## Exercise 5 · quoted\n```\n\n## Exercise 3 · B"
    )
    assert [*mentions(new_notebook(cells=[cell]), {2: 4, 3: 5})] == []


# What is refused


def refused(course: Course, act: Callable[[], Scaffold]) -> str:
    """The sentence; and nothing was changed."""
    before = files(course.root)
    with pytest.raises(UserError) as caught:
        act()
    assert files(course.root) == before
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("max-pool", "use a Python identifier"),
        ("2d", "use a Python identifier"),
        ("", "use a Python identifier"),
        ("_mean", "begins with a letter"),
        ("größe", "ASCII letters"),
        ("class", "use a Python identifier"),
        ("sum", "one of Python's own names"),
        ("f" * (LONGEST_NAME + 1), "51 characters; 50 are the most"),
        ("add", "'add' exists already, in cell [2] (add); choose another name."),
        ("LIMIT", "'LIMIT' exists already, in cell [1] (setup)"),
        ("sys", "'sys' exists already, in cell [1] (setup)"),
        ("setup", "'setup' exists already, in cell [1] (setup)"),
        ("reflection", "'reflection' exists already, in the text below [8] (reflection)"),
    ],
)
def test_answer_that_cannot_have_this_name_is_refused(
    course: Course, answer: str, told: str
) -> None:
    assert told in refused(course, lambda: new_exercise(course, "01_sums", answer))


@pytest.mark.parametrize("answer", ["statistics", "trust", "setup", "reflection", "print", "no!"])
def test_chapter_refuses_the_same_names(course: Course, answer: str) -> None:
    assert answer in refused(course, lambda: new_chapter(course, "10_trees", answer=answer))


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "../up", "a b", "09", "09_", "ü", "a+b"])
def test_chapter_that_cannot_have_this_name_is_refused(course: Course, name: str) -> None:
    told = refused(course, lambda: new_chapter(course, name))
    assert told.startswith(f"'{name}' cannot be a chapter's name")


def test_chapter_that_exists_is_refused(course: Course) -> None:
    told = refused(course, lambda: new_chapter(course, "01_sums"))
    assert told == f"{course.solutions / '01_sums'} exists already; choose another name."


def test_known_answers_that_exist_are_not_overwritten(course: Course) -> None:
    path = course.root / "tests" / "misconceptions" / "01_sums" / "mean.py"
    path.write_text("mine")
    told = refused(course, lambda: new_exercise(course, "01_sums", "mean"))
    assert told.startswith(f"{path} exists already")


def test_unknown_chapter_and_unknown_answer_are_answered_by_the_nearest(course: Course) -> None:
    told = refused(course, lambda: new_exercise(course, "01_sum", "mean"))
    assert told.startswith("unknown chapter '01_sum' (did you mean '01_sums'?); choose from ")
    told = refused(course, lambda: new_exercise(course, "01_sums", "mean", after="halve"))
    assert told.startswith("unknown answer 'halve' (did you mean 'half'?); choose from ")
    told = refused(
        course, lambda: new_exercise(course, "01_sums", "mean", after="half", before="add")
    )
    assert told == "--before and --after cannot both be given; choose one of them."


def test_answer_outside_every_exercise_is_told(course: Course) -> None:
    path = source(course, "01_sums")
    notebook = read_notebook(path)
    (cell,) = [cell for cell in notebook.cells if "Halving" in cell.source]
    cell.source = "## Halving"
    nbformat.write(notebook, path)
    told = refused(course, lambda: new_exercise(course, "01_sums", "mean", after="half"))
    assert told == f"{path}: half is below no heading `## Exercise N · Title` with points."


def test_chapter_with_two_notebooks_is_refused(course: Course) -> None:
    shutil.copy(source(course, "01_sums"), course.solutions / "01_sums" / "copy.ipynb")
    told = refused(course, lambda: new_exercise(course, "01_sums", "mean"))
    assert told.endswith("01_sums has 2 notebooks; a chapter has one.")


def test_exercise_is_written_whole_or_not_at_all(course: Course) -> None:
    folder = course.root / "tests" / "misconceptions" / "01_sums"
    shutil.rmtree(folder)
    folder.write_text("in the way")
    before = files(course.root)
    with pytest.raises(UserError, match="cannot be written") as caught:
        new_exercise(course, "01_sums", "mean")
    assert caught.value.exit_code == 1
    assert files(course.root) == before


def test_chapter_of_which_a_file_cannot_be_written_is_taken_back(course: Course) -> None:
    shutil.rmtree(course.root / "tests")
    (course.root / "tests").write_text("in the way")
    before = files(course.root)
    with pytest.raises(UserError, match="cannot be written"):
        new_chapter(course, "10_trees")
    assert files(course.root) == before
    assert not (course.solutions / "10_trees").exists()


# To-dos


def test_to_dos_name_the_cell_and_what_to_do(tmp_path: Path) -> None:
    cells = [
        new_markdown_cell("**Why.** TODO: say why.\n\n<!-- TODO: a picture -->\nTODO"),
        new_code_cell("# TODO  load it\nx = 1"),
        new_markdown_cell("METHODOLOGY, TODOS and todo are words."),
    ]
    cells[1].metadata["nbgrader"] = {"grade_id": "setup", "locked": True}
    nbformat.write(new_notebook(cells=cells), tmp_path / "a.ipynb")
    first = "the text above [1] (“Why.** TODO: say why.”)"
    assert to_dos(tmp_path / "a.ipynb") == (
        f"{first}: say why.", f"{first}: a picture", f"{first}: finish it",
        "cell [1] (setup): load it",
    )  # fmt: skip
    (tmp_path / "a.py").write_text("x = 1\n# TODO: think\n", encoding="utf-8")
    assert to_dos(tmp_path / "a.py") == ("a.py, line 2: think",)
    for name in ("gone.py", "gone.ipynb"):
        with pytest.raises(UserError, match="gone"):
            to_dos(tmp_path / name)


def test_everything_to_be_replaced_is_a_to_do(untouched: Course) -> None:
    path = source(untouched, "09_graphs")
    notebook, said = read_notebook(path), to_dos(path)
    places = [findings.place(notebook, index) for index in range(len(notebook.cells))]
    assert [one for one in places if not any(each.startswith(f"{one}: ") for each in said)] == []
    assert all(to_dos(path) for path in untouched.root.glob("tests/misconceptions/09_graphs/*.py"))


# A course of one's own


@pytest.fixture
def own(tmp_path: Path) -> Course:
    folder = tmp_path / 'my "own" course {1} \\ ü'
    new_course(folder, chapter="05_trees", answer="depth")
    return find_course(folder)


def test_new_course_is_read_as_it_is(own: Course) -> None:
    assert own.chapters == ("05_trees",)
    assert violations(source(own, "05_trees")) == ()
    opened = open_course(own.root)
    assert (opened.source, opened.release) == (own.solutions, own.release)
    assert opened.submitted == own.root / "classroom" / "submitted"
    assert opened.config.CourseDirectory.course_id == own.root.name
    assert opened.assignments() == ("05_trees",)
    assert not own.classroom.exists()  # to look at it writes nothing
    assert release(own).written == ("05_trees/trees.ipynb", "README.md")
    readme = (own.root / "README.md").read_text(encoding="utf-8")
    assert "autograder grade 05_trees" in readme
    assert own.root.name in readme


def test_new_courses_settings_are_ours(own: Course, tmp_path: Path) -> None:
    """What our own file has besides is for tests of stock nbgrader, or another time limit."""
    ours = make_full_course(tmp_path / "ours")

    def settings(course: Course) -> dict[str, Any]:
        return {
            f"{section}.{name}": str(value).replace(str(course.root), "ROOT")
            for section, values in load_config(course).items()
            for name, value in (values.items() if isinstance(values, Config) else ())
        }

    here, there = settings(own), settings(ours)
    assert here.keys() <= there.keys()
    assert {name for name in there if here.get(name) != there[name]} == {
        "CourseDirectory.course_id",
        "Execute.timeout",
        "Execute.extra_arguments",
        "FormgradeExtension.debug",
        "KernelManager.transport_encryption",
    }


def test_new_course_takes_an_empty_folder_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    new_course(tmp_path / "empty")
    (tmp_path / "file").write_text("")
    for name, told in (("empty", "is not empty"), ("file", "is a file")):
        before = files(tmp_path)
        with pytest.raises(UserError, match=told) as caught:
            new_course(tmp_path / name)
        assert caught.value.exit_code == 2
        assert files(tmp_path) == before
    with pytest.raises(UserError, match="chapter's name"):
        new_course(tmp_path / "other", chapter="no name")
    assert not (tmp_path / "other").exists()


def test_what_was_written_is_taken_back_if_something_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        new_course(tmp_path / "file" / "course")
    assert files(tmp_path) == {"file": b""}
