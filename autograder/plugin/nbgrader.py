"""The engine and our feedback pages behind nbgrader's commands and Formgrader's buttons.

In a course's nbgrader_config.py:

    from autograder.plugin.nbgrader import use_engine, use_feedback
    use_engine(c)    # nbgrader autograde, Autograde
    use_feedback(c)  # nbgrader generate_feedback, release_feedback, and the buttons

nbgrader converts each notebook twice: it sanitizes it, and it grades it. Here the first pass
repairs the submission against the assignment, the second runs it in the engine and enters the
marks that the checks gave, never what the student's notebook says that they gave.
"""

import atexit
import contextlib
import copy
import os
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter, NotebookExporter
from nbconvert.exporters.exporter import FilenameExtension
from nbformat.v4 import new_notebook
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    NbGraderPreprocessor,
)
from traitlets import Bool

from autograder.assignment.blueprint import Blueprint, NotebookBlueprint, read_blueprint
from autograder.assignment.errors import UserError
from autograder.assignment.merge import merge
from autograder.assignment.nbgrader_course import NbgraderCourse, course_from
from autograder.assignment.notes import course_faults
from autograder.assignment.outcome import Result, Versions
from autograder.assignment.submission import Submission, read_submission
from autograder.engine.engine import Engine, EngineFailure
from autograder.engine.sandbox import Missing
from autograder.gradebook.autograded_folder import RECORD
from autograder.gradebook.by_hand import watch
from autograder.gradebook.marks import with_notes
from autograder.gradebook.writer import GradebookWriter
from autograder.grading.grade import ENGINE_VERSION, engine_for, grade
from autograder.grading.proof import Proof, proved, reference_of
from autograder.pages.feedback.write import FeedbackPages
from autograder.plugin.release_feedback import ReleaseFeedback
from autograder.records.roll import read_people


def use_engine(c: Any) -> None:
    """Let the engine grade for nbgrader; `c` is the configuration of nbgrader_config.py.

    `--no-execute` has no meaning with it: marks that a notebook brings along count for nothing.
    """
    watch()
    c.Autograde.exporter_class = UnreadExporter
    c.Autograde.sanitize_preprocessors = [RepairSubmission, CheckCellMetadata]
    c.Autograde.autograde_preprocessors = [
        GradeInEngine,
        SaveEngineGrades,
        AssignLatePenalties,
        CheckCellMetadata,
    ]
    _ignore_record(c)


def use_feedback(c: Any) -> None:
    """Let nbgrader write the pages of `autograder feedback`; `c` as in `use_engine`.

    They leave out what nbgrader's own show: source, messages and output of hidden checks.
    `nbgrader release_feedback` then reaches those who can fetch them, and names the others, unless
    the course has an exchange of another kind.
    """
    if "release_feedback" not in c.ExchangeFactory:
        c.ExchangeFactory.release_feedback = ReleaseFeedback
    c.GenerateFeedback.exporter_class = FeedbackExporter
    c.GenerateFeedback.preprocessors = []
    _ignore_record(c)


def _ignore_record(c: Any) -> None:
    """What `autograder grade` notes in autograded/ is not copied, nor may a student bring it."""
    ignore = c.CourseDirectory.get("ignore") or CourseDirectory.ignore.default()
    if RECORD not in ignore:
        c.CourseDirectory.ignore = [*ignore, RECORD]


_engine: tuple[object, Engine] | None = None
"""The one of this process, and what it was started for."""


def shared_engine(blueprint: Blueprint, *, require_sandbox: bool = False) -> Engine:
    """The engine that serves all submissions of this process to the assignment.

    It ends with the process, or when another assignment comes: each needs its own imports.
    raises: UserError if a sandbox is required and there is none
    """
    global _engine
    needs = (blueprint.key, blueprint.files, blueprint.timeout, require_sandbox)
    if _engine is None or _engine[0] != needs:
        close_engine()
        jail = True if require_sandbox else None
        _engine = (needs, engine_for(blueprint, jail=jail))
    return _engine[1]


def close_engine() -> None:
    """End the engine, if there is one."""
    global _engine
    if _engine is not None:
        _engine[1].close()
        _engine = None


atexit.register(close_engine)


@contextlib.contextmanager
def in_one_sentence(log: Any) -> Iterator[None]:
    """Let nbgrader's log, which Formgrader shows, say what is wrong before nbgrader's traceback.

    raises: NbGraderException in place of our own errors
    """
    try:
        yield
    except (UserError, EngineFailure) as error:
        log.error("%s", error)
        raise NbGraderException(str(error)) from None


