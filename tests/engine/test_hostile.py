"""No submission, however hostile, earns what it does not deserve or touches anybody else."""

import contextlib
import ctypes
import json
import os
import secrets
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hostile.assignment import DATA, DATA_FILE, NAME, NOTEBOOK, POINTS, source_notebook
from hostile.attacks import read_attacks
from hostile.classroom import Member, Place, Secrets, filled, hand_in, make_course, members
from hostile.witnesses import files, listeners, processes
from nbgrader.api import Gradebook

from autograder.assignment.nbgrader_course import open_course
from autograder.assignment.outcome import Outcome
from autograder.pages.feedback.write import write_feedback

CLASS = members()
HONEST = [who for who in CLASS if who.honest]
ATTACKERS = [who for who in CLASS if not who.honest]
REAL = [attack for attack in read_attacks() if attack.real]
SUBREAPER = 36  # prctl(PR_SET_CHILD_SUBREAPER)


@dataclass(frozen=True)
class Batch:
    """What was seen of one run of `autograder grade`.

    before, after: the files of the course apart from the marks, of the home and of other places
    left: processes that were still there
    """

    place: Place
    secret: Secrets
    tag: str
    home: Path
    temporary: Path
    said: str
    students: Mapping[str, Any]
    before: Mapping[str, bytes | str]
    after: Mapping[str, bytes | str]
    left: Mapping[int, str]
    heard: list[str]
    ready: list[str]

    def marks(self, student: str) -> dict[str, tuple[str, float, str]]:
        """Outcome, points and message by check."""
        return {
            name: (check["outcome"], check["score"], check["message"])
            for name, check in self.students[student]["checks"].items()
        }


# ---- the batches ----


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Secrets]:
    secret = Secrets()
    root = tmp_path_factory.mktemp("hostile") / "course"
    root.mkdir()
    make_course(root, secret)
    return root, secret


@pytest.fixture(scope="module")
def everybody(course: tuple[Path, Secrets]) -> Iterator[Batch]:
    with graded(*course, CLASS) as batch:
        yield batch


@pytest.fixture(scope="module")
def alone(course: tuple[Path, Secrets]) -> Iterator[Batch]:
    with graded(*course, HONEST) as batch:
        yield batch


@contextlib.contextmanager
def graded(
    course: Path, secret: Secrets, who: list[Member] | tuple[Member, ...]
) -> Iterator[Batch]:
    """Grade a copy of the course in which `who` have handed in."""
    # Not pytest's folders: a short path, as sockets need, and cleared even if a name is odd.
    with tempfile.TemporaryDirectory(prefix="class-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        for name in ("home", "temporary", "outside"):
            (root / name).mkdir()
        shutil.copytree(course, root / "course")
        (root / "home" / ".netrc").write_text(f"password {secret.home}\n")
        tag = f"t{secrets.token_hex(6)}"
        with listeners(root / "outside") as seen:
            words = {
                **seen.words,
                "COURSE": str(root / "course"),
                "HOME": str(root / "home"),
                "TEMP": str(root / "temporary"),
                "TAG": tag,
                "PID": str(os.getpid()),
                "CLASSMATE": HONEST[0].student,
            }
            place = Place(root / "course", words)
            for member in who:
                hand_in(place, member, secret)
            yield _grade(root, place, secret, seen.heard, tag)


def _grade(root: Path, place: Place, secret: Secrets, heard: list[str], tag: str) -> Batch:
    _reach(place.words)
    ready, heard[:] = list(heard), []
    answer = root / "result.json"
    mark = f"run-{tag}"
    known = _children()  # those of other tests
    environment = {
        **{name: os.environ[name] for name in ("LANG", "VIRTUAL_ENV") if name in os.environ},
        "PATH": str(Path(sys.executable).parent) + os.pathsep + os.environ.get("PATH", ""),
        "HOME": str(root / "home"),
        "TMPDIR": str(root / "temporary"),
        "GRADER_PASSWORD": secret.environment,
        "MARK": mark,
    }
    before = _files(root)
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)  # orphans of the grading come to this process
    try:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "autograder", "grade", NAME, f"--course={place.root}"),
                *("--workers=4", "--timeout=5", "--memory=512", "--require-sandbox"),
                f"--json={answer}",
            ],
            cwd=root / "outside",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        left = _left(known, mark, tag)
    finally:
        ctypes.CDLL(None).prctl(SUBREAPER, 0, 0, 0, 0)
    said = done.stdout.decode(errors="replace")
    assert answer.is_file(), said
    assert answer.stat().st_size, said
    return Batch(
        place=place,
        secret=secret,
        tag=tag,
        home=root / "home",
        temporary=root / "temporary",
        said=said,
        students=json.loads(answer.read_bytes())["assignments"][0]["students"],
        before=before,
        after=_files(root),
        left=left,
        heard=heard,
        ready=ready,
    )


