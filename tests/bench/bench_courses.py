"""Grade real public courses, our engine beside stock nbgrader: their own solutions as submissions.

    python tests/bench/bench_courses.py CLONES [--json FILE] [--only NAME]

CLONES is a folder of git clones or bare repositories, each called OWNER+NAME (`git clone --bare
https://github.com/OWNER/NAME CLONES/OWNER+NAME`). Nothing of theirs is in this repository: COURSES
names the commit and where their notebooks lie. What they import has to be installed.

For each course: the checks that its solution passes under stock nbgrader, how many of these it
passes here and in which way, what is disputed or lost, and the seconds of both for one submission
to each assignment, with the proof and without.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

STUDENT = "solution"
CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "public"
c.Execute.timeout = 120
c.ExecutePreprocessor.timeout = 120
c.ClearSolutions.enforce_metadata = False
"""


@dataclass(frozen=True)
class Public:
    """A course.

    source:    the folder of its assignments, or else `notebooks` names some, in its tree
    left_out:  assignments that are not measured, and why
    """

    repository: str
    commit: str
    source: str = ""
    notebooks: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)


COURSES = (
    Public(
        "nachorequeno/programacion_python", "faadae6b5a31", "nbgrader/source",
        left_out={"hoja_07": "it searches up to a number that is drawn anew, of at most 10**10"},
    ),
    Public("zichengliao/zuics101-fa17", "436a53caff3b", "source"),
    Public("ccha23/cs1302i21a", "52ad875cc49c", "source"),
    Public("umsi-mads/mads_demo_course", "ace02e87594b", "workspace_files/assignments/source"),
    Public("arishokri/ml_in_io", "7febef226f9f", "nbgrader/source"),
    Public("Cloudedu-Osaka/textbook", "3228c6ba1484", "source"),
    Public("wasit7/teaching_2023", "c31f537b9113", "nbgrader/course_ml/source"),
    Public("SoutikNandy/python_assign", "0dbe5317ffe6", "source"),
    Public("ryandhjeon/CS6010-tidy-data", "4482d60eb611", "source"),
    Public("zllu2/iMSA570_Linden", "d394a280335f", "assignments/source"),
    Public(
        "LDSSA/bootcamp", "80478a8829c0",
        notebooks=(
            "units/SLU13_Validation_classification/Exercise Notebook - SLU13 - Validation Metrics "
            "for Classification.ipynb",
        ),
    ),
    Public(
        "LDSSA/bootcamp", "617b6bd08e45",
        notebooks=("units/SLU8_Data_Problems/Exercise Notebook - SLU8 - Data Problems.ipynb",),
    ),
    Public(
        "alfonso-santos/finanzas_con_python", "f3dd99ea2fa2",
        notebooks=("assignments/source/C2023_A01/examen_c2023_a01.ipynb",),
    ),
    Public(
        "bhoom10/ct_dashboards", "57fd5c95f616",
        notebooks=tuple(
            f"python-basic-programming-master/entrance_test/entrance_test_pbp_{name}.ipynb"
            for name in ("basic_plotting", "code_organization", "control_flow", "variables")
        ),
    ),
)  # fmt: skip


_ABSENT = {"outcome": "absent", "score": 0, "max_score": 1, "message": "", "way": "absent"}


@dataclass
class Figures:
    """What came of one course; seconds are of all its assignments together."""

    repository: str
    commit: str
    runs: int = 0
    """Checks that the solution passes under stock nbgrader."""
    passes: int = 0
    """Those of them that it passes here."""
    ways: Counter[str] = field(default_factory=Counter)
    disputed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    stock_seconds: float = 0.0
    seconds: float = 0.0
    seconds_proved: float = 0.0
    left_out: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "ways": dict(self.ways)}


