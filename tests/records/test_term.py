"""A term of forty students: downloads of three systems, and every mark is that of a table."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path

import played_class
import pytest
from nbgrader.api import Grade, Gradebook
from played_class import ASSIGNMENT, NOTEBOOK, written
from postgresql_server import server
from small_class import make_zip, unpack

from autograder.assignment.nbgrader_course import open_course
from autograder.classroom.grade_class import Options, grade_class
from autograder.classroom.merge_shards import merge_shards
from autograder.classroom.shards import Shard
from autograder.export.lms import Target
from autograder.export.marks import export
from autograder.intake import words
from autograder.intake.collect import collect
from autograder.intake.roster import Roster, Seated, read_roster
from autograder.pages.feedback.write import write_feedback
from autograder.records import roll
from autograder.records.class_history import class_history
from autograder.records.class_marks import ClassMark, read_marks
from autograder.records.journal import Said
from autograder.records.receipts import Received
from autograder.records.roll import class_ids, read_people

DUE = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST, SECOND = DUE + HOUR, DUE + 72 * HOUR
"""When the downloads were collected."""
CLASS = f"""
timezone = "Europe/Berlin"
[due]
"{ASSIGNMENT}" = 2026-11-01T13:00:00
[extensions."{ASSIGNMENT}"]
c04 = 2
"m04@x.org" = 2026-11-03T13:00:00
g04 = 1
[late]
grace_minutes = 15
share_per_day = 0.25
cap = 0.5
"""

# The table. An answer is two numbers: points of the check, and of what is written, which a person
# marks with just as many. The check is found to be too strict after the first marks: its second
# text gives each a point more, up to 4. At last a check is added, of one point, which answers of 3
# and 4 pass. Then for each hand-in: the answer, and the hours after the due date; of Canvas, which
# tells no time, L if it calls it late, and of Moodle, which tells nothing, only in which of the two
# downloads it is. `mark` is what is right in the end, of 7.
TABLE = """
c01  4+2         7
c02  3+2         7     the check was too strict
c03  1+0 4+1     6     handed in twice: the later
c04  2+1L        4     late by Canvas, which does not say how late; with an extension
c05  0+0         1
c06  3+1 2+2L    6     the later is late: the earlier counts
c07  4+2L        7     late, and it is not known how late: nothing is taken off
c08  4+2L        5.25  it came 20 hours late, as the teacher says
c09  4+2L        7     it came in time, as the teacher says
c10  2+0         3
c11  3+1 1+0     2     the later counts, though it is worse
c12  3+1 1+0     6     … unless the teacher takes the earlier
c13  4+2         7     the login changes, and the teacher follows
c14  two         5     either may be it; the teacher put the right one, 3+0, there
c15  4+2         left
m01  4+2 .       7
m02  3+2 .       7
m03  . 4+1       6     it was in the second download alone: nobody knows when it came
m04  . 2+1       4     the same, with an extension
m05  0+0 .       1
m06  3+1 2+2     5     nobody knows when the later came: it counts
m07  . 4+2       5.25  it came 20 hours late, as the teacher says
m08  . 4+2       3.5   it came 60 hours late
m09  . 4+2       7     it came in time
m10  2+0 .       3
m11  3+1 1+0     6     the second was a mistake of the teacher's, and is left out
m12  3+1 1+0     2     … and this one was left out, and taken back
m13  4+2 4+2     7
g01  4+2@-9      7
g02  3+2@-1      7
g03  1+0@-5 4+1@-2          6
g04  3+1@20      6     an extension of a day
g05  0+0@-3      1
g06  3+1@-2 2+2@5           6     the later is late
g07  4+2@0.25    7     within the grace
g08  4+2@20      5.25  one day: a quarter
g09  4+2@30      3.5   two days: a half
g10  4+2@60      3.5   three days: the cap
g11  2+0@-1      3     a group
g12  2+0@-1      3     … of two
g13  4+2@20      7     late, but the teacher gave an extension afterwards
"""
STUDENTS = {
    line.split()[0] + ("@x.org" if line.startswith("m") else ""): line.split()[1:]
    for line in TABLE.strip().splitlines()
}


def answer(text: str) -> int:
    """As `played_class` counts answers."""
    check, words = text.rstrip("L").split("@")[0].split("+")
    return int(check) + 5 * int(words)


def handed_in(student: str) -> list[str]:
    """The first columns: those that look like answers."""
    return list(takewhile(lambda word: "+" in word or word in (".", "two"), STUDENTS[student]))


def wanted_marks() -> dict[str, float]:
    """The column that follows, of those who have not left, by what they are called in the end."""
    marks = {student: row[len(handed_in(student))] for student, row in STUDENTS.items()}
    return {now(student): float(mark) for student, mark in marks.items() if mark != "left"}


def now(student: str) -> str:
    """What a student is called in the end."""
    return "c13.new" if student == "c13" else student


def of(system: str) -> list[str]:
    return [student for student in STUDENTS if student[0] == system]


# --- what the systems let a teacher download


def number(student: str) -> int:
    """What Canvas and Moodle call a student."""
    return 1000 + int(student[1:3])


def canvas(root: Path, which: int) -> Path:
    """Canvas's zip: of each student the last hand-in until then."""
    files = {}
    for student in of("c"):
        row = handed_in(student)
        text = row[min(which, len(row) - 1)]
        if text == "two":
            for file, points in ((1, 3), (2, 4)):
                files[f"yx_{number(student)}_{file}_n{file}.ipynb"] = played_class.notebook(points)
            continue
        late = "LATE_" if text.endswith("L") else ""
        again = min(which, len(row) - 1)
        name = f"yx_{late}{number(student)}_{100 + again}_cnn{'-1' if again else ''}.ipynb"
        files[name] = played_class.notebook(answer(text))
    return make_zip(root / f"canvas{which}.zip", files)


