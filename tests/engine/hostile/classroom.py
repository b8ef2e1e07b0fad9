"""The hostile class on disk: an nbgrader course of its own, with everybody's submissions."""

import copy
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

from hostile import notebooks
from hostile.assignment import (
    ANSWERS,
    CHECKS,
    DATA,
    DATA_FILE,
    NAME,
    NOTEBOOK,
    source_notebook,
)
from hostile.attacks import Attack, read_attacks
from hostile.honest import HONEST, Honest

EVERY = 8
"""So many attackers stand between two honest students."""


@dataclass(frozen=True)
class Member:
    """Somebody who hands in: one of three kinds. `student` is nbgrader's id and gives the order."""

    student: str
    honest: Honest | None = None
    attack: Attack | None = None
    damage: str | None = None

    @property
    def deserves(self) -> Mapping[str, float]:
        """Points by check; a check that is not named deserves none. For attackers: at most."""
        if self.attack:
            return self.attack.earns
        right = self.honest.right if self.honest else notebooks.EARNS.get(self.damage or "", ())
        return {check.grade_id: check.points for check in CHECKS if check.answer in right}


def members() -> tuple[Member, ...]:
    """The whole class in the order of grading: honest students before, between and after."""
    attackers: list[tuple[str, Attack | str]] = [(a.kind, a) for a in read_attacks()]
    attackers += [("submission", name) for name in notebooks.ATTACKS]
    stories = {honest.story: honest for honest in HONEST}
    waiting = [*stories.values()]
    found: list[Member] = []

    def add(name: str, **who: Any) -> None:
        found.append(Member(f"s{len(found):03}-{name}", **who))

    for place, (kind, attacker) in enumerate(attackers):
        if place % EVERY == 0:
            honest = waiting.pop(0) if waiting else stories[("full", "partial")[place // EVERY % 2]]
            add(honest.story, honest=honest)
        if isinstance(attacker, Attack):
            add(f"{kind}-{attacker.name}", attack=attacker)
        else:
            add(f"{kind}-{attacker}", damage=attacker)
    assert not waiting, "there are more stories than places between the attackers"
    add("full", honest=stories["full"])
    return tuple(found)


def _canary(place: str) -> str:
    return f"CANARY-{place}-{secrets.token_hex(8)}"


@dataclass(frozen=True)
class Secrets:
    """What nobody who hands in may see. Each word stands in one place only."""

    solution: str = field(default_factory=lambda: _canary("solution"))
    hidden: str = field(default_factory=lambda: _canary("hidden"))
    classmate: str = field(default_factory=lambda: _canary("classmate"))
    gradebook: str = field(default_factory=lambda: _canary("gradebook"))
    environment: str = field(default_factory=lambda: _canary("environment"))
    home: str = field(default_factory=lambda: _canary("home"))

    @property
    def canaries(self) -> tuple[str, ...]:
        return tuple(vars(self).values())


@dataclass(frozen=True)
class Place:
    """A course in the folder `root`, and what its attackers are told (`words`, without the @)."""

    root: Path
    words: Mapping[str, str]

    @property
    def submitted(self) -> Path:
        return self.root / "submitted"

    @property
    def autograded(self) -> Path:
        return self.root / "autograded"

    @property
    def database(self) -> Path:
        return self.root / "gradebook.db"

    def __post_init__(self) -> None:
        assert "COURSE" in self.words


def make_course(root: Path, secret: Secrets) -> None:
    """Write source/, and by nbgrader itself release/ and gradebook.db, in the folder `root`."""
    folder = root / "source" / NAME
    folder.mkdir(parents=True)
    nbformat.write(source_notebook(secret.solution, secret.hidden), folder / f"{NOTEBOOK}.ipynb")
    (folder / DATA_FILE).write_text(DATA)
    (root / "nbgrader_config.py").write_text(
        'c = get_config()\nc.CourseDirectory.course_id = "hostile"\n'
    )
    programs = str(Path(sys.executable).parent)  # nbgrader calls alembic by its name
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", NAME],
        cwd=root,
        env={**os.environ, "PATH": programs + os.pathsep + os.environ.get("PATH", "")},
        check=True,
        capture_output=True,
    )
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        gradebook.add_student("zoe", first_name=secret.gradebook)


def hand_in(place: Place, who: Member, secret: Secrets) -> None:
    """Write the submission of `who`."""
    folder = place.submitted / who.student / NAME
    folder.mkdir(parents=True)
    shutil.copy(place.root / "release" / NAME / DATA_FILE, folder)
    released = nbformat.read(place.root / "release" / NAME / f"{NOTEBOOK}.ipynb", as_version=4)
    nbformat.write(filled(released, who, place.words, secret), folder / f"{NOTEBOOK}.ipynb")
    if who.damage:
        notebooks.ATTACKS[who.damage](folder, place.words)


def filled(notebook: Any, who: Member, words: Mapping[str, str], secret: Secrets) -> Any:
    """A copy of the notebook with the answers and own cells of `who` in it."""
    answers: dict[str, str] = {}
    own: list[tuple[str, str]] = []
    right = {check.split("-")[0] for check in who.deserves}
    if who.honest:
        answers.update(who.honest.answers)
        own += [("setup", source) for source in who.honest.own]
        if who.student == words["CLASSMATE"]:
            own.append(("setup", f"note = '{secret.classmate}'"))
    if who.attack:
        right = set(who.attack.honest)
        answers.update({name: _told(text, words) for name, text in who.attack.answers.items()})
        own += [(after, _told(text, words)) for after, text in who.attack.own]
    answers = {**{name: ANSWERS[name] for name in right}, **answers}
    result = copy.deepcopy(notebook)
    result.cells = list(_cells(result, answers, own))
    return result


def _cells(notebook: Any, answers: Mapping[str, str], own: list[tuple[str, str]]) -> Iterator[Any]:
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell.source = answers[name]
        yield cell
        for number, (after, source) in enumerate(own):
            if after == name:
                yield new_code_cell(source, id=f"own-{number}")


def _told(text: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        text = text.replace(f"@{name}@", word)
    return text
