"""`class.toml` in a class directory: due dates, extensions, the late policy, the gradebook.

    gradebook = "postgresql://teacher@db.example.org/dl2026"    # default: gradebook.db beside it
    timezone = "Europe/Berlin"                  # of times below without an offset; default UTC

    [due]
    "02_cnn" = 2026-11-02T23:59:00

    [extensions."02_cnn"]
    ada = 2026-11-05T23:59:00                   # her due date, or
    bob = 2                                     # so many days more; 0.5 is 12 hours

    [late]
    grace_minutes = 15                          # up to here, to the second, nothing is taken off
    share_per_day = 0.1                         # for each day begun since the due date
    of = "score"                                # or "max": of the points that could be had
    cap = 0.5                                   # no more than this share in all; default 1
    nothing_after_days = 7                      # more days than these late: no points

Everything in it may be left out, and so may the file. An assignment with a due date here takes
its extensions from here too; others keep what the gradebook has.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from autograder.assignment.class_keys import KEYS, TABLES, names_in
from autograder.assignment.errors import UserError
from autograder.assignment.late_policy import Policy
from autograder.assignment.refused_gradebook import refused_gradebook

CLASS_FILE = "class.toml"


@dataclass(frozen=True)
class ClassDeadlines:
    """Of one assignment: due in UTC without a time zone, as nbgrader keeps it; None if not set.

    extensions: by student, added to the due date
    """

    due: datetime | None = None
    extensions: Mapping[str, timedelta] = field(default_factory=dict)


@dataclass(frozen=True)
class ClassFile:
    """What `class.toml` says; nothing if there is none."""

    path: Path
    gradebook: str = ""
    zone: tzinfo = UTC
    policy: Policy | None = None
    deadlines: Mapping[str, ClassDeadlines] = field(default_factory=dict)

    def in_utc(self, time: datetime) -> datetime:
        """A time that somebody gave, in UTC: without an offset it is by the clocks of the class.

        Of the hour that comes twice it is the later one, as for due dates.
        """
        return (time if time.tzinfo else time.replace(tzinfo=self.zone, fold=1)).astimezone(UTC)

    def of(self, assignment: str) -> ClassDeadlines:
        """The assignment's deadlines; empty ones if the file does not speak of it."""
        return self.deadlines.get(assignment, ClassDeadlines())


def read_class_file(directory: Path) -> ClassFile:
    """Read `class.toml` of a class directory, if there is one.

    raises: UserError if it cannot be read or says something that has no meaning
    """
    path = directory / CLASS_FILE
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        if path.is_symlink():  # there is to be a file
            raise UserError(f"{path}: is a link to a file that is not there.") from error
        return ClassFile(path)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}).") from error
    except (ValueError, RecursionError) as error:  # tomllib's own, and text that is not UTF-8
        raise UserError(f"{path}: is not valid TOML: {error}.") from error
    return _Reader(path).read(said)


def use_class_file(c: Any, directory: Path) -> bool:
    """Let nbgrader follow `class.toml`; `c` is the configuration of nbgrader_config.py.

    Due dates and extensions come into the gradebook by `autograder grade` and Formgrader's button.
    Students' commands read the configuration too, so a file that cannot be used never stops it:
    only the gradebook is refused then, whoever opens it.
    returns: whether that changes the configuration
    """
    try:
        found = read_class_file(directory)
    except UserError:
        c.CourseDirectory.db_url = refused_gradebook(directory)
        return True
    if found.gradebook:
        c.CourseDirectory.db_url = found.gradebook
    if found.policy is not None:
        c.AssignLatePenalties.plugin_class = "autograder.gradebook.late_plugin.LatePolicy"
        for setting in fields(found.policy):
            c.LatePolicy[setting.name] = getattr(found.policy, setting.name)
        c.LatePolicy.timezone = str(found.zone)
    return bool(found.gradebook) or found.policy is not None