def moodle(root: Path, which: int) -> Path:
    files = {
        f"X Y_{number(student)}_assignsubmission_file_/{NOTEBOOK}": played_class.notebook(
            answer(handed_in(student)[which])
        )
        for student in of("m")
        if handed_in(student)[which] != "."
    }
    return make_zip(root / f"moodle{which}.zip", files)


def gradescope(root: Path, which: int) -> Path:
    files, listed = {}, []
    for student in of("g"):
        row = handed_in(student)
        text = row[min(which, len(row) - 1)]
        if student == "g12":  # of the group
            continue
        folder = f"submission_{number(student)}"
        people = [student, "g12"] if student == "g11" else [student]
        time = DUE + float(text.split("@")[1]) * HOUR
        listed += [f"{folder}:", "  :submitters:"]
        for one in people:
            listed += [f"  - :name: X Y\n    :sid: {one}\n    :email: {one}@x.org"]
        listed += [f"  :created_at: {time.isoformat()}"]
        files[f"e/{folder}/{NOTEBOOK}"] = played_class.notebook(answer(text))
    files["e/submission_metadata.yml"] = "\n".join(listed).encode()
    return make_zip(root / f"gradescope{which}.zip", files)


def rosters(root: Path, called: Callable[[str], str] = str) -> dict[str, Path]:
    """The systems' own files, in which marks go back. called: the login of a student in Canvas"""
    rows = [
        f"Student,ID,SIS User ID,SIS Login ID,Section,{ASSIGNMENT} (77)",
        "    Points Possible,,,,,7",
    ]
    rows += [f'"Y, X",{number(one)},S{one},{called(one)},A,' for one in of("c")]
    (root / "canvas.csv").write_text("\n".join(rows) + "\n")
    rows = [
        "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,Feedback comments"
    ]
    rows += [f"Participant {number(one)},X Y,{one},Submitted,,7.00,Yes," for one in of("m")]
    (root / "moodle.csv").write_text("\n".join(rows) + "\n")
    rows = ["First Name,Last Name,SID,Email,Role"]
    rows += [f"X,Y,{one},{one}@x.org,Student" for one in of("g")]
    (root / "gradescope.csv").write_text("\n".join(rows) + "\n")
    return {name: root / f"{name}.csv" for name in ("canvas", "moodle", "gradescope")}