def main() -> None:
    """Measure, show a table, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clones", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    console = Console(width=160)
    found = []
    for course in COURSES:
        if options.only in course.repository:
            with tempfile.TemporaryDirectory() as folder:
                found.append(_measured(course, options.clones, Path(folder), console))
    table = Table(
        "course", "runs", "passes", "ways", "disputed", "lost", "stock s", "s", "proved s"
    )
    for one in found:
        ways = ", ".join(f"{count} {way}" for way, count in one.ways.items())
        table.add_row(
            f"{one.repository}@{one.commit[:8]}", str(one.runs), str(one.passes), ways,
            str(len(one.disputed)), str(len(one.lost)), f"{one.stock_seconds:.1f}",
            f"{one.seconds:.1f}", f"{one.seconds_proved:.1f}",
        )  # fmt: skip
    console.print(table)
    if options.json:
        text = json.dumps([one.as_json() for one in found], indent=1, ensure_ascii=False)
        options.json.write_text(text + "\n", encoding="utf-8")
    sys.exit(1 if any(one.lost or one.disputed for one in found) else 0)


def _measured(course: Public, clones: Path, folder: Path, console: Console) -> Figures:
    figures = Figures(course.repository, course.commit)
    root = folder / "course"
    _lay_out(course, clones, root)
    (root / "nbgrader_config.py").write_text(CONFIG)
    _run(root, sys.executable, "-m", "nbgrader", "update", ".")
    for assignment in _assignments(root):
        why = course.left_out.get(assignment) or _released(root, assignment)
        if why:
            figures.left_out.append(f"{assignment}: {why}")
            shutil.rmtree(root / "source" / assignment)
    chosen = _assignments(root)
    stock, ours = folder / "stock", folder / "ours"
    shutil.copytree(root, stock)
    shutil.copytree(root, ours)
    passed: dict[tuple[str, str, str], bool] = {}
    for assignment in chosen:
        console.print(f"{course.repository} {assignment}: stock nbgrader")
        began = time.perf_counter()
        done = _run(stock, sys.executable, "-m", "nbgrader", "autograde", assignment)
        figures.stock_seconds += time.perf_counter() - began
        if done.returncode:
            figures.left_out.append(f"{assignment}: nbgrader autograde fails: {_last(done)}")
        passed |= _stock_scores(stock, assignment)
    console.print(f"{course.repository}: autograder")
    cache = folder / "cache"
    began = time.perf_counter()
    done = _grade(ours, chosen, cache, folder / "ours.json")
    figures.seconds = time.perf_counter() - began
    again = folder / "again"
    shutil.copytree(root, again)
    began = time.perf_counter()
    _grade(again, chosen, cache, folder / "again.json")
    figures.seconds_proved = time.perf_counter() - began
    try:
        results = json.loads((folder / "ours.json").read_text(encoding="utf-8"))["assignments"]
    except OSError:
        figures.left_out.append(f"autograder grade fails: {_last(done)}")
        results = []
    checks = {
        (result["assignment"], name): check
        for result in results
        for name, check in result["students"][STUDENT]["checks"].items()
    }
    for (assignment, notebook, name), full in passed.items():
        if not full:
            continue
        figures.runs += 1
        check = checks.get((assignment, name)) or checks.get((assignment, f"{notebook}/{name}"))
        check = check or {**_ABSENT}
        said = f"{assignment}/{notebook}/{name}: {check['message'] or check['outcome']}"
        figures.ways[check["way"]] += 1
        if check["outcome"] == "disputed":
            figures.disputed.append(said)
        elif check["score"] < check["max_score"] or check["outcome"] == "absent":
            figures.lost.append(said)
        else:
            figures.passes += 1
    return figures


def _lay_out(course: Public, clones: Path, root: Path) -> None:
    """Write the course's source, and its solution as the only submission."""
    clone = clones / course.repository.replace("/", "+")
    git = next(
        one for one in (clone, clone / ".git", clone / "repo", clone / "repo" / ".git")
        if (one / "HEAD").exists()
    )  # fmt: skip
    if course.source:
        _export(git, course.commit, course.source, root / "source")
    for number, path in enumerate(course.notebooks):
        place = root / "source" / f"ps{number + 1}"
        parent = str(Path(path).parent)
        _export(git, course.commit, parent, place)
        for other in place.rglob("*.ipynb"):
            if other != place / Path(path).name:
                other.unlink()
    for folder in (root / "source").iterdir():
        if folder.is_dir() and not any(folder.glob("*.ipynb")):
            shutil.rmtree(folder)
        elif folder.is_dir():
            shutil.copytree(folder, root / "submitted" / STUDENT / folder.name)
        else:
            folder.unlink()


def _export(git: Path, commit: str, path: str, place: Path) -> None:
    place.mkdir(parents=True)
    depth = len(Path(path).parts)
    archive = subprocess.run(
        ["git", f"--git-dir={git}", "archive", commit, path], capture_output=True, check=True
    )
    subprocess.run(
        ["tar", "x", "-C", str(place), f"--strip-components={depth}"],
        input=archive.stdout, check=True,
    )  # fmt: skip


def _assignments(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "source").iterdir())


def _released(root: Path, assignment: str) -> str:
    """Release an assignment; why it cannot be, or nothing."""
    done = _run(root, sys.executable, "-m", "nbgrader", "generate_assignment", assignment)
    return _last(done) if done.returncode else ""


def _grade(
    root: Path, chosen: list[str], cache: Path, file: Path
) -> subprocess.CompletedProcess[str]:
    return _run(
        root, sys.executable, "-m", "autograder", "grade", *chosen, "--course", str(root),
        "--anyway", "--workers", "1", "--json", str(file), XDG_CACHE_HOME=str(cache),
    )  # fmt: skip


def _run(root: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        words, cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        env={**os.environ, "PATH": path, "MPLBACKEND": "agg", **environment},
    )  # fmt: skip


def _last(done: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    return re.sub(r"\s+", " ", lines[-1])[:200] if lines else f"exit code {done.returncode}"


def _stock_scores(root: Path, assignment: str) -> Mapping[tuple[str, str, str], bool]:
    """Whether the solution earned all points of a check, by assignment, notebook and check."""
    return dict(_scores(root, assignment))


def _scores(root: Path, assignment: str) -> Iterator[tuple[tuple[str, str, str], bool]]:
    from nbgrader.api import Gradebook, MissingEntry

    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        try:
            submission = gradebook.find_submission(assignment, STUDENT)
        except MissingEntry:
            return
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                if grade.cell.cell_type == "code" and grade.auto_score is not None:
                    full = grade.max_score > 0 and grade.auto_score >= grade.max_score
                    yield (assignment, notebook.name, grade.cell.name), full


if __name__ == "__main__":
    main()
