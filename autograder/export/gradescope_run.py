"""What runs in Gradescope's container: grades one submission and always writes `results.json`.

Two processes. The first is root's: it reads the assignment with its hidden checks and writes the
results, and no line of a student's ever runs in it or in a process that could change its files.
The second gives up being root before the engine starts, and sends back plain data.
"""

import json
import os
import signal
import sys
import traceback
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.assignment.blueprint import Blueprint
from autograder.assignment.notebook import grade_id_of
from autograder.assignment.submission import Submission, read_submission
from autograder.export.gradescope import ASSIGNMENT, DATA, failed, from_json, results
from autograder.intake.asked import Asked
from autograder.intake.naming import name_notebooks

NOBODY = 65534
SECONDS = 9 * 60
"""For everything; Gradescope itself stops after ten minutes, unless it is told another time."""


def main(base: Path) -> None:
    """Grade `base`/submission; the results go to `base`/results/results.json.

    AUTOGRADER_SECONDS and AUTOGRADER_USER (a number; empty to stay who it is) override defaults.
    """
    limit = int(os.environ.get("AUTOGRADER_SECONDS") or SECONDS)
    try:
        said = _graded(base, limit)
    except Exception:
        traceback.print_exc()  # for the instructor; students do not see it
        said = failed("the autograder itself failed; your instructor can see why.")
    place = base / "results" / "results.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_suffix(".part")
    beside.write_text(json.dumps(said, indent=1), encoding="utf-8")
    beside.replace(place)


def _graded(base: Path, limit: int) -> dict[str, Any]:
    source = base / "source"
    content = json.loads((source / ASSIGNMENT).read_text(encoding="utf-8"))
    blueprint = from_json(content, source / DATA)
    submission = _submission(base / "submission", blueprint)
    inlet, outlet = os.pipe()
    child = os.fork()
    if not child:
        os.close(inlet)
        _grade(blueprint, submission, outlet)
    os.close(outlet)
    try:
        return _read(inlet, limit)
    finally:
        os.close(inlet)
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _read(inlet: int, limit: int) -> dict[str, Any]:
    """What the second process says; whatever it is, it becomes a result."""

    def over(number: int, frame: object) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, over)
    signal.alarm(limit)
    try:
        with open(inlet, "rb", closefd=False) as stream:
            data = stream.read()
    except TimeoutError:
        return failed(f"it took more than {limit} seconds in all.")
    finally:
        signal.alarm(0)
    if not data:
        return failed("the grading process ended early.")
    said: dict[str, Any] = json.loads(data)
    return said


def _submission(folder: Path, blueprint: Blueprint) -> Submission:
    """What was handed in; a notebook is known whatever its name, as by `autograder collect`."""
    submission = read_submission(folder, "submission", blueprint.assignment)
    expected = {
        f"{notebook.name}.ipynb": frozenset(grade_id_of(c) for c in notebook.notebook.cells) - {""}
        for notebook in blueprint.notebooks
    }
    named = name_notebooks(submission.files, Asked(expected))
    waits = (named.waits,) if named.waits else ()
    return replace(submission, files=named.files, notes=(*submission.notes, *named.notes, *waits))


def _grade(blueprint: Blueprint, submission: Submission, outlet: int) -> None:
    """The second process: grade as nobody, send the results, and end."""
    try:
        os.setsid()
        _become_nobody()
        from autograder.engine.sandbox import missing
        from autograder.grading.grade import engine_for, grade
        from autograder.grading.pool import ungraded

        with engine_for(blueprint) as engine:
            if not engine.jail:
                print(f"not in a jail: {missing()}", flush=True)
            try:
                result = grade(blueprint, submission, engine)
            except Exception as error:  # a person decides; the reason is in every check
                traceback.print_exc()
                why = " ".join(str(error).split()) or type(error).__name__
                result = ungraded(blueprint, submission, why)
        with open(outlet, "wb") as stream:
            stream.write(json.dumps(results(result, blueprint)).encode())
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(0)


def _become_nobody() -> None:
    """Give up root for good: then hidden checks and results are out of a student's reach."""
    user = os.environ.get("AUTOGRADER_USER", str(NOBODY))
    if os.geteuid() or not user:
        return
    os.setgroups([])
    os.setgid(int(user))
    os.setuid(int(user))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
