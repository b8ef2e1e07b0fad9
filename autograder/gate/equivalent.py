"""Mutants that an author has declared equivalent: they are not wrong, so no check can kill them.

A file beside the known answers, `tests/misconceptions/CHAPTER/equivalent.toml`:

    [[equivalent]]
    answer = "conv2d"
    edit = '''
    - total = 0
    + total = -0'''
    reason = "minus zero is zero"

`line = 12` tells apart mutants with the same edit; `assignment = "ps1"` the assignments of a course
that share a file.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.assignment.errors import UserError
from autograder.gate.mutants import Mutant

FILE = "equivalent.toml"
_NEEDED, _OPTIONAL = ("answer", "edit", "reason"), {"line": int, "assignment": str}


@dataclass(frozen=True)
class Equivalent:
    """One entry: which mutant of which answer, and why it is not wrong.

    line: in the answer's cell; 0 if the edit alone tells which
    """

    answer: str
    edit: str
    reason: str
    line: int = 0
    assignment: str = ""

    def fits(self, answer: str, mutant: Mutant) -> bool:
        """Whether it is this mutant; spaces do not count."""
        return (
            self.answer == answer
            and _plain(self.edit) == _plain(mutant.edit)
            and self.line in (0, mutant.line)
        )

    def __str__(self) -> str:
        where = f"{self.answer}, line {self.line}" if self.line else self.answer
        return f"{where}: `{'` `'.join(_plain(self.edit))}`"


def equivalent_file(root: Path, assignment: str) -> Path:
    """Where a course keeps an assignment's entries, if it has any."""
    return root / "tests" / "misconceptions" / assignment / FILE


def read_equivalent(path: Path) -> tuple[Equivalent, ...]:
    """Read a file of entries. raises: UserError if it is not in the format"""
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"cannot read {path} ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not TOML ({' '.join(str(error).split())}).") from error
    entries = read.pop("equivalent", [])
    if read or not isinstance(entries, list):
        name = next(iter(read), "equivalent")
        raise UserError(f"{path}: '{name}' is not expected; entries begin with [[equivalent]].")
    return tuple(_entry(path, number, one) for number, one in enumerate(entries, start=1))


def _entry(path: Path, number: int, said: Any) -> Equivalent:
    where = f"{path}: entry {number}"
    if not isinstance(said, Mapping):
        raise UserError(f"{where} is not a table; entries begin with [[equivalent]].")
    for name in _NEEDED:
        if not isinstance(said.get(name), str) or not said[name].strip():
            raise UserError(f"{where} needs a text '{name}'.")
    for name, value in said.items():
        kind = _OPTIONAL.get(name, str if name in _NEEDED else None)
        if kind is None:
            known = ", ".join((*_NEEDED, *_OPTIONAL))
            raise UserError(f"{where}: unknown key '{name}'; choose from {known}.")
        if type(value) is not kind:
            what = "a text" if kind is str else "a whole number"
            raise UserError(f"{where}: '{name}' is not {what}.")
    return Equivalent(**said)


@dataclass(frozen=True)
class Declared:
    """What the entries say of some mutants.

    reasons: by answer and mutant
    misfits: entries that fit no mutant any more, or several: a sentence each
    """

    reasons: Mapping[tuple[str, Mutant], str]
    misfits: tuple[str, ...]


def declared(
    entries: Iterable[Equivalent], mutants: Mapping[str, Iterable[Mutant]], assignment: str
) -> Declared:
    """Find the mutants that are declared equivalent.

    mutants: of an assignment, by answer
    """
    reasons: dict[tuple[str, Mutant], str] = {}
    misfits: list[str] = []
    for entry in entries:
        if entry.assignment not in ("", assignment):
            continue
        found = [one for one in mutants.get(entry.answer, ()) if entry.fits(entry.answer, one)]
        lines = [one.line for one in found]
        if entry.answer not in mutants:
            misfits.append(f"{entry} is declared equivalent, and there is no such answer")
        elif not found:
            misfits.append(f"{entry} is declared equivalent, and fits no mutant any more")
        elif len(found) > 1 and len(set(lines)) > 1:
            which = " or ".join(f"line = {line}" for line in lines)
            misfits.append(f"{entry} is declared equivalent, and fits {len(found)}: add {which}")
        else:
            reasons.update(((entry.answer, one), entry.reason) for one in found)
    return Declared(reasons, tuple(misfits))


def _plain(edit: str) -> list[str]:
    return [" ".join(line.split()) for line in edit.split("\n") if line.strip()]
