"""An assignment that changes after it was graded: the gradebook is brought along, nothing is lost."""

import copy
import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook, MissingEntry
from rich.console import Console
from test_gradebook import (
    ALL_RIGHT,
    ANSWERS,
    ASSIGNMENT,
    MIXED,
    comments,
    database,
    graded,
    grades,
    handed_in,
    rows,
    set_grade,
)

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.nbgrader_course import NbgraderCourse
from autograder.assignment.outcome import Result
from autograder.cli.show_history import show_history, write_history
from autograder.gradebook import writer as writing
from autograder.gradebook.history import Entry, Happened, read_history
from autograder.gradebook.writer import GradebookWriter

Cells = list[Any]


def changed(blueprint: Blueprint, change: Callable[[Cells], None]) -> Blueprint:
    """The assignment with a change in its one notebook's cells."""
    (notebook,) = blueprint.notebooks
    node = copy.deepcopy(notebook.notebook)
    change(node.cells)
    return replace(blueprint, notebooks=(replace(notebook, notebook=node),))


def named(cells: Cells, name: str) -> Any:
    (found,) = [c for c in cells if c.metadata.get("nbgrader", {}).get("grade_id") == name]
    return found


def renaming(old: str, new: str) -> Callable[[Cells], None]:
    return lambda cells: named(cells, old).metadata.nbgrader.update(grade_id=new)


def removing(name: str) -> Callable[[Cells], None]:
    return lambda cells: cells.remove(named(cells, name))


def worth(name: str, points: int) -> Callable[[Cells], None]:
    return lambda cells: named(cells, name).metadata.nbgrader.update(points=points)


def adding(name: str, points: int = 3) -> Callable[[Cells], None]:
    marks = {"grade": True, "solution": False, "locked": True, "task": False, "points": points}

    def add(cells: Cells) -> None:
        cell = new_code_cell("assert half(4) == 2", id=f"new-{name}")
        cell.metadata["nbgrader"] = {"grade_id": name, "schema_version": 3, **marks}
        cells.append(cell)

    return add


def comment_on(course: NbgraderCourse, name: str, text: str, student: str = "ada") -> None:
    with Gradebook(course.db_url) as gradebook:
        comment = gradebook.find_comment(name, "sums", ASSIGNMENT, student)
        comment.manual_comment = text
        gradebook.db.commit()


def why(course: NbgraderCourse, name: str, student: str = "ada") -> str:
    with Gradebook(course.db_url) as gradebook:
        return gradebook.find_comment(name, "sums", ASSIGNMENT, student).auto_comment or ""


def changes(course: NbgraderCourse) -> dict[str, Entry]:
    entries = read_history(course.db_url, ASSIGNMENT)
    return {entry.student: entry for entry in entries if entry.event is Happened.CHANGED}


def marked(course: NbgraderCourse, name: str, points: float, student: str = "ada") -> None:
    """As Formgrader does when a person enters points."""
    set_grade(course, name, student, manual_score=points, needs_manual_grade=False)


@pytest.fixture
def writer(course: NbgraderCourse, blueprint: Blueprint) -> Iterator[GradebookWriter]:
    """A class in which ada and bob are graded."""
    with GradebookWriter(course) as writer:
        assert writer.register(blueprint) == ()
        for student in ("ada", "bob"):
            writer.write(graded(blueprint, student), handed_in(student), "key")
        yield writer


def again(
    writer: GradebookWriter, blueprint: Blueprint, student: str = "ada", **scores: float
) -> None:
    """What `grade` does with a submission whose assignment has changed."""
    writer.begin(ASSIGNMENT, student)
    names = [cell.grade_id for notebook in blueprint.notebooks for cell in notebook.graded]
    known = {name: score for name, score in {**ALL_RIGHT, **scores}.items() if name in names}
    writer.write(graded(blueprint, student, known), handed_in(student), "new key")


# --- renamed