class _Reader:
    """Reads the tables of one file; each complaint is one sentence that begins with its name."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, said: Mapping[str, Any]) -> ClassFile:
        self._known(said, "", (*names_in(""), *TABLES))
        gradebook = said.get("gradebook", "")
        if not isinstance(gradebook, str):
            self._wrong("gradebook has to be an address in quotes")
        zone = self._zone(said.get("timezone", "UTC"))
        due = {
            name: self._time(value, zone, f"[due] {name}")
            for name, value in self._table(said, "due").items()
        }
        extensions = self._table(said, "extensions")
        for name in extensions:
            if name not in due:
                self._wrong(f"[extensions] {name} has no due date in [due]")
        deadlines = {
            name: ClassDeadlines(
                at,
                {
                    student: self._extension(value, at, zone, f'[extensions."{name}"] {student}')
                    for student, value in self._table(extensions, name, "extensions.").items()
                },
            )
            for name, at in due.items()
        }
        policy = self._policy(self._table(said, "late")) if "late" in said else None
        return ClassFile(self._path, gradebook, zone, policy, deadlines)

    def _wrong(self, what: str) -> NoReturn:
        raise UserError(f"{self._path}: {what}.")

    def _known(self, table: Mapping[str, Any], where: str, names: tuple[str, ...]) -> None:
        for name in table:
            if name not in names:
                self._wrong(f"{where}{name} is not known; there is {', '.join(names)}")

    def _table(self, said: Mapping[str, Any], name: str, within: str = "") -> Mapping[str, Any]:
        table = said.get(name, {})
        if not isinstance(table, dict):
            self._wrong(f"[{within}{name}] has to be a table")
        return table

    def _zone(self, name: Any) -> ZoneInfo:
        try:
            return ZoneInfo(name)
        except Exception:  # zoneinfo raises many kinds for a name that is none
            self._wrong(f'timezone has to be a name as "Europe/Berlin", not {name!r}')

    def _time(self, value: Any, zone: ZoneInfo, where: str) -> datetime:
        """A time in UTC. Of an hour that comes twice it is the second: the later one."""
        if not isinstance(value, datetime):
            more = " with the time of day" if isinstance(value, date) else ""
            self._wrong(f"{where} has to be a date{more}, as 2026-11-02T23:59:00, without quotes")
        if not 1900 < value.year < 9000:
            self._wrong(f"{where} is in the year {value.year}")
        local = value if value.tzinfo else value.replace(tzinfo=zone, fold=1)
        at = local.astimezone(UTC)
        if at.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
            self._wrong(f"{where} is a time that clocks in {zone.key} leave out that day")
        return at.replace(tzinfo=None)

    def _extension(self, value: Any, due: datetime, zone: ZoneInfo, where: str) -> timedelta:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if not 0 < value <= 3650:
                self._wrong(f"{where} has to be a number of days above 0, not {value}")
            # Days of the calendar: over a change of the clocks, the same time of day.
            days = timedelta(days=value)
            local = due.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) + days
            return local.replace(tzinfo=zone, fold=1).astimezone(UTC).replace(tzinfo=None) - due
        longer = self._time(value, zone, where) - due
        if longer <= timedelta():
            self._wrong(f"{where} is not later than the due date")
        return longer

    def _policy(self, table: Mapping[str, Any]) -> Policy:
        self._known(table, "[late] ", names_in("late"))
        for key in KEYS:
            if key.table != "late" or key.name not in table:
                continue
            name, value, most = key.name, table[key.name], key.most
            if most is None:
                if value not in key.choices:
                    among = " or ".join(f'"{choice}"' for choice in key.choices)
                    self._wrong(f"[late] {name} has to be {among}, not {value!r}")
                continue
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                self._wrong(f"[late] {name} has to be a number, not {value!r}")
            if not 0 <= value <= most:
                self._wrong(f"[late] {name} has to lie between 0 and {most:g}, not be {value:g}")
        return Policy(**table)
