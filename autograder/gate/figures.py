"""What an audit found, as values: a verdict for each mutant, and figures for each exercise."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from autograder.gate.mutants import Mutant
from autograder.gate.universal import KIND


class Fate(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    TIME_LIMIT = "time limit"
    """Killed: it did not end in a few times what the reference needs."""
    EQUIVALENT = "equivalent"
    """It earns every point, and an author has declared that it is not wrong."""
    SURVIVED = "survived"
    """It earns every point."""


@dataclass(frozen=True)
class Verdict:
    """A mutant and its fate.

    check:  the first that did not give every point, or the answer's cell if that was stopped
    reason: why an author has declared it equivalent
    """

    mutant: Mutant
    fate: Fate
    check: str = ""
    reason: str = ""

    def as_json(self) -> Mapping[str, Any]:
        return {
            "kind": self.mutant.kind,
            "line": self.mutant.line,
            "edit": self.mutant.edit,
            "fate": self.fate.value,
            "check": self.check,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class Audited:
    """An exercise: its answer's cell, and what became of its mutants.

    cell:    of the answer in the source, from 0
    place:   the same cell, as JupyterLab shows it
    known:   mutants that there are, of which not all are tried if it is `sampled`
    refused: why it was not audited; empty if it was
    """

    notebook: str
    file: Path
    cell: int
    place: str
    answer: str
    verdicts: tuple[Verdict, ...]
    known: int
    sampled: bool
    refused: str = ""

    def count(self, *fates: Fate, universal: bool = False) -> int:
        """How many met one of these fates, of the mutants or of the universal wrong answers."""
        return sum(
            one.fate in fates and (one.mutant.kind == KIND) is universal for one in self.verdicts
        )

    @property
    def mutants(self) -> int:
        """Mutants that were tried, or are declared equivalent."""
        return self.count(*Fate)

    @property
    def killed(self) -> int:
        return self.count(Fate.KILLED, Fate.TIME_LIMIT)

    @property
    def survivors(self) -> tuple[Verdict, ...]:
        """Mutants and universal wrong answers that earn every point and should not."""
        return tuple(one for one in self.verdicts if one.fate is Fate.SURVIVED)

    @property
    def contradicted(self) -> tuple[Verdict, ...]:
        """What is declared equivalent, and is killed all the same."""
        return tuple(
            one
            for one in self.verdicts
            if one.reason and one.fate in (Fate.KILLED, Fate.TIME_LIMIT)
        )

    @property
    def percent(self) -> float | None:
        """Killed, of the mutants that are not equivalent; None if there are none."""
        return percent(self.killed, self.mutants - self.count(Fate.EQUIVALENT))

    def as_json(self) -> Mapping[str, Any]:
        first = Counter(one.check for one in self.verdicts if one.check)
        return {
            "notebook": self.notebook,
            "answer": self.answer,
            "cell": self.cell,
            "place": self.place,
            "known": self.known,
            "sampled": self.sampled,
            "mutants": self.mutants,
            "killed": self.killed,
            "time_limit": self.count(Fate.TIME_LIMIT),
            "equivalent": self.count(Fate.EQUIVALENT),
            "survived": self.count(Fate.SURVIVED),
            "universal": self.count(*Fate, universal=True),
            "universal_survived": self.count(Fate.SURVIVED, universal=True),
            "percent": self.percent,
            "killed_by": dict(first),
            "refused": self.refused,
            "verdicts": [one.as_json() for one in self.verdicts],
        }


@dataclass(frozen=True)
class Audit:
    """An assignment.

    notes:  what could not be audited, and entries of equivalent mutants that fit none
    sample: mutants of an answer that were tried where its checks train; None for all
    trying: seconds in which answers ran: without the start of Python and its libraries
    complete: whether every answer that has a check was looked at
    """

    assignment: str
    exercises: tuple[Audited, ...]
    notes: tuple[str, ...]
    sample: int | None
    seed: int
    seconds: float = 0.0
    trying: float = 0.0
    complete: bool = True

    @property
    def tried(self) -> int:
        """Answers that ran, mutants and universal ones."""
        return sum(len(one.verdicts) for one in self.exercises)

    @property
    def sound(self) -> bool:
        """Whether all was audited, nothing survives, and no solution fails its own checks."""
        return self.complete and not any(one.survivors or one.refused for one in self.exercises)

    def as_json(self) -> Mapping[str, Any]:
        return {
            "assignment": self.assignment,
            "exercises": [one.as_json() for one in self.exercises],
            "complete": self.complete,
            "notes": list(self.notes),
            "sample": self.sample,
            "seed": self.seed,
            "seconds": round(self.seconds, 3),
            "trying": round(self.trying, 3),
        }


def percent(killed: int, of: int) -> float | None:
    """A share in percent, rounded down to a tenth: 100 means all."""
    return killed * 1000 // of / 10 if of else None
