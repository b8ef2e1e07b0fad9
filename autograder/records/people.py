"""Who is who in a class: worked out from what was seen and said of its people when asked.

A person has one or more ids. One of them is the person's id now; the others are what the person
was called before, or what somebody said to be the same person. Nothing here is stored, and nothing
is guessed. Whose a row of a roster is: `seating`.
"""

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from autograder.records.journal import Line

E_MAIL = ("Email address", "Email")
"""The columns whose names are the same in every system."""


def nfc(text: str) -> str:
    """Text in the one of Unicode's ways to write it that most systems use."""
    return unicodedata.normalize("NFC", text)


def alike(text: str) -> str:
    """What is equal of two names that are written alike: but for upper case and Unicode's ways."""
    return nfc(text).casefold()


def is_account_of(account: str, student: str) -> bool:
    """Whether an account is a student's: by its name, in a domain or as a hub names it.

    A domain makes CORP\\ada or ada@corp.org of ada. The Littlest JupyterHub makes jupyter-ada of it,
    and of what has 26 characters or more the first 26 and five of a hash (tljh/normalize.py).
    """
    on_hub = f"jupyter-{student}"
    if len(on_hub) >= 26:
        on_hub = f"{on_hub[:26]}-{hashlib.sha256(on_hub.encode()).hexdigest()[:5]}"
    plain = account.rpartition("\\")[2].partition("@")[0]
    return student.casefold() in (account.casefold(), plain.casefold()) or plain == on_hub


class Told(Enum):
    """What a line about a person says."""

    SEEN = "seen"
    """A roster had a row that belongs to `student`: `system`, `column` of the class's ids, `names`
    by column, full `name`, `first_name`, `last_name`, `email`."""
    JOINED = "joined"
    """A person: `student` is the same person as `into`, and is called so from now on."""
    RENAMED = "renamed"
    """A person: `student` is called `into` from now on, which nobody was called before."""
    WITHDRAWN = "withdrawn"
    """A person: `student` has left the class."""
    UNDONE = "undone"
    """A person: line `line` is taken back."""


@dataclass(frozen=True, kw_only=True)
class About(Line):
    """One line about a person; of SEEN, `student` is the first id that the person had."""

    told: Told

    @property
    def into(self) -> str:
        """The other id of a line that joins or renames."""
        return str(self.data.get("into", ""))

    def as_json(self) -> dict[str, Any]:
        """The line as plain data."""
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "who": self.who,
            "said": self.told.value,
            "student": self.student,
            **self.data,
        }


@dataclass(frozen=True)
class Row:
    """One student's row of a roster.

    place: which row of the file it is
    keys:  what the system's downloads call the student
    names: by column, all that may be an id; none is empty
    name:  as people write it, "Last, First" in Canvas; empty if the roster does not tell it

    All are in Unicode's NFC, as rosters are written; an id of the class may be in another.
    """

    place: int
    system: str
    keys: tuple[str, ...]
    names: Mapping[str, str]
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""

    @property
    def called(self) -> str:
        """What to call the row; where marking is blind it has no name."""
        return self.name or next(iter((*self.keys, *self.names.values())), "")

    def seen(self, column: str) -> dict[str, Any]:
        """What the line says that this row was seen."""
        return {
            "system": self.system, "column": column, "names": dict(self.names),
            "name": self.name, "first_name": self.first_name, "last_name": self.last_name,
            "email": self.email,
        }  # fmt: skip


class People:
    """The people of a class, by the lines about them."""

    def __init__(self, facts: Iterable[About] = ()) -> None:
        self._facts = tuple(facts)
        self._called: dict[str, str] = {}
        """Ids that are or were joined or renamed, and what the person is called now."""

        self._seen: defaultdict[str, list[About]] = defaultdict(list)
        for fact in self._facts:
            if fact.told in (Told.JOINED, Told.RENAMED):
                one = {*self.ids(fact.student), *self.ids(fact.into)}
                self._called |= dict.fromkeys(one, fact.into)
            elif fact.told is Told.SEEN:
                self._seen[fact.student].append(fact)
        self.withdrawn: Mapping[str, About] = {
            self.now(fact.student): fact for fact in self._facts if fact.told is Told.WITHDRAWN
        }
        """By what they are called now, those who have left."""

    @property
    def facts(self) -> tuple[About, ...]:
        return self._facts

    @property
    def joined(self) -> frozenset[str]:
        """Ids whose person is called otherwise now."""
        return frozenset(one for one, now in self._called.items() if one != now)

    @property
    def known(self) -> frozenset[str]:
        """All ids that the lines tell of."""
        return frozenset((*self._called, *self._seen))

    def now(self, student: str) -> str:
        """What the person of this id is called now."""
        return self._called.get(student, student)

    def ids(self, student: str) -> tuple[str, ...]:
        """All ids of the person of this one; what the person is called now comes first."""
        now = self.now(student)
        return (now, *sorted(one for one, its in self._called.items() if its == now and one != now))

    def seen(self, student: str) -> tuple[About, ...]:
        """When a roster had the person, oldest first."""
        found = [fact for one in self.ids(student) for fact in self._seen.get(one, ())]
        return tuple(sorted(found, key=lambda fact: fact.number))
