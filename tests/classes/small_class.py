"""A small nbgrader course with one assignment, and downloads of it as LMSs make them."""

import json
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook

from autograder.assignment.nbgrader_course import NbgraderCourse, open_course
from autograder.gradebook.database import newest_version

ASSIGNMENT = "02_cnn"
NOTEBOOK = "cnn.ipynb"
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "small"
c.Exchange.root = {exchange!r}
"""


def make_course(root: Path) -> NbgraderCourse:
    """A course whose class lies in its own folder."""
    (root / "source" / ASSIGNMENT).mkdir(parents=True)
    (root / "source" / ASSIGNMENT / NOTEBOOK).write_bytes(notebook("the source"))
    (root / "nbgrader_config.py").write_text(CONFIG.format(exchange=str(root / "exchange")))
    return open_course(root)


def notebook(answer: str, grade_id: str = "conv2d") -> bytes:
    """A student's notebook; other answers are other bytes."""
    marks = {"grade_id": grade_id, "solution": True, "grade": False, "locked": False}
    cell = new_code_cell(answer, id="a", metadata={"nbgrader": {**marks, "schema_version": 3}})
    return nbformat.writes(new_notebook(cells=[cell])).encode()


def make_gradebook(path: Path, due: datetime) -> Path:
    """A gradebook with the assignment, of 10 points: a check of 8 and a written answer of 2."""
    assert newest_version()  # nbgrader would ask the program alembic for it
    with Gradebook(f"sqlite:///{path}", "small") as gradebook:
        gradebook.add_assignment(ASSIGNMENT, duedate=due)
        gradebook.add_notebook("cnn", ASSIGNMENT)
        gradebook.add_grade_cell("check", "cnn", ASSIGNMENT, max_score=8, cell_type="code")
        gradebook.add_grade_cell("words", "cnn", ASSIGNMENT, max_score=2, cell_type="markdown")
    return path


def give(
    gradebook: Gradebook,
    student: str,
    auto: float,
    manual: float | None = 0.0,
    came: datetime | None = None,
) -> None:
    """Enter a mark by nbgrader's own interface; None leaves the written answer to a person."""
    gradebook.update_or_create_student(student)
    submission = gradebook.update_or_create_submission(ASSIGNMENT, student)
    submission.timestamp = came
    for grade in submission.notebooks[0].grades:
        if grade.cell.name == "check":
            grade.auto_score, grade.needs_manual_grade = auto, False
        else:
            grade.manual_score, grade.needs_manual_grade = manual, manual is None
    gradebook.db.commit()


def answer_in(path: Path) -> str:
    """The answer in a notebook that lies somewhere."""
    return str(json.loads(path.read_bytes())["cells"][0]["source"][0])


def make_zip(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return path


def unpack(path: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


CANVAS_GRADEBOOK = """\
Student,ID,SIS User ID,SIS Login ID,Section,{name} ({number}),Final Score
    Points Possible,,,,,10.0,(read only)
"Lovelace, Ada",101,S1,ada,Group A,,0
"Özdemir, Bé_la 7",102,S2,bela,Group A,,0
"王, 小明",103,S3,xiaoming,Group B,,0
"=1+1, Eve",104,S4,eve,Group B,3,0
"Student, Test",105,,teststudent,,,0
"""
MOODLE_WORKSHEET = """\
Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",\
"Last modified (submission)","Last modified (grade)","Feedback comments"
"Participant 101","Ada Lovelace",ada@x.org,"Submitted for grading",,10.00,Yes,-,-,
"Participant 102","Béla_7 Özdemir",bela@x.org,"Submitted for grading",,10.00,Yes,-,-,"well done"
"Participant 103",王小明,xiaoming@x.org,"Submitted for grading",4.00,10.00,No,-,-,
"Participant 104","=1+1 Eve",eve@x.org,"No submission",,10.00,Yes,-,-,
"""
GRADESCOPE_ROSTER = """\
First Name,Last Name,SID,Email,Role
Ada,Lovelace,0101,ada@x.org,Student
Béla,Özdemir,0102,bela@x.org,Student
小明,王,0103,xiaoming@x.org,Student
=1+1,Eve,0104,eve@x.org,Student
"""
METADATA = """\
---
submission_11:
  :submitters:
  - :name: Ada Lovelace
    :sid: '0101'
    :email: ada@x.org
  :created_at: 2026-11-01 10:00:00.123456789 Z
  :score: 0.0
  :status: processed
submission_12:
  :submitters:
  - :name: Béla Özdemir
    :sid: '0102'
    :email: bela@x.org
  - :name: 王小明
    :sid:
    :email: xiaoming@x.org
  :created_at: 2026-11-01 12:30:00.000000000 +01:00
"""