class UnreadExporter(NotebookExporter):  # type: ignore[misc]  # nbconvert is not typed
    """Leaves the reading of a file to the steps below: no file can stop nbgrader here."""

    def __init__(self, parent: Any = None, **options: Any) -> None:
        """Enter the assignment into the gradebook too: nbgrader refuses to grade an unknown one.

        Formgrader's button would fail on a class in which nothing was graded yet. And refuse what
        cannot be graded now: nbgrader removes what a student has before it grades anew.
        """
        super().__init__(parent=parent, **options)
        assignment = parent.coursedir.assignment_id if isinstance(parent, Autograde) else ""
        with in_one_sentence(self.log):
            if not assignment or assignment not in _course_of(parent).assignments():
                return  # nbgrader says what is wrong with its name
            blueprint = _run_with(parent).blueprint(assignment)
            if GradeInEngine in parent.autograde_preprocessors:
                GradeInEngine(parent=self).ready(blueprint)

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> tuple[Any, Any]:
        """Convert an empty notebook in the name of the file."""
        path = Path(filename)
        about = {"name": path.stem, "path": str(path.parent)}
        resources = {**(resources or {}), "metadata": about}
        return self.from_notebook_node(new_notebook(), resources=resources, **kw)  # type: ignore[no-any-return]