def _files(root: Path) -> dict[str, bytes | str]:
    """Everything in the test's folders but the marks, and what lies about on the machine."""
    marks = (root / "course" / "autograded", root / "course" / "gradebook.db", root / "result.json")
    found = {
        path: content
        for path, content in files(root).items()
        if not path.startswith(tuple(map(str, marks)))
    }
    for shared in ("/tmp", "/dev/shm", "/var/tmp"):
        found.update({f"{shared}/{name}": "" for name in os.listdir(shared)})
    return found


def _children() -> set[int]:
    """Processes whose parent is this one."""
    return {int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and _parent(p)}


def _left(known: set[int], *marks: str) -> dict[int, str]:
    """Processes of the grading that do not end by themselves within moments."""
    mine = _children() - known
    for _ in range(50):
        mine = {pid for pid in mine if _parent(Path(f"/proc/{pid}"))}
        found = {**processes(*marks), **{pid: "an orphan" for pid in mine}}
        if not found:
            break
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)
        time.sleep(0.1)
    return found


def _parent(process: Path) -> bool:
    """Whether the process is a child of this one."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        return int(fields[1]) == os.getpid()
    return False


def _reach(words: Mapping[str, str]) -> None:
    """Speak to every listener once, to prove that they hear."""
    for family, kind, place in (
        (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", int(words["PORT"]))),
        (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", int(words["UDP"]))),
        (socket.AF_UNIX, socket.SOCK_STREAM, "\0" + words["ABSTRACT"]),
        (socket.AF_UNIX, socket.SOCK_STREAM, words["SOCKET"]),
    ):
        with socket.socket(family, kind) as client:
            client.connect(place)
            with contextlib.suppress(BrokenPipeError):  # it was heard, and hung up on
                client.send(b"hello")
    time.sleep(0.5)


# ---- marks ----

sandbox = [pytest.mark.sandbox, pytest.mark.slow]


class TestBatch:
    pytestmark = sandbox

    def test_everybody_has_an_outcome_for_each_check_and_a_reason_where_points_are_lost(
        self, everybody: Batch
    ) -> None:
        assert set(everybody.students) == {who.student for who in CLASS}
        known = {outcome.value for outcome in Outcome}
        for student, result in everybody.students.items():
            assert set(result["checks"]) == set(POINTS), student
            for name, (outcome, score, message) in everybody.marks(student).items():
                assert outcome in known, (student, name)
                assert 0 <= score <= POINTS[name], (student, name)
                assert score == POINTS[name] or message.strip(), (student, name, outcome)
            assert result["score"] == sum(c["score"] for c in result["checks"].values())
            assert result["max_score"] == sum(POINTS.values())

    @pytest.mark.parametrize("who", ATTACKERS, ids=lambda who: who.student)
    def test_no_point_is_forged(self, everybody: Batch, who: Member) -> None:
        forged = {
            name: mark
            for name, mark in everybody.marks(who.student).items()
            if mark[1] > who.deserves.get(name, 0)
        }
        assert not forged

    @pytest.mark.parametrize("who", HONEST, ids=lambda who: who.student)
    def test_honest_student_gets_what_the_story_says(self, everybody: Batch, who: Member) -> None:
        assert who.honest
        marks = everybody.marks(who.student)
        lost = {name: mark for name, mark in marks.items() if mark[0] != "passed"}
        assert {name: mark[0] for name, mark in lost.items()} == dict(who.honest.loses), lost
        assert everybody.students[who.student]["score"] == who.honest.score

    @pytest.mark.parametrize("who", HONEST, ids=lambda who: who.student)
    def test_honest_student_is_marked_as_if_nobody_attacked(
        self, everybody: Batch, alone: Batch, who: Member
    ) -> None:
        assert everybody.marks(who.student) == alone.marks(who.student)

    def test_gradebook_holds_what_the_result_says(self, everybody: Batch) -> None:
        with Gradebook(f"sqlite:///{everybody.place.database}") as gradebook:
            for student in everybody.students:
                notebook = gradebook.find_submission_notebook(NOTEBOOK, NAME, student)
                held = {grade.name: grade for grade in notebook.grades}
                assert held.keys() == {*POINTS, "reflection"}, student
                for name, (outcome, score, _) in everybody.marks(student).items():
                    assert held[name].auto_score == score, (student, name)
                    assert held[name].manual_score is None, (student, name)
                    assert held[name].extra_credit in (None, 0), (student, name)
                    assert held[name].needs_manual_grade == (outcome == "disputed")
            assert {s.id for s in gradebook.students} == {*everybody.students, "zoe"}

    # ---- secrets ----

    def test_nothing_secret_is_told(self, everybody: Batch) -> None:
        own = everybody.place.autograded / HONEST[0].student
        found = []
        for path, content in files(everybody.place.autograded).items():
            for canary in everybody.secret.canaries:
                if canary == everybody.secret.hidden and path.endswith(".ipynb"):
                    content = _told_in_outputs(path)  # the check itself is for the instructor
                mine = canary == everybody.secret.classmate and Path(path).is_relative_to(own)
                if canary in _text(content) and not mine:
                    found.append((path, canary))
        told = everybody.said + json.dumps(everybody.students)
        found += [("result", canary) for canary in everybody.secret.canaries if canary in told]
        assert not found, found

    def test_no_feedback_page_tells_a_secret(self, everybody: Batch, tmp_path: Path) -> None:
        course = replace(open_course(everybody.place.root), feedback=tmp_path)
        written = write_feedback(course, NAME)
        assert {path.parent.parent.name for path in written.pages} == {w.student for w in CLASS}
        for path in written.pages:
            page, student = path.read_text(), path.parent.parent.name
            found = {canary for canary in everybody.secret.canaries if canary in page}
            own = {everybody.secret.classmate} if student == HONEST[0].student else set()
            assert found == own, student
            assert "<script" not in page, student

    @pytest.mark.parametrize(
        "word",
        [
            "SECRET FILE",
            "REACHED",
            "ESCAPED",
            "HANDLE OPENED",
            "KEY STORED",
            "ATTACHED",
            "CHANGED",
            "RAISED",
            "ALLOWED",
            "TYPED",
            "GROUP OUTSIDE",
            "NOT JAILED",
        ],
    )
    def test_no_attack_says_that_it_got_out(self, everybody: Batch, word: str) -> None:
        said = [
            path
            for path in map(str, everybody.place.autograded.glob("*/*/*.ipynb"))
            if word in _told_in_outputs(path)
        ]
        assert not said

    def test_accounts_of_the_machine_are_not_shown(self, everybody: Batch) -> None:
        accounts = Path("/etc/passwd").read_text().splitlines()[-1]
        for path, content in files(everybody.place.autograded).items():
            assert accounts not in _text(content), path

    def test_nobody_outside_was_reached(self, everybody: Batch) -> None:
        assert {word.split(":")[0] for word in everybody.ready} == {
            "tcp",
            "udp",
            "abstract",
            "file",
        }
        assert everybody.heard == []

    # ---- what is left ----

    def test_no_process_is_left(self, everybody: Batch) -> None:
        assert everybody.left == {}

    def test_no_file_is_left_or_changed(self, everybody: Batch, alone: Batch) -> None:
        root, quiet = everybody.home.parent, alone.home.parent
        usual = {str(Path(path).relative_to(quiet)) for path in new(alone) if below(path, quiet)}
        strange = {
            path
            for path in new(everybody)
            if below(path, root) and str(Path(path).relative_to(root)) not in usual
        }
        assert not strange, strange
        shared = {path for path in new(everybody) if everybody.tag in path}
        assert not shared
        assert not [*everybody.temporary.iterdir()], "the grader's own temporary files"
        changed = {
            path
            for path, content in everybody.before.items()
            if below(path, root) and everybody.after.get(path) != content
        }
        assert not changed, changed

    def test_autograded_holds_plain_files_of_known_names(self, everybody: Batch) -> None:
        for who in CLASS:
            folder = everybody.place.autograded / who.student / NAME
            for path in folder.rglob("*"):
                mode = path.lstat().st_mode
                assert stat.S_ISREG(mode) or stat.S_ISDIR(mode), path
                assert everybody.tag not in path.name, path
            nbformat.validate(nbformat.read(folder / f"{NOTEBOOK}.ipynb", as_version=4))
            assert (folder / f"{NOTEBOOK}.ipynb").stat().st_size < 20 << 20

    def test_autograded_data_file_is_the_courses(self, everybody: Batch) -> None:
        for path in everybody.place.autograded.glob(f"*/{NAME}/{DATA_FILE}"):
            assert path.read_text() == DATA, path


def new(batch: Batch) -> set[str]:
    return set(batch.after) - set(batch.before)


def below(path: str, root: Path) -> bool:
    return Path(path).is_relative_to(root)


def _text(content: bytes | str) -> str:
    return content if isinstance(content, str) else content.decode(errors="replace")


def _told_in_outputs(path: str) -> str:
    """The outputs of a notebook and its metadata, without the sources of its cells."""
    notebook = nbformat.read(path, as_version=4)
    outputs = [(cell.metadata, cell.get("outputs")) for cell in notebook.cells]
    return json.dumps([notebook.metadata, outputs])


# ---- the attacks themselves ----


@pytest.fixture(scope="module")
def one_process(
    course: tuple[Path, Secrets], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Mapping[str, float]]:
    """Points of the real attacks where, as in stock nbgrader, everything runs in one process."""
    root, secret = course
    folder = tmp_path_factory.mktemp("one_process")
    place = Place(
        folder,
        {"COURSE": str(folder), "TAG": "tag", "PID": "1", "CLASSMATE": "ada"},
    )
    (folder / DATA_FILE).write_text(DATA)
    shutil.copytree(root / "source", folder / "source")
    hand_in_by_classmate = folder / "submitted" / "ada" / NAME
    hand_in_by_classmate.mkdir(parents=True)
    shutil.copy(root / "source" / NAME / f"{NOTEBOOK}.ipynb", hand_in_by_classmate)
    released = nbformat.read(root / "release" / NAME / f"{NOTEBOOK}.ipynb", as_version=4)
    checks = {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in source_notebook(secret.solution, secret.hidden).cells
        if cell.metadata.get("nbgrader", {}).get("points")
    }
    paths = []
    everyone = [Member(attack.name, attack=attack) for attack in REAL]
    everyone.append(Member("full", honest=HONEST[0].honest))
    for who in everyone:
        notebook = filled(released, who, place.words, secret)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = checks.get(name, cell.source)
        paths.append(folder / f"{who.student}.ipynb")
        nbformat.write(notebook, paths[-1])
    script = Path(__file__).parent / "hostile" / "in_process.py"
    done = subprocess.run([sys.executable, script, *paths], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, float]] = json.loads(done.stdout)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("attack", REAL, ids=lambda attack: attack.name)
def test_attack_is_real(one_process: Mapping[str, Mapping[str, float]], attack: Any) -> None:
    earned = {name: points for name, points in one_process[attack.name].items() if points}
    assert set(earned) - set(attack.earns)


@pytest.mark.slow
def test_honest_answers_earn_everything_in_one_process_too(
    one_process: Mapping[str, Mapping[str, float]],
) -> None:
    assert one_process["full"] == POINTS


def test_names_of_the_class_are_unlike() -> None:
    names = [who.student.split("-", 1)[1] for who in ATTACKERS]
    assert len(set(names)) == len(names)
    assert len({who.student for who in CLASS}) == len(CLASS)
    assert [who.student for who in CLASS] == sorted(who.student for who in CLASS)
