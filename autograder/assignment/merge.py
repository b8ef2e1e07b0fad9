"""A student's notebook put into the blueprint: answers, the student's own cells, and no more.

The blueprint is the authority: locked cells, checks and points are always its own. A submission
gives the texts of its answers and the student's own cells, so a deleted, copied, retyped or edited
check is repaired by construction; the repair is noted, never an error. Nothing here raises on what
a student wrote, and no text of a student's is run, compiled or parsed as Python.
"""

import bisect
import copy
import difflib
import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from autograder.assignment.blueprint import NotebookBlueprint
from autograder.assignment.notebook import grade_id_of, marks_of
from autograder.assignment.notes import few, shown
from autograder.assignment.submitted_cells import (
    SubmittedCell,
    UnreadableNotebookError,
    is_as_released,
    read_cells,
    seems_to_bind,
)

MAX_SOURCE = 1_000_000
"""Characters of one cell."""

_ALIKE = 0.6
"""From here on two texts are taken for one cell before and after an edit (difflib's ratio)."""
_COMPARED = 5_000
_MAX_COMPARISONS = 200


@dataclass(frozen=True)
class Merged:
    """A student's work in the blueprint's notebook.

    notebook: nbformat 4.5 node in the blueprint's order, without outputs
    notes:    what was repaired, one sentence each
    missing:  grade_ids of the answers that are not in the submission
    lost:     why there is nothing of the student's in it; empty if there is
    own:      places in the notebook of the cells whose text is the student's own: cells added, and
              unlocked cells of the release that were edited. Answers are not among them
    """

    notebook: Any = field(repr=False)
    notes: tuple[str, ...]
    missing: frozenset[str]
    own: frozenset[int] = frozenset()
    lost: str = ""


def merge(blueprint: NotebookBlueprint, data: bytes | None) -> Merged:
    """Put a student's notebook into the blueprint.

    data: the file as it was handed in, None if there is none. Any bytes will do.
    """
    reason = f"{blueprint.name}: the notebook is not in the submission"
    notes: list[str] = []
    if data is not None:
        try:
            cells = read_cells(data, notes)
            return _Merger(blueprint, cells, notes).merged()
        except UnreadableNotebookError as error:
            reason = f"the notebook cannot be read: {error}"
    answers = frozenset(grade_id_of(c) for c in blueprint.notebook.cells if _is_answer(c))
    return Merged(copy.deepcopy(blueprint.notebook), (reason,), answers, lost=reason)


def _is_answer(cell: Any) -> bool:
    return bool(grade_id_of(cell) and marks_of(cell).get("solution"))