class RepairSubmission(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader is not typed
    """The student's answers in the assignment's notebook, in place of what was handed in."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Return the merged notebook."""
        run, about = _run_of(self), resources["nbgrader"]
        with in_one_sentence(self.log):
            submission = run.submission(about["assignment"], about["student"])
            run.remove_links(about["assignment"], about["student"])
            merged = merge(
                run.notebook(about["assignment"], about["notebook"]),
                submission.files.get(f"{about['notebook']}.ipynb"),
            )
        for note in (*submission.notes, *merged.notes):
            self.log.warning("%s: %s", about["student"], note)
        return merged.notebook, resources


class GradeInEngine(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader is not typed
    """Run the submission in the engine; the notebook gets the outputs."""

    cross_check = Bool(
        False, help="Whether to run checks in the student's process too, and compare."
    ).tag(config=True)
    require_sandbox = Bool(
        True, help="Whether to refuse to grade where students' code cannot run in the sandbox."
    ).tag(config=True)
    strict = Bool(
        False, help="Whether to leave to a person each check that can only run beside the answer."
    ).tag(config=True)
    anyway = Bool(
        False, help="Whether to grade also where the course's own solution does not pass."
    ).tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Return the graded notebook; its marks go on to SaveEngineGrades."""
        run, about = _run_of(self), resources["nbgrader"]
        with in_one_sentence(self.log):
            result = run.result(about["assignment"], about["student"], self._grade)
        graded = next(n for n in result.notebooks if n.name == about["notebook"])
        for fault in course_faults(graded.notes):
            self.log.error("%s: %s", about["notebook"], fault)
        notes = run.submission(about["assignment"], about["student"]).notes
        return with_notes(graded, tuple(dict.fromkeys((*notes, *result.notes)))), resources

    def ready(self, blueprint: Blueprint) -> tuple[Engine, Proof]:
        """The engine, and what the course's own solution proves. raises: UserError"""
        try:
            engine = shared_engine(blueprint, require_sandbox=self.require_sandbox)
        except Missing as error:
            setting = "c.GradeInEngine.require_sandbox = False"
            raise Missing(
                error.why, f"If you trust every submission: {setting} in nbgrader_config.py."
            ) from None
        proof = _run_of(self).proof(blueprint, engine, self.log.warning)
        proof.require(anyway=self.anyway)
        return engine, proof

    def _grade(self, blueprint: Blueprint, submission: Submission) -> Result:
        engine, proof = self.ready(blueprint)
        applied = proof.applied(blueprint, strict=self.strict)
        return grade(applied, submission, engine, cross_check=self.cross_check)


class SaveEngineGrades(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader is not typed
    """Enter the marks that the engine gave; outputs are for people.

    As `autograder grade` enters them: the whole submission, with its history, in one transaction.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Enter all marks of the submission, when the first of its notebooks comes."""
        about = resources["nbgrader"]
        with in_one_sentence(self.log):
            _run_of(self).enter(about["assignment"], about["student"])
        return nb, resources


class FeedbackExporter(Exporter):  # type: ignore[misc]  # nbconvert is not typed
    """Writes the student's page from what was graded; the notebook is not converted."""

    file_extension = FilenameExtension(".html")

    def __init__(self, parent: Any = None, **options: Any) -> None:
        """Refuse what no page can be made of: nbgrader removes the old pages before the new."""
        super().__init__(parent=parent, **options)
        self._pages: dict[str, FeedbackPages] = {}
        assignment = parent.coursedir.assignment_id if isinstance(parent, GenerateFeedback) else ""
        with in_one_sentence(self.log):
            if not assignment or assignment not in _course_of(parent).assignments():
                return  # nbgrader says what is wrong with its name
            self._pages_of(assignment)

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> tuple[Any, Any]:
        """Return the page and nbgrader's resources.

        raises: NbGraderException if nothing of the student's is graded
        """
        about = resources["nbgrader"]
        assignment, student = about["assignment"], about["student"]
        with in_one_sentence(self.log):
            page = self._pages_of(assignment).page(student, about["notebook"])
            if page is None:
                raise UserError(f"{student}, {assignment}: nothing is graded; grade it first.")
        return page, {**resources, "output_extension": self.file_extension}

    def _pages_of(self, assignment: str) -> FeedbackPages:
        if assignment not in self._pages:
            self._pages[assignment] = FeedbackPages(_course_of(self.parent), assignment)
        return self._pages[assignment]


class _Run:
    """What one run of nbgrader's Autograde knows: the course, and the submission in hand.

    nbgrader takes the notebooks of a submission one by one; the engine grades them together.
    """

    def __init__(self, converter: Any) -> None:
        self._directories, self._log = converter.coursedir, converter.log
        self._course = _course_of(converter)
        self._blueprints: dict[str, Blueprint] = {}
        self._proofs: dict[str, Proof] = {}
        self._submission: Submission | None = None
        self._result: Result | None = None
        self._entered: Result | None = None

    def blueprint(self, assignment: str) -> Blueprint:
        """The assignment, entered into the gradebook as it is now."""
        if assignment not in self._blueprints:
            blueprint = read_blueprint(self._course, assignment)
            with self._writer() as writer:
                notes = writer.register(blueprint)
            for note in notes:
                self._log.warning("%s: %s", assignment, note)
            self._blueprints[assignment] = blueprint
        return self._blueprints[assignment]

    def proof(self, blueprint: Blueprint, engine: Engine, tell: Callable[..., None]) -> Proof:
        """What the course's own solution proves, found and told once for all students."""
        name = blueprint.assignment
        if name not in self._proofs:
            self._proofs[name] = proof = proved(
                blueprint, reference_of(self._course, blueprint), partial(grade, engine=engine),
                limits=engine.limits, jail=engine.jail,
            )  # fmt: skip
            for note in proof.notes:
                tell("%s: %s", name, note)
        return self._proofs[name]

    def notebook(self, assignment: str, name: str) -> NotebookBlueprint:
        return next(n for n in self.blueprint(assignment).notebooks if n.name == name)

    def submission(self, assignment: str, student: str) -> Submission:
        held = self._submission
        if held is None or (held.assignment, held.student) != (assignment, student):
            folder = self._course.submission_folder(student, assignment)
            self._submission = held = read_submission(folder, student, assignment)
            self._result = None
        return held

    def result(
        self,
        assignment: str,
        student: str,
        grade_it: Callable[[Blueprint, Submission], Result],
    ) -> Result:
        submission = self.submission(assignment, student)
        if self._result is None:
            self._result = grade_it(self.blueprint(assignment), submission)
        return self._result

    def enter(self, assignment: str, student: str) -> None:
        """Enter the result into the gradebook, once."""
        result, submission = self._result, self.submission(assignment, student)
        if result is None or result is self._entered:
            return
        key = self.blueprint(assignment).key
        with self._writer() as writer:
            writer.enter(result, submission, Versions(ENGINE_VERSION, key, submission.work_key))
        self._entered = result

    def _writer(self) -> GradebookWriter:
        return GradebookWriter(self._course, read_people(self._course).now)

    def remove_links(self, assignment: str, student: str) -> None:
        """Delete what nbgrader copied through a student's links: files of ours, or of others."""
        folder = self._course.submission_folder(student, assignment)
        copies = self._course.autograded_folder(student, assignment)
        for parent, _, names in os.walk(folder):
            for name in names:
                path = Path(parent, name)
                if path.is_symlink():
                    (copies / path.relative_to(folder)).unlink(missing_ok=True)


_runs: weakref.WeakKeyDictionary[Any, _Run] = weakref.WeakKeyDictionary()


def _run_of(step: Any) -> _Run:
    """The run that a step belongs to: step, exporter, converter."""
    return _run_with(step.parent.parent)


def _run_with(converter: Any) -> _Run:
    if converter not in _runs:
        _runs[converter] = _Run(converter)
    return _runs[converter]


def _course_of(converter: Any) -> NbgraderCourse:
    """The course as this run of nbgrader sees it, command line included."""
    config, directories = copy.deepcopy(converter.config), converter.coursedir
    for name in directories.trait_names(config=True):
        if name not in ("student_id", "assignment_id", "notebook_id"):
            config.CourseDirectory[name] = getattr(directories, name)
    return course_from(Path(directories.root), config)
