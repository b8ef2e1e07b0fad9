"""The attacks, read from `cells/*.py`: each a few cells that a student might hand in.

A file is a list of attacks in the percent format; what stands above the first one is put at the
top of each attack's first cell, and above it, if it says `# guarded`, the `GUARD`. An attack:

    # %% name
    # goal: what it wants
    # honest: softmax, count_words   (answers that are right, or `all`; the others are stubs)
    # earns: standardize-values      (checks that it deserves besides those of honest answers)
    # real                           (seen to earn points where all runs in one process)
    # cell standardize               (an answer, or `own`, or `own after GRADE_ID`)
    def standardize(x): ...

Words such as @COURSE@ are replaced by what the test knows: see `classroom.Secrets`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hostile.assignment import ANSWERS, CHECKS, POINTS

CELLS = Path(__file__).parent / "cells"
GUARD = """\
import os

if os.path.exists("@COURSE@"):
    raise RuntimeError("NOT JAILED")
try:
    os.kill(int("@PID@"), 0)
except ProcessLookupError:
    pass
else:
    raise RuntimeError("NOT JAILED")

"""
"""Out of the jail these attacks would hurt the machine; the test looks for the words."""


@dataclass(frozen=True)
class Attack:
    """One hostile notebook.

    answers: source by grade_id, in place of stub or reference
    own:     the student's own cells: the grade_id that each comes after, and its source
    honest:  grade_ids of answers that are the reference
    earns:   grade_ids of checks that it deserves, with the points; all others deserve nothing
    real:    whether it earns undeserved points when everything runs in one process
    """

    name: str
    kind: str
    goal: str
    answers: Mapping[str, str]
    own: tuple[tuple[str, str], ...]
    honest: frozenset[str]
    earns: Mapping[str, int]
    real: bool


def read_attacks() -> tuple[Attack, ...]:
    """All attacks that are made of cells, in the order of the files and in them."""
    attacks = []
    for path in sorted(CELLS.glob("*.py")):
        above, *parts = re.split(r"^# %% ", path.read_text(), flags=re.MULTILINE)
        guard = GUARD if "# guarded\n" in above else ""
        above = "".join(line for line in above.splitlines(True) if not line.startswith("# "))
        above = guard + above
        attacks += [_attack(path.stem, above.strip(), part) for part in parts]
    return tuple(attacks)


def _attack(kind: str, above: str, text: str) -> Attack:
    head, *cells = re.split(r"^# cell ", text, flags=re.MULTILINE)
    name, *lines = head.strip().splitlines()
    marks = dict(line.removeprefix("# ").partition(": ")[::2] for line in lines)
    assert marks.keys() <= {"goal", "honest", "earns", "real"}, f"{kind}: {name}: {marks}"
    honest = frozenset(filter(None, marks.get("honest", "").split(", ")))
    if honest == {"all"}:
        honest = frozenset(ANSWERS)
    answers: dict[str, str] = {}
    own = []
    for cell in cells:
        place, _, source = cell.partition("\n")
        source = f"{above}\n\n\n{source.strip()}\n".lstrip()
        above = ""
        if place in ANSWERS:
            answers[place] = source
        else:
            kind_of_cell, _, after = place.partition(" after ")
            assert kind_of_cell == "own", f"{kind}: {name}: no answer {place}"
            own.append((after or "setup", source))
    extra = set(filter(None, marks.get("earns", "").split(", ")))
    earns = {
        check.grade_id: check.points
        for check in CHECKS
        if (check.answer in honest - answers.keys() and "earns" not in marks)
        or check.grade_id in extra
    }
    assert extra | honest <= POINTS.keys() | ANSWERS.keys(), f"{kind}: {name}: unknown name"
    return Attack(name, kind, marks["goal"], answers, tuple(own), honest, earns, "real" in marks)
