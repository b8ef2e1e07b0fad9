"""Names that do not exist, answered by those that do and come nearest."""

import difflib
from collections.abc import Collection, Iterable
from pathlib import Path

from autograder.assignment.errors import UserError
from autograder.assignment.notes import shown

_NEAREST = 3
_LISTED = 12


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """At most three of the known names that `name` may stand for, the most likely first."""
    by_folded = {one.casefold(): one for one in known}
    folded = name.casefold()
    if folded in by_folded:
        return (by_folded[folded],)
    within = sorted(one for one in by_folded if len(folded) > 1 and folded in one)
    close = difflib.get_close_matches(folded, by_folded, n=_NEAREST)
    found = list(dict.fromkeys((*within, *close)))[:_NEAREST]
    return tuple(by_folded[one] for one in found)


def unknown(kind: str, name: str, known: Collection[str], where: Path | str = "") -> UserError:
    """The error for a name that does not exist: exit code 2.

    kind:  what it should be, "assignment"
    known: the names that exist
    where: the place that was searched
    """
    likely = " or ".join(f"'{shown(one)}'" for one in nearest(name, known))
    meant = f" (did you mean {likely}?)" if likely else ""
    place = f" in {where}" if where else ""
    if not known:
        return UserError(f"unknown {kind} '{shown(name)}'; there are none{place}.")
    listed = sorted(known)[:_LISTED]
    more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    names = ", ".join(map(shown, listed))
    return UserError(f"unknown {kind} '{shown(name)}'{meant}; choose from {names}{more}{place}.")


def known_assignments(
    names: Iterable[str], known: Collection[str], where: Path | str
) -> tuple[str, ...]:
    """The names as they are. raises: UserError for the first that is not an assignment"""
    given = tuple(names)
    for name in given:
        if name not in known:
            raise unknown("assignment", name, known, where)
    return given
