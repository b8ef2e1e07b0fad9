"""One student's feedback on one notebook, as a value: marks, words, code, comments, hints.

Everything in it is this student's or the course's, and may be shown (see `feedback.discretion`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.assignment.course_text import Hint
from autograder.assignment.sections import Section
from autograder.pages.feedback.outputs import Shown


@dataclass(frozen=True)
class Verdict:
    """What became of one check or written answer, in words.

    state: "full", "part", "none" or "waits"
    """

    name: str
    score: float
    points: float
    state: str
    words: str
    hidden: bool = False


@dataclass(frozen=True)
class Piece:
    """What the student wrote: an answer's cell or a cell of the student's own.

    attachments: pictures of a text, by name and then by media type, in base64
    """

    title: str
    source: str
    is_code: bool
    outputs: tuple[Shown, ...] = ()
    attachments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """One exercise on the page. `link` leads to its section of the chapter, empty if unknown."""

    section: Section
    verdicts: tuple[Verdict, ...]
    pieces: tuple[Piece, ...]
    comments: tuple[str, ...]
    link: str

    @property
    def score(self) -> float:
        return sum(verdict.score for verdict in self.verdicts)

    @property
    def points(self) -> float:
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def waiting(self) -> bool:
        return any(verdict.state == "waits" for verdict in self.verdicts)

    @property
    def lost(self) -> bool:
        return any(verdict.state in ("none", "part") for verdict in self.verdicts)

    @property
    def hints(self) -> tuple[Hint, ...]:
        """The course's hints, where they are of use."""
        return self.section.hints if self.lost else ()


@dataclass(frozen=True)
class Feedback:
    """The page.

    penalty: points off because it was late
    notes:   repairs, one sentence each
    about:   what to know of the time and the attempt, one sentence each
    """

    assignment: str
    title: str
    student: str
    parts: tuple[Part, ...]
    penalty: float
    notes: tuple[str, ...]
    about: tuple[str, ...]

    @property
    def earned(self) -> float:
        return sum(part.score for part in self.parts)

    @property
    def score(self) -> float:
        return max(0.0, self.earned - self.penalty)

    @property
    def points(self) -> float:
        return sum(part.points for part in self.parts)

    @property
    def waiting(self) -> float:
        """Points that a person has not decided about."""
        return sum(v.points for part in self.parts for v in part.verdicts if v.state == "waits")
