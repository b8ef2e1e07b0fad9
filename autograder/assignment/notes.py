"""Notes on what a student handed in: one line each, of text that can be printed, not too many."""

from collections.abc import Iterable, Sequence

from autograder.assignment.plurals import counted

_MAX_NOTES = 100


def few(notes: list[str]) -> tuple[str, ...]:
    """Cut a long list of notes, and say so in the last one."""
    more = len(notes) - _MAX_NOTES
    return (
        *notes[:_MAX_NOTES],
        *(
            [f"and {counted(more, 'more note')} like {'this' if more == 1 else 'these'}"]
            if more > 0
            else []
        ),
    )


def listed(names: Sequence[str], most: int = 10) -> str:
    """Names of students in one line, the first ones and how many more there are."""
    named = ", ".join(shown(name) for name in names[:most])
    more = len(names) - most
    return f"{named} and {more} more" if more > 0 else named


def shown(name: str) -> str:
    """A student's name of something, fit for a note."""
    clean = "".join(letter if letter.isprintable() else "�" for letter in name)
    return clean if len(clean) <= 80 else f"{clean[:79]}…"


def printable(text: str) -> str:
    """Text that every file and terminal takes: half surrogate pairs are written out."""
    return text.encode("utf-8", "backslashreplace").decode()


def visible(text: str) -> str:
    """Text in which nothing can hide: control and direction marks are written out."""
    return "".join(c if c.isprintable() or c in "\n\t" else _written(c) for c in text)


def _written(letter: str) -> str:
    return letter.encode("unicode_escape").decode()


def is_text(text: str) -> bool:
    """Whether a text can be encoded: a file's name or a notebook may hold half a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_COURSE = "the course's own cell "


def course_fault(name: str, why: str) -> str:
    """The note on a cell that fails whatever the students wrote."""
    return f"{_COURSE}{name} fails here: {why}"


def course_faults(notes: Iterable[str]) -> tuple[str, ...]:
    """Those of the notes that are of this kind, each once."""
    return tuple(dict.fromkeys(note for note in notes if note.startswith(_COURSE)))