def test_renamed_check_keeps_a_persons_points_and_does_not_wait(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    marked(course, "add-small", 1.5)
    new = changed(blueprint, renaming("add-small", "add-tiny"))
    assert writer.register(new) == (
        "add-small is called add-tiny now; scores and comments there were kept",
    )
    assert grades(course)["add-tiny"] == (2.0, 1.5, False)
    again(writer, new, **{"add-tiny": 2.0})
    assert grades(course)["add-tiny"] == (2.0, 1.5, False)
    assert "add-small" not in grades(course)


def test_renamed_answers_keep_comments_and_points(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    """A written answer, and code that has a comment."""
    marked(course, "reflection", 1.0)
    comment_on(course, "reflection", "Short.")
    comment_on(course, "half", "Neat.")
    new = changed(blueprint, renaming("reflection", "essay"))
    writer.register(changed(new, renaming("half", "halve")))
    assert grades(course)["essay"] == (None, 1.0, False)
    assert comments(course) == {"add": None, "halve": "Neat.", "essay": "Short."}


@pytest.mark.parametrize("text", ["Sums are everywhere.", "Something else."])
def test_the_answer_under_its_new_name_decides_whether_it_waits(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint, text: str
) -> None:
    marked(course, "reflection", 1.0)
    new = changed(blueprint, renaming("reflection", "essay"))
    writer.register(new)
    writer.begin(ASSIGNMENT, "ada")
    answers = {**ANSWERS, "essay": text}
    writer.write(graded(new, answers=answers), handed_in(), "new")
    same = text == ANSWERS["reflection"]
    assert grades(course)["essay"] == (None, 1.0, not same)
    assert why(course, "essay") == (
        "" if same else "essay: the answer changed after a person marked it"
    )


def test_a_name_that_two_cells_could_have_is_not_guessed(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    def alike(cells: Cells) -> None:
        for name in ("add-small", "half-odd"):
            named(cells, name).source = "assert True"

    two = changed(blueprint, alike)
    writer.register(two)
    marked(course, "half-odd", 1.0)
    both = changed(changed(two, renaming("add-small", "one")), renaming("half-odd", "two"))
    notes = writer.register(both)
    assert "half-odd was removed with its scores" in notes
    assert grades(course)["two"] == (None, None, True)
    assert changes(course)["ada"].checks["sums/half-odd"]["score"] == 1.0


def test_a_cell_with_another_text_is_another_cell(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    marked(course, "half-odd", 1.0)

    def replaced(cells: Cells) -> None:
        renaming("half-odd", "half-even")(cells)
        named(cells, "half-even").source = "assert half(4) == 2"

    writer.register(changed(blueprint, replaced))
    assert grades(course)["half-even"] == (None, None, True)


@pytest.mark.parametrize("stays", [True, False])
def test_a_name_that_a_read_only_cell_has_or_had_is_no_new_name(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint, stays: bool
) -> None:
    """A check takes the name of a cell that is gone; a read-only cell takes a check's."""
    marked(course, "half-odd", 1.0)

    def mixed(cells: Cells) -> None:
        if stays:
            renaming("half-odd", "half-uneven")(cells)
            named(cells, "setup").metadata.nbgrader.update(grade_id="half-odd")
        else:
            removing("setup")(cells)
            renaming("half-odd", "setup")(cells)

    assert "half-odd was removed with its scores" in writer.register(changed(blueprint, mixed))
    assert changes(course)["ada"].checks["sums/half-odd"]["score"] == 1.0
    assert "half-odd" not in grades(course)


# --- removed, added


def test_what_a_person_gave_in_a_removed_cell_is_in_the_history(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    marked(course, "reflection", 1.5)
    comment_on(course, "reflection", "Good.")
    marked(course, "half-odd", 1.0, "bob")
    notes = writer.register(changed(blueprint, removing("reflection")))
    assert notes == (
        "reflection was removed with its scores",
        "what a person gave in what was removed is in the history: ada",
    )
    assert "reflection" not in grades(course)
    assert "reflection" not in comments(course)
    (student,) = changes(course)
    assert student == "ada"
    given = {"score": 1.5, "max_score": 2.0, "comment": "Good."}
    assert changes(course)["ada"].checks == {"sums/reflection": given}
    assert changes(course)["ada"].as_json()["removed"] == {"sums/reflection": given}


def test_history_shows_what_was_removed(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint, tmp_path: Path
) -> None:
    marked(course, "reflection", 1.5)
    comment_on(course, "reflection", "=2+2")
    writer.register(changed(blueprint, removing("reflection")))
    entries = list(read_history(course.db_url, ASSIGNMENT))
    text = io.StringIO()
    show_history(entries, Console(file=text, width=200))
    assert "changed: removed sums/reflection (1.5 of 2)" in text.getvalue().splitlines()[-1]
    write_history(entries, tmp_path / "history.csv")
    (row,) = [
        row
        for row in csv.DictReader(io.StringIO((tmp_path / "history.csv").read_text()))
        if row["event"] == "changed"
    ]
    assert (row["check"], row["check_score"], row["check_max_score"], row["check_comment"]) == (
        "sums/reflection", "1.5", "2.0", "'=2+2",
    )  # fmt: skip


def test_a_comment_and_extra_credit_are_given_too(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    comment_on(course, "half", "Neat.")
    set_grade(course, "half-odd", "bob", extra_credit=0.5)
    new = changed(changed(blueprint, removing("half")), removing("half-odd"))
    assert writer.register(new)[-1].endswith("is in the history: ada, bob")
    found = {student: dict(entry.checks) for student, entry in changes(course).items()}
    assert found == {
        "ada": {"sums/half": {"score": 0.0, "max_score": 0.0, "comment": "Neat."}},
        "bob": {"sums/half-odd": {"score": 2.5, "max_score": 2.0, "comment": ""}},
    }


def test_other_points_of_a_person_stay_settled_beside_a_removed_cell(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    marked(course, "reflection", 1.5)
    marked(course, "half-odd", 1.0)
    new = changed(blueprint, removing("half-odd"))
    writer.register(new)
    again(writer, new)
    assert grades(course)["reflection"] == (None, 1.5, False)


def test_nothing_of_a_persons_goes_without_a_word_of_it(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    assert writer.register(changed(blueprint, removing("half-odd"))) == (
        "half-odd was removed with its scores",
    )
    assert changes(course) == {}
    with Gradebook(course.db_url) as gradebook:
        assert gradebook.find_assignment(ASSIGNMENT).max_score == 9 - 2
        assert gradebook.find_submission(ASSIGNMENT, "ada").score == 7 - 2


def test_added_check_waits_for_everybody_until_it_is_graded(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    new = changed(blueprint, adding("half-four"))
    assert writer.register(new) == ("half-four was added",)
    assert grades(course)["half-four"] == (None, None, True)
    assert grades(course, "bob")["half-four"] == (None, None, True)
    again(writer, new, **{"half-four": 3.0})
    assert grades(course)["half-four"] == (3.0, None, False)
    assert grades(course, "bob")["half-four"] == (None, None, True)
    assert writer.register(new) == ()


def test_nothing_is_said_where_nobody_has_submitted(
    course: NbgraderCourse, blueprint: Blueprint
) -> None:
    with GradebookWriter(course) as writer:
        writer.register(blueprint)
        assert writer.register(changed(blueprint, renaming("half-odd", "half-one"))) == ()
        assert writer.register(changed(blueprint, removing("reflection"))) == ()
    with Gradebook(course.db_url) as gradebook:
        names = {cell.name for cell in gradebook.find_notebook("sums", ASSIGNMENT).grade_cells}
    assert names == set(ALL_RIGHT)


# --- points


def test_changed_points_and_text_reach_the_gradebook_and_scores_stay(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    def mended(cells: Cells) -> None:
        worth("add-small", 7)(cells)
        named(cells, "add-small").source += "\n# changed"

    marked(course, "add-small", 1.5)
    assert writer.register(changed(blueprint, mended)) == ()
    with Gradebook(course.db_url) as gradebook:
        assert gradebook.find_assignment(ASSIGNMENT).max_score == 9 + 5
        source = gradebook.find_source_cell("add-small", "sums", ASSIGNMENT)
        assert source.source.endswith("# changed")
    assert grades(course)["add-small"] == (2.0, 1.5, False)


@pytest.mark.parametrize(("given", "waits"), [(2.0, True), (1.5, True), (1.0, False)])
def test_a_persons_points_above_the_new_maximum_stay_and_wait(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint, given: float, waits: bool
) -> None:
    marked(course, "half-odd", given)
    new = changed(blueprint, worth("half-odd", 1))
    notes = writer.register(new)
    assert notes == (
        ("half-odd is worth 1 point now, fewer than a person gave; these scores wait for you: ada",)
        if waits
        else ()
    )
    assert grades(course)["half-odd"] == (2.0, given, waits)
    again(writer, new, **{"half-odd": 1.0})
    assert grades(course)["half-odd"] == (1.0, given, waits)
    assert why(course, "half") == (f"half-odd: a person gave {given:g} of 1 point" if waits else "")
    marked(course, "half-odd", 1.0)
    again(writer, new, **{"half-odd": 1.0})
    assert grades(course)["half-odd"] == (1.0, 1.0, False)
    assert why(course, "half") == ""


def test_written_answer_above_its_maximum_says_so_itself(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    marked(course, "reflection", 2.0)
    new = changed(blueprint, worth("reflection", 1))
    writer.register(new)
    again(writer, new)
    assert grades(course)["reflection"] == (None, 2.0, True)
    assert why(course, "reflection") == "reflection: a person gave 2 of 1 point"


# --- notebooks


def with_second(blueprint: Blueprint, name: str = "more") -> Blueprint:
    (first,) = blueprint.notebooks
    node = copy.deepcopy(first.notebook)
    node.cells = [cell for cell in node.cells if cell.cell_type == "code"][:3]
    return replace(blueprint, notebooks=(first, replace(first, name=name, notebook=node)))


def test_added_notebook_waits_and_a_removed_one_leaves_what_a_person_gave(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    assert writer.register(with_second(blueprint)) == ("more was added",)
    with Gradebook(course.db_url) as gradebook:
        submission = gradebook.find_submission(ASSIGNMENT, "ada")
        assert sorted(notebook.name for notebook in submission.notebooks) == ["more", "sums"]
        assert submission.needs_manual_grade
        grade = gradebook.find_grade("add-small", "more", ASSIGNMENT, "ada")
        grade.manual_score, grade.needs_manual_grade = 0.5, False
        gradebook.db.commit()
    notes = writer.register(blueprint)
    assert notes[0] == "more was removed with its scores"
    assert notes[1].endswith("is in the history: ada")
    assert changes(course)["ada"].checks["more/add-small"]["score"] == 0.5
    assert grades(course)["add-small"] == (2.0, None, False)


def test_renamed_notebook_keeps_its_rows(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    marked(course, "reflection", 1.5)
    (notebook,) = blueprint.notebooks
    new = replace(blueprint, notebooks=(replace(notebook, name="totals"),))
    assert writer.register(new) == (
        "sums is called totals now; scores and comments in it were kept",
    )
    again(writer, new)
    with Gradebook(course.db_url) as gradebook:
        grade = gradebook.find_grade("reflection", "totals", ASSIGNMENT, "ada")
        assert (grade.manual_score, grade.needs_manual_grade) == (1.5, False)
        with pytest.raises(MissingEntry):
            gradebook.find_notebook("sums", ASSIGNMENT)


def test_a_notebook_with_the_same_names_and_other_texts_is_another_notebook(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    marked(course, "reflection", 1.5)

    def other(cells: Cells) -> None:
        named(cells, "half-odd").source = "assert half(4) == 2"

    (notebook,) = changed(blueprint, other).notebooks
    new = replace(blueprint, notebooks=(replace(notebook, name="totals"),))
    assert writer.register(new) == (
        "sums was removed with its scores",
        "totals was added",
        "what a person gave in what was removed is in the history: ada",
    )
    with Gradebook(course.db_url) as gradebook:
        assert gradebook.find_grade("reflection", "totals", ASSIGNMENT, "ada").needs_manual_grade


# --- as a whole


def everything(cells: Cells) -> None:
    renaming("add-small", "add-tiny")(cells)
    removing("add-partial")(cells)
    adding("half-four")(cells)
    worth("reflection", 1)(cells)


def test_formgrader_shows_the_class_before_and_after_the_regrade(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    marked(course, "reflection", 2.0)
    new = changed(blueprint, everything)
    writer.register(new)
    for scores in ({}, {"add-tiny": 2.0, "half-four": 3.0}):
        if scores:
            again(writer, new, "ada", **scores)
            again(writer, new, "bob", **scores)
        with Gradebook(course.db_url) as gradebook:
            (first, second) = sorted(
                gradebook.submission_dicts(ASSIGNMENT), key=lambda one: str(one["student"])
            )
            assert first["needs_manual_grade"]
            assert (first["max_score"], second["max_score"]) == (9.0, 9.0)
            assert len(gradebook.notebook_submission_dicts("sums", ASSIGNMENT)) == 2
            assert len(gradebook.student_dicts()) == 2
            for submission in gradebook.find_assignment(ASSIGNMENT).submissions:
                for grade in submission.notebooks[0].grades:
                    assert grade.to_dict()["name"] in ("add-tiny", "add-secret", "half-odd",
                                                       "half-four", "reflection")  # fmt: skip
                for comment in submission.notebooks[0].comments:
                    assert comment.to_dict()["name"] in ANSWERS
    assert first["score"] == 2 + 1 + 2 + 3 + 2


def test_all_of_it_or_nothing(
    writer: GradebookWriter,
    course: NbgraderCourse,
    blueprint: Blueprint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    marked(course, "reflection", 2.0)
    before = rows(database(course))

    def no_room(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(writing, "enter_deadlines", no_room)
        with pytest.raises(writing.UserError, match="No space left"):
            writer.register(changed(blueprint, everything))
    assert rows(database(course)) == before
    assert changes(course) == {}


def test_the_same_assignment_changes_nothing(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    marked(course, "reflection", 2.0)
    new = changed(blueprint, everything)
    assert writer.register(new)
    before, entries = rows(database(course)), changes(course)
    assert writer.register(new) == ()
    assert (rows(database(course)), changes(course)) == (before, entries)


def test_a_regrade_that_was_begun_goes_on_with_what_is_settled(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    """A kill between the two: invalidated, then the assignment changes, then it is graded."""
    marked(course, "reflection", 1.5)
    writer.begin(ASSIGNMENT, "ada")
    new = changed(blueprint, renaming("reflection", "essay"))
    writer.register(new)
    writer.begin(ASSIGNMENT, "ada")
    writer.write(graded(new, answers={**ANSWERS, "essay": ANSWERS["reflection"]}), handed_in(), "n")
    assert grades(course)["essay"] == (None, 1.5, False)


def test_kinds_of_a_cell_may_change_under_its_name(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    """A check becomes a written answer: its row stays, an answer's is added, points wait."""
    marked(course, "half-odd", 1.0)

    def written(cells: Cells) -> None:
        named(cells, "half-odd").metadata.nbgrader.update(solution=True, locked=False)

    new = changed(blueprint, written)
    writer.register(new)
    writer.begin(ASSIGNMENT, "ada")
    scores = {name: score for name, score in MIXED.items() if name != "half-odd"}
    writer.write(graded(new, scores=scores), handed_in(), "new")
    assert grades(course)["half-odd"][1:] == (1.0, True)
    assert "half-odd" in comments(course)


def test_lost_notebook_under_lower_points_waits(
    writer: GradebookWriter, course: NbgraderCourse, blueprint: Blueprint
) -> None:
    marked(course, "half-odd", 2.0)
    writer.register(changed(blueprint, worth("half-odd", 1)))
    writer.begin(ASSIGNMENT, "ada")
    writer.write(Result(ASSIGNMENT, "ada", ()), handed_in(), "new")
    assert grades(course)["half-odd"] == (0.0, 2.0, True)
