"""The drawings of the documentation, as SVG: `python docs/drawings.py` writes them beside itself.

Boxes and arrows on white paper, so that they read the same in a light and a dark theme.
"""

from dataclasses import dataclass
from html import escape
from pathlib import Path

FONT = "font-family='system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif'"
INK, LINE, PAPER = "#1f2328", "#57606a", "#ffffff"
BLUE, GREEN, AMBER, GRAY = "#ddebf9", "#dff1e3", "#fbecd2", "#eef0f2"


@dataclass(frozen=True)
class Box:
    """A room or a step: its corner, its size, a bold title, and lines below it."""

    x: int
    y: int
    width: int
    height: int
    title: str
    lines: tuple[str, ...] = ()
    fill: str = GRAY

    def svg(self) -> str:
        """The box as SVG."""
        middle = self.x + self.width // 2
        top = self.y + (self.height - 19 * len(self.lines)) // 2 + 5
        text = [
            f"<text x='{middle}' y='{top}' font-weight='600' text-anchor='middle'>"
            f"{escape(self.title)}</text>"
        ]
        text += [
            f"<text x='{middle}' y='{top + 19 * n}' font-size='13' text-anchor='middle'>"
            f"{escape(line)}</text>"
            for n, line in enumerate(self.lines, start=1)
        ]
        return (
            f"<rect x='{self.x}' y='{self.y}' width='{self.width}' height='{self.height}' rx='8' "
            f"fill='{self.fill}' stroke='{LINE}'/>" + "".join(text)
        )


@dataclass(frozen=True)
class Arrow:
    """A line from one point to another, with a word beside it; `both` has a head at each end."""

    start: tuple[int, int]
    end: tuple[int, int]
    word: str = ""
    both: bool = False

    def svg(self) -> str:
        """The arrow as SVG."""
        (x1, y1), (x2, y2) = self.start, self.end
        tail = " marker-start='url(#head)'" if self.both else ""
        line = (
            f"<line x1='{x1}' y1='{y1}' x2='{x2}' y2='{y2}' stroke='{LINE}' stroke-width='1.5' "
            f"marker-end='url(#head)'{tail}/>"
        )
        if not self.word:
            return line
        upright = x1 == x2
        x, y = ((x1 + x2) // 2 + (8 if upright else 0), (y1 + y2) // 2 + (4 if upright else -8))
        anchor = "start" if upright else "middle"
        return line + (
            f"<text x='{x}' y='{y}' font-size='13' text-anchor='{anchor}'>{escape(self.word)}</text>"
        )


def drawing(width: int, height: int, title: str, *parts: Box | Arrow) -> str:
    """A whole drawing; `title` is what a screen reader reads."""
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' "
        f"height='{height}' role='img' {FONT} font-size='15' fill='{INK}'>"
        f"<title>{escape(title)}</title>"
        "<defs><marker id='head' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='8' "
        f"markerHeight='8' orient='auto-start-reverse'><path d='M0 0 8 4 0 8z' fill='{LINE}'/>"
        "</marker></defs>"
        f"<rect width='{width}' height='{height}' fill='{PAPER}'/>"
        + "".join(part.svg() for part in parts)
        + "</svg>\n"
    )


def submission() -> str:
    """From a student's file to a score."""
    return drawing(
        860, 640,
        "The way of a submission: collect keeps every attempt, the last one on time is merged with "
        "the assignment and run in two sandboxed processes; one writer enters the result in the "
        "gradebook, from which feedback, report and export are made.",
        Box(20, 20, 240, 80, "Student's notebook", ("exchange, Canvas, Moodle,", "Gradescope"), BLUE),
        Arrow((260, 60), (310, 60)),
        Box(310, 20, 240, 80, "collect", ("every attempt: received/", "the one that counts: submitted/")),
        Arrow((430, 100), (430, 150)),
        Box(600, 150, 240, 80, "Assignment", ("checks, points, read-only cells", "always the course's own"), GREEN),
        Arrow((600, 190), (550, 190)),
        Box(310, 150, 240, 80, "merge", ("the student's answer cells", "in the course's notebook")),
        Arrow((380, 230), (220, 290), ""),
        Arrow((480, 230), (640, 290), ""),
        Box(100, 290, 240, 80, "Student process", ("runs the answer cells", "in a sandbox of its own"), AMBER),
        Arrow((340, 330), (520, 330), "plain data, both ways", True),
        Box(520, 290, 240, 80, "Examiner process", ("runs the checks, never", "a line of the student's"), GREEN),
        Arrow((640, 370), (490, 420)),
        Box(310, 420, 240, 80, "Result", ("an outcome, a score and a", "message for each check")),
        Arrow((430, 500), (430, 550), "one writer"),
        Box(310, 550, 240, 70, "Gradebook", ("gradebook.db, autograded/",), GREEN),
        Arrow((310, 585), (260, 585)),
        Box(20, 550, 240, 70, "Formgrader", ("written answers, disputed checks",), BLUE),
        Arrow((550, 585), (600, 585)),
        Box(600, 550, 240, 70, "feedback, report, export", ("pages and files",), BLUE),
    )  # fmt: skip


def rooms() -> str:
    """The packages of `autograder/`, each above those that it imports."""
    half, quarter = 406, 196
    return drawing(
        860, 740,
        "The packages of autograder, from top to bottom: cli; plugin, lab, export and classroom; "
        "intake and pages; records; gradebook; gate; grading and authoring; engine; assignment. "
        "A package imports only packages below it.",
        Box(20, 20, 820, 60, "cli", ("the autograder command",), BLUE),
        Box(20, 100, quarter, 60, "plugin", ("behind nbgrader's buttons",), BLUE),
        Box(20 + 208, 100, quarter, 60, "lab", ("JupyterLab, Check, Submit",), BLUE),
        Box(20 + 416, 100, quarter, 60, "export", ("scores to an LMS",), BLUE),
        Box(20 + 624, 100, quarter, 60, "classroom", ("a class is graded",), BLUE),
        Box(20, 180, half, 60, "intake", ("submissions come in",)),
        Box(20 + 414, 180, half, 60, "pages", ("feedback, report, similar answers",)),
        Box(20, 260, 820, 60, "records", ("what came and what was said; what counts, since when; marks, history",)),
        Box(20, 340, 820, 60, "gradebook", ("the one writer; due dates, late days, what a person gave",)),
        Box(20, 420, 820, 60, "gate", ("what has to hold before a release; wrong answers that test the checks",)),
        Box(20, 500, half, 60, "grading", ("assignment + submission = result; workers, Dask",)),
        Box(20 + 414, 500, half, 60, "authoring", ("release, contract, known answers, book",)),
        Box(20, 580, 820, 60, "engine", ("one notebook in two sandboxed processes",), AMBER),
        Box(20, 660, 820, 60, "assignment", ("an assignment and a submission as values; where a course keeps its files",), GREEN),
        Arrow((850, 30), (850, 715)),
    )  # fmt: skip


DRAWINGS = {"submission.svg": submission, "rooms.svg": rooms}

if __name__ == "__main__":
    for name, draw in DRAWINGS.items():
        (Path(__file__).parent / name).write_text(draw(), encoding="utf-8")