# --- the term


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server() as address:
        yield address


class Term:
    """A class through a term, with the clock of whoever teaches it."""

    def __init__(self, root: Path, gradebook: str) -> None:
        played_class.make_course(root)
        self.root, self.now = root, FIRST
        self.write_class(f'gradebook = "{gradebook}"\n' if gradebook else "", CLASS)
        self.read_rosters(str)

    def write_class(self, head: str, text: str) -> None:
        self.head = head
        (self.root / "class.toml").write_text(head + text)
        self.course = open_course(self.root)

    def read_rosters(self, called: Callable[[str], str]) -> None:
        self.rosters = {
            name: read_roster(path) for name, path in rosters(self.root, called).items()
        }

    def clock(self) -> datetime:
        return self.now

    def seated(self, roster: Roster) -> Seated:
        return roster.seat(read_people(self.course), class_ids(self.course))

    def collect_all(self, which: int) -> None:
        made = DUE if which == 0 else self.now
        for name, download in (("canvas", canvas), ("moodle", moodle), ("gradescope", gradescope)):
            found = collect(
                self.course, ASSIGNMENT, download(self.root, which), roster=self.rosters[name],
                downloaded=made if name == "moodle" else None, clock=self.clock,
            )  # fmt: skip
            assert {line.student for line in found.lines} <= set(STUDENTS)

    def say(self, hours: dict[str, float]) -> None:
        times = {student: (DUE + more * HOUR).isoformat() for student, more in hours.items()}
        words.say_times(self.course, ASSIGNMENT, times, clock=self.clock)

    def mark_by_hand(self) -> int:
        """Mark each written answer that waits, with the points that its text is worth."""
        done = 0
        with Gradebook(self.course.db_url) as gradebook:
            for grade in gradebook.db.query(Grade).filter_by(needs_manual_grade=True):
                if grade.cell.name != "reflection":
                    continue  # the added check of one who is called otherwise now
                folder = self.course.submission_folder(grade.student.id, ASSIGNMENT)
                grade.manual_score = float(
                    written(played_class.answer_in((folder / NOTEBOOK).read_bytes()))
                )
                grade.needs_manual_grade = False
                done += 1
            gradebook.db.commit()
        return done

    def marks(self) -> dict[str, ClassMark]:
        (of_it,) = read_marks(self.course, (ASSIGNMENT,))
        return {mark.student: mark for mark in of_it.marks}


