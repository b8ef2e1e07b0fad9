"""The keys of `class.toml`: the one table that the reader and the reference share."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """A key of `class.toml`; what the reader accepts and what the reference says of it.

    table:   the table it is in, empty at the top; ASSIGNMENT stands for an assignment's name
    type:    in TOML's words
    default: what counts if it is left out
    most:    the largest number it may be; the least is 0. None if it is not a plain number
    choices: the texts it may be, if there are few
    example: a line of TOML
    """

    table: str
    name: str
    type: str
    default: str
    meaning: str
    example: str
    most: float | None = None
    choices: tuple[str, ...] = ()


KEYS = (
    Key(
        "", "gradebook", "string", "gradebook.db in the class directory",
        "Address of nbgrader's gradebook, SQLite or PostgreSQL, as SQLAlchemy writes it.",
        'gradebook = "postgresql://teacher@db.example.org/dl2026"',
    ),
    Key(
        "", "timezone", "string", '"UTC"',
        "Time zone of the times in this file that have no offset, by its IANA name.",
        'timezone = "Europe/Berlin"',
    ),
    Key(
        "due", "ASSIGNMENT", "date and time", "the due date in the gradebook, if there is one",
        "When the assignment is due. An assignment named here takes its extensions from this "
        "file, too; the others keep what the gradebook has.",
        '"02_cnn" = 2026-11-02T23:59:00',
    ),
    Key(
        "extensions.ASSIGNMENT", "STUDENT", "date and time, or number", "no extension",
        "The student's own due date, or the number of days added to the due date, by the clock of "
        "the class's time zone (0.5 is 12 hours).",
        "ada = 2026-11-05T23:59:00",
    ),
    Key(
        "late", "grace_minutes", "number from 0 to 1000000", "0",
        "Minutes after the due date that cost nothing; after them, lateness counts from the due "
        "date.",
        "grace_minutes = 15", most=1e6,
    ),
    Key(
        "late", "share_per_day", "number from 0 to 1", "0",
        "Fraction of the points taken off for each day begun since the due date, by the clock of the "
        "class's time zone: a day on which clocks are changed is one day.",
        "share_per_day = 0.1", most=1.0,
    ),
    Key(
        "late", "of", '"score" or "max"', '"score"',
        "What the fraction is taken of: the points earned, or the maximum.",
        'of = "score"', choices=("score", "max"),
    ),
    Key(
        "late", "cap", "number from 0 to 1", "1",
        "The largest fraction taken off, unless `nothing_after_days` applies.",
        "cap = 0.5", most=1.0,
    ),
    Key(
        "late", "nothing_after_days", "number from 0 to 10000", "never",
        "Days after the due date, beyond which a submission earns no points.",
        "nothing_after_days = 7", most=1e4,
    ),
)  # fmt: skip
"""Every key, in the order of the reference."""

TABLES = tuple(dict.fromkeys(key.table.split(".")[0] for key in KEYS if key.table))
"""Names of the tables at the top."""


def names_in(table: str) -> tuple[str, ...]:
    """Names of the keys in a table; "" is the top."""
    return tuple(key.name for key in KEYS if key.table == table)