class _Merger:
    """One merge: finds for each cell of the student's its place in the release."""

    def __init__(
        self, blueprint: NotebookBlueprint, cells: list[SubmittedCell], notes: list[str]
    ) -> None:
        self.blueprint, self.cells, self.notes = blueprint, cells, notes
        self.release = blueprint.notebook.cells
        released = blueprint.released or [cell.source for cell in self.release]
        self.texts = [text.replace("\r\n", "\n").rstrip() for text in released]
        self.names = {grade_id_of(c): n for n, c in enumerate(self.release) if grade_id_of(c)}
        self.places: dict[int, int] = {}
        """Of a student's cell (its index): where the release has it."""
        self.texts_used: dict[int, SubmittedCell] = {}
        """Of a place in the release: the student's cell whose text stands there."""
        self.own: list[SubmittedCell] = []

    def merged(self) -> Merged:
        copies = self._by_name()
        for name, found in copies.items():
            for cell in found:
                self.places[cell.index] = self.names[name]
            self._choose(name, found)
        self._look_at_the_rest()
        self._adopt(name for name in self.names if name not in copies)
        self._match_edited()
        present = {self.names[name] for name in copies} | set(self.texts_used)
        for name, place in self.names.items():
            if place not in present:
                self.notes.append(f"{name}: is not in the submission; the release's cell is used")
        in_order = [name for name in self.names if name in copies]
        for mine, theirs in zip(copies, in_order, strict=True):
            if mine != theirs:
                self.notes.append(
                    f"{mine}: stands elsewhere in the submission; the release's order is used"
                )
                break
        answers = (name for name, place in self.names.items() if _is_answer(self.release[place]))
        missing = frozenset(name for name in answers if self.names[name] not in present)
        notebook, own = self._assemble()
        return Merged(notebook, few(self.notes), missing, own)

    def _by_name(self) -> dict[str, list[SubmittedCell]]:
        """The student's cells of each grade_id; one that lost it may be known by its cell id."""
        named = {cell.grade_id for cell in self.cells} & self.names.keys()
        lost = {self.release[n].id: name for name, n in self.names.items() if name not in named}
        found: dict[str, list[SubmittedCell]] = {}
        for cell in self.cells:
            if cell.grade_id in self.names:
                found.setdefault(cell.grade_id, []).append(cell)
            elif name := lost.pop(cell.id, ""):
                if "checksum" not in cell.marks:  # otherwise the instructor renamed it
                    self.notes.append(f"{name}: lost its nbgrader metadata; its cell id tells it")
                found[name] = [cell]
        return found

    def _choose(self, name: str, found: list[SubmittedCell]) -> None:
        """Decide which of the copies of a cell counts; all but answers are the release's anyway."""
        place = self.names[name]
        released = self.release[place]
        edited = [cell for cell in found if cell.text and cell.text != self.texts[place]]
        chosen = (edited or found)[-1] if _is_answer(released) else found[0]
        if _is_answer(released):
            if len(edited) > 1:
                chosen = self._last_answer(name, edited, released.cell_type)
            elif len(found) > 1:
                which = "one that was edited" if edited else "last one"
                self.notes.append(f"{name}: stands {_times(found)}; the {which} counts")
            if len(chosen.source) > MAX_SOURCE:
                self.notes.append(f"{name}: is too long; the release's cell is used")
            else:
                self.texts_used[place] = chosen
        else:
            if len(found) > 1:
                self.notes.append(f"{name}: stands {_times(found)}; the first one counts")
            mine = chosen in edited and chosen.text != released.source.rstrip()
            if mine and not is_as_released(chosen):  # otherwise it was the instructor
                self.notes.append(f"{name}: was edited; the release's text is used")
        if chosen.type not in (released.cell_type, chosen.marks.get("cell_type")):
            self.notes.append(f"{name}: was made a {chosen.type} cell; the release's type is used")

    def _last_answer(self, name: str, edited: list[SubmittedCell], cell_type: str) -> SubmittedCell:
        """Choose among several edited copies of an answer: the one that a kernel would have last.

        The parts of a split one are kept.
        """
        different = list({cell.text: cell for cell in reversed(edited)}.values())[::-1]
        if cell_type != "code":
            self.notes.append(f"{name}: stands {_times(edited)}; its texts are joined")
            return replace(
                different[0],
                source="\n\n".join(cell.source for cell in different),
                attachments={k: v for cell in different for k, v in cell.attachments.items()},
            )
        declared = self.blueprint.declares.get(name, frozenset())
        whole = [cell for cell in edited if seems_to_bind(cell.source, declared)]
        joined = "\n".join(cell.source for cell in different)
        if not whole and declared and seems_to_bind(joined, declared):
            self.notes.append(f"{name}: was split; its parts are joined")
            return replace(edited[0], source=joined)
        chosen = (whole or edited)[-1]
        parts = [
            cell
            for cell in different
            if cell.text != chosen.text
            # below a whole one, a part binds its names anew
            and (
                (whole and cell.index > chosen.index)
                or not any(seems_to_bind(cell.source, {n}) for n in declared)
            )
        ]
        for cell in parts:
            del self.places[cell.index]
        if len(parts) < len(edited) - 1:
            self.notes.append(f"{name}: stands {_times(edited)}; the last one counts")
        if parts:
            self.notes.append(f"{name}: was split; the rest is kept as the student's own cell")
        return chosen

    def _look_at_the_rest(self) -> None:
        """Tell the release's unmarked cells from the student's own."""
        named = set(self.names.values())
        free = {n: cell for n, cell in enumerate(self.release) if n not in named}
        by_id = {cell.id: n for n, cell in free.items()}
        texts: dict[str, list[int]] = {}
        for n, cell in enumerate(self.release):
            for text in {cell.source.rstrip(), self.texts[n]}:
                texts.setdefault(text, []).append(n)
        for cell in self.cells:  # first, so that a copy above the cell does not take its place
            place = -1 if cell.index in self.places else by_id.get(cell.id, -1)
            if place in free and free[place].cell_type == cell.type:
                self.places[cell.index] = place
                del free[place]
                if cell.text != self.texts[place]:
                    self._use(place, cell)
        above = -1
        for cell in self.cells:
            if cell.index in self.places:
                above = self.places[cell.index]
            elif cell.text in texts and cell.text:
                same = texts[cell.text]
                left = [n for n in same if n in free] or same
                above = next((n for n in left if n > above), left[0])
                free.pop(above, None)
                self.places[cell.index] = above
            elif cell.foreign:
                name = f"{shown(cell.grade_id)}: " if cell.grade_id else "a marked cell "
                if not is_as_released(cell):  # otherwise the instructor removed it
                    self.notes.append(f"{name}is not of this assignment; it is left out")
            elif len(cell.source) > MAX_SOURCE:
                self.notes.append(f"cell {cell.index + 1}: is too long; it is left out")
            elif cell.text:
                self.own.append(cell)
        self.free = {n for n, cell in free.items() if cell.cell_type == "code"}

    def _use(self, place: int, cell: SubmittedCell) -> None:
        if len(cell.source) <= MAX_SOURCE:
            self.texts_used[place] = cell

    def _adopt(self, lost: Iterable[str]) -> None:
        """Take a cell of the student's that defines what a lost answer had to define."""
        for name in lost:
            place = self.names[name]
            declared = self.blueprint.declares.get(name, frozenset())
            if not declared or not _is_answer(self.release[place]):
                continue
            for cell in self.own:
                if cell.type == "code" and seems_to_bind(cell.source, declared):
                    self.own.remove(cell)
                    self.places[cell.index] = place
                    self.texts_used[place] = cell
                    what = ", ".join(sorted(declared))
                    self.notes.append(f"{name}: is missing; the cell that defines {what} is used")
                    break

    def _match_edited(self) -> None:
        """Find, in files without cell ids, unlocked code cells of the release that were edited."""
        comparisons = itertools.count()
        for cell in [c for c in self.own if c.type == "code"]:
            if not self.free:
                return
            known = sorted(self.places)
            at = bisect.bisect(known, cell.index)
            low = self.places[known[at - 1]] if at else -1
            high = self.places[known[at]] if at < len(known) else len(self.release)
            alike = {
                n: difflib.SequenceMatcher(
                    None, self.texts[n][:_COMPARED], cell.source[:_COMPARED]
                ).ratio()
                for n in sorted(self.free)
                if low < n < high and next(comparisons) < _MAX_COMPARISONS
            }
            best = max(alike, key=lambda n: alike[n], default=-1)
            if best >= 0 and alike[best] >= _ALIKE:
                self.own.remove(cell)
                self.free.discard(best)
                self.places[cell.index] = best
                self.texts_used[best] = cell

    def _assemble(self) -> tuple[Any, frozenset[int]]:
        after: dict[int, list[SubmittedCell]] = {}
        own_cells = {cell.index for cell in self.own}
        above = min(self.names.values(), default=-1)  # for cells above all that is known
        for cell in self.cells:
            if cell.index in own_cells:
                after.setdefault(above, []).append(cell)
            else:
                above = self.places.get(cell.index, above)
        notebook = copy.deepcopy(self.blueprint.notebook)
        ids = {cell.id for cell in notebook.cells}
        cells: list[Any] = []
        own: set[int] = set()
        for place, cell in enumerate([None, *notebook.cells], start=-1):
            if cell is not None:
                used = self.texts_used.get(place)
                if used:
                    cell.source = used.source
                    if cell.cell_type == "markdown" and used.attachments:
                        cell.attachments = nbformat.from_dict(used.attachments)
                    if not grade_id_of(cell):
                        own.add(len(cells))
                cells.append(cell)
            for added in after.get(place, ()):
                own.add(len(cells))
                cells.append(self._own_cell(added, ids))
        notebook.cells = cells
        return notebook, frozenset(own)

    def _own_cell(self, cell: SubmittedCell, ids: set[str]) -> Any:
        make = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}
        digests = (
            hashlib.sha256(f"{n} {cell.index}\n{cell.source}".encode()).hexdigest()[:12]
            for n in itertools.count()
        )
        cell_id = next(digest for digest in digests if digest not in ids)
        ids.add(cell_id)
        made = make[cell.type](cell.source, id=cell_id)
        if self.blueprint.skip_tag in cell.tags:  # not run: the student says that it is a picture
            made.metadata["tags"] = [self.blueprint.skip_tag]
        if cell.type == "markdown" and cell.attachments:
            made["attachments"] = nbformat.from_dict(cell.attachments)
        return made


def _times(cells: list[SubmittedCell]) -> str:
    return "twice" if len(cells) == 2 else f"{len(cells)} times"