def played(root: Path, gradebook: str = "") -> Term:
    """Play the term."""
    term = Term(root, gradebook)
    with played_class.grading(term.clock):
        term.collect_all(0)
        grade_class(term.course, ASSIGNMENT)
        term.mark_by_hand()
        term.now = SECOND
        term.read_rosters(now)  # a login has changed
        term.collect_all(1)
        words.choose(term.course, ASSIGNMENT, "c12", 1, clock=term.clock)
        put = term.course.submission_folder("c14", ASSIGNMENT)
        unpack(put, {NOTEBOOK: played_class.notebook(3)})
        term.collect_all(1)
        for index in (1, 2, 3):  # on other machines
            grade_class(term.course, ASSIGNMENT, Options(shard=Shard(index, 3)))
        merge_shards(term.course, ASSIGNMENT)
        term.mark_by_hand()
        # What a teacher learns afterwards.
        term.say({"c08": 20, "c09": -1, "m07@x.org": 20, "m08@x.org": 60, "m09@x.org": -1})
        wrong = {"m11@x.org": [2], "m12@x.org": [2]}
        words.leave_out_of(term.course, ASSIGNMENT, wrong, clock=term.clock)
        facts = Received(root / "received", ASSIGNMENT).journal().facts()
        (last,) = (
            fact for fact in facts if (fact.student, fact.said) == ("m12@x.org", Said.LEFT_OUT)
        )
        words.take_back(term.course, ASSIGNMENT, last.number, clock=term.clock)
        term.write_class(term.head, CLASS.replace("g04 = 1", "g04 = 1\ng13 = 1"))
        played_class.change_check(root, 1)
        grade_class(term.course, ASSIGNMENT)
        term.mark_by_hand()
        assert term.marks()["c13"].score == 6  # the new login is still hers
        roll.say_renamed(term.course, "c13", now("c13"), term.now)
        roll.say_withdrawn(term.course, "c15", term.now)
        played_class.change_check(root, 1, added=True)
        assert not any(mark.final for mark in term.marks().values())
        grade_class(term.course, ASSIGNMENT)
        # What a person gave under the old login is not moved; all else stays as it was given.
        assert [s for s, mark in term.marks().items() if not mark.final] == [now("c13")]
        assert term.mark_by_hand() == 1
    return term


def told(term: Term) -> dict[str, dict[str, float]]:
    """By system, what its own file says when it has come back filled in."""
    columns = {
        "canvas": ("SIS Login ID", f"{ASSIGNMENT} (77)"),
        "moodle": ("Email address", "Grade"),
        "gradescope": ("SID", "Total Score"),
    }
    found = {}
    for name, (of_student, column) in columns.items():
        marks = read_marks(term.course, (ASSIGNMENT,))
        its = export(marks, Target(name), term.seated(term.rosters[name]))
        assert (its.waiting, its.differs) == ((), ())
        back = term.root / f"back_{name}.csv"
        back.write_bytes(its.text.encode())
        again = term.seated(read_roster(back))
        assert list(again.by_student) == [now(student) for student in of(name[0])]
        rows = [row for row in csv.DictReader(io.StringIO(its.text)) if row[of_student]]
        assert [row[of_student] for row in rows if not row[column]] == ["c15"] * (name == "canvas")
        found[name] = {row[of_student]: float(row[column]) for row in rows if row[column]}
    return found


def check_term(term: Term) -> None:
    wanted = wanted_marks()
    assert len(wanted) == 40
    marks = term.marks()
    assert {student: mark.score for student, mark in marks.items()} == wanted
    assert [mark.student for mark in marks.values() if not mark.final] == []
    back = told(term)
    assert back == {
        name: {student: mark for student, mark in wanted.items() if student[0] == name[0]}
        for name in back
    }
    unknown = {student for student, mark in marks.items() if mark.late is None}
    assert unknown == {"c07", "c04", "m03@x.org", "m04@x.org", "m06@x.org", "m12@x.org"}


def test_term_on_sqlite(tmp_path: Path) -> None:
    term = played(tmp_path / "course")
    check_term(term)
    pages = write_feedback(term.course, ASSIGNMENT, ["g09", "c07"]).pages
    for page, points in zip(sorted(pages), ("7", "3.5"), strict=True):
        assert f"{points} of 7" in " ".join(page.read_text().split())
    entries = class_history(term.course, ASSIGNMENT)
    said = {(entry.student, entry.words) for entry in entries if entry.words}
    assert ("c12", "attempt 1 is to count") in said
    assert not [student for student, _ in said if student == "m12@x.org"]  # taken back
    told_of = {(entry.student, entry.words) for entry in class_history(term.course)}
    assert {("c13", "is called c13.new from now on"), ("c15", "has left the class")} <= told_of


@pytest.mark.slow
def test_term_on_postgresql_is_the_same(tmp_path: Path, address: str) -> None:
    here, there = played(tmp_path / "here"), played(tmp_path / "there", address)
    check_term(there)
    assert there.marks() == here.marks()
