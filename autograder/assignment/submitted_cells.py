"""The cells of a submitted notebook, read from whatever bytes the file has.

Nothing here raises on what a student wrote, other than that the file is no notebook; no text of a
student's is run, compiled or parsed as Python.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import nbformat

from autograder.assignment.notes import is_text, shown
from autograder.assignment.plurals import counted

MAX_CELLS = 5_000


@dataclass(frozen=True)
class SubmittedCell:
    """A student's cell, whatever the file said, with the fields of the right types."""

    index: int
    type: str
    source: str
    grade_id: str
    id: str
    tags: tuple[str, ...]
    attachments: Mapping[str, Any]
    foreign: bool
    """Marked as a check or a locked cell: not what a student adds."""
    marks: Mapping[str, Any] = field(default_factory=dict)
    """nbgrader's metadata, whatever they are."""

    @property
    def text(self) -> str:
        """The source without blanks at its end."""
        return self.source.rstrip()


class UnreadableNotebookError(Exception):
    """The file is no notebook; says why."""


def read_cells(data: bytes, notes: list[str]) -> list[SubmittedCell]:
    """Read a notebook file's cells, whatever the file is.

    notes:  gets one sentence for each thing that was not as it should be
    raises: UnreadableNotebookError
    """
    content = _upgraded(_json(data, notes))
    raw = content.get("cells")
    if not isinstance(raw, list):
        raise UnreadableNotebookError("it has no list of cells")
    if len(raw) > MAX_CELLS:
        notes.append(f"the notebook has {len(raw)} cells; only the first {MAX_CELLS} are read")
    if kernel := _foreign_kernel(content.get("metadata")):
        notes.append(f"the notebook was set to the kernel {kernel}; the release's is used")
    return list(_cells(raw[:MAX_CELLS], notes))


def _json(data: bytes, notes: list[str]) -> dict[str, Any]:
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableNotebookError("the file is empty")
    try:
        text = data.decode(json.detect_encoding(data))
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        notes.append("the file is not valid UTF-8; what cannot be read in it is replaced")
    try:
        content = json.loads(text.removeprefix("\ufeff"), parse_int=_integer)
    except RecursionError as error:
        raise UnreadableNotebookError("it is nested too deeply") from error
    except MemoryError as error:
        raise UnreadableNotebookError("it is too large") from error
    except ValueError as error:
        what = error.args[0] if error.args else "damaged"
        raise UnreadableNotebookError(f"it is not JSON ({what})") from error
    if not isinstance(content, dict):
        raise UnreadableNotebookError("it is not a notebook")
    return content


def _integer(digits: str) -> float:
    """Python refuses to read integers of thousands of digits."""
    return int(digits) if len(digits) < 100 else float(digits)


def _upgraded(content: dict[str, Any]) -> dict[str, Any]:
    """Bring nbformat 3 and older up to date; the number alone does not make a file that old."""
    version, cells = content.get("nbformat"), content.get("cells")
    first = (
        version == 1
        and isinstance(cells, list)
        and not any("source" in _mapping(cell) for cell in cells)
    )
    if not first and (isinstance(cells, list) or "worksheets" not in content):
        return content
    major = 1 if first else 2 if version == 2 else 3
    try:
        sheets = [content] if first else content["worksheets"]
        for sheet in sheets:
            sheet["cells"] = sheet["cells"][:MAX_CELLS]
            for cell in sheet["cells"]:  # large, and dropped in any case
                cell |= {"outputs": []} if "outputs" in cell else {}
        content |= {"nbformat": major, "nbformat_minor": 0}
        reader: Any = nbformat.versions[major]
        upgraded = nbformat.convert(reader.to_notebook_json(content), 4)
        return {"cells": [{**cell, "id": ""} for cell in upgraded.cells]}  # the ids are random
    except Exception as error:
        raise UnreadableNotebookError(
            f"it cannot be converted from notebook format {major}"
        ) from error


def _cells(raw: list[Any], notes: list[str]) -> Iterator[SubmittedCell]:
    replaced = 0
    for index, cell in enumerate(raw):
        if not isinstance(cell, dict):
            notes.append(f"cell {index + 1}: is not a cell; it is left out")
            continue
        source = cell.get("source")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            notes.append(f"cell {index + 1}: has no text")
            source = ""
        if not is_text(source):
            replaced += 1
            source = source.encode("utf-8", "replace").decode()
        kind = cell.get("cell_type")
        if kind not in ("code", "markdown", "raw"):
            kind = "code" if "outputs" in cell else "markdown"
            notes.append(f"cell {index + 1}: has no valid type; it is taken for {kind}")
        metadata = _mapping(cell.get("metadata"))
        marks = _mapping(metadata.get("nbgrader"))
        tags = metadata.get("tags")
        yield SubmittedCell(
            index=index,
            type=kind,
            source=source.replace("\r\n", "\n").replace("\r", "\n"),
            grade_id=_string(marks.get("grade_id")),
            id=_string(cell.get("id")),
            tags=tuple(tag for tag in _lines(tags) if isinstance(tag, str)),
            attachments=_attachments(cell.get("attachments")),
            foreign=any(marks.get(mark) is True for mark in ("grade", "locked"))
            and marks.get("solution") is not True,
            marks=marks,
        )
    if replaced:
        notes.append(f"invalid characters were replaced in {counted(replaced, 'cell')}")


def is_as_released(cell: SubmittedCell) -> bool:
    """Whether nobody edited it since it was released, whatever the release is now.

    A release's cells carry nbgrader's checksum.
    """
    from nbgrader.utils import compute_checksum

    for source in (cell.source, cell.text):  # an editor may have put a line end there
        node = {"cell_type": cell.type, "source": source, "metadata": {"nbgrader": cell.marks}}
        try:
            if compute_checksum(nbformat.from_dict(node)) == cell.marks.get("checksum"):
                return True
        except Exception:  # marks are whatever the file says
            return False
    return False


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _attachments(value: Any) -> dict[str, Any]:
    """Pictures of a markdown cell, those that have the right form."""
    return {
        name: bundle
        for name, bundle in _mapping(value).items()
        if isinstance(bundle, dict)
        and is_text(name)
        and all(
            re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind, re.ASCII)
            and not kind.endswith("json")
            and all(isinstance(line, str) and is_text(line) for line in _lines(content))
            for kind, content in bundle.items()
        )
    }


def _lines(content: Any) -> list[Any]:
    return content if isinstance(content, list) else [content]


def _foreign_kernel(metadata: Any) -> str:
    """The kernel's name if it is not Python's."""
    spec = _mapping(_mapping(metadata).get("kernelspec"))
    name = _string(spec.get("name"))
    language = _string(spec.get("language")) or name
    return "" if "py" in language.lower() or not language else shown(name or language)


def seems_to_bind(source: str, names: Iterable[str]) -> bool:
    """Whether a text seems to bind all the names at its top level.

    It looks at the beginnings of lines only: Python's parser can be crashed by what it reads.
    """
    names = tuple(names)
    return bool(names) and all(
        name in source
        and re.search(
            rf"^(?:async[ ]+)?(?:def|class)[ ]+{name}\b"
            rf"|^{name}[ ]*:.*=|^(?=[\w ,*()\[\]]*\b{name}\b)[\w ,*()\[\]]+=(?!=)",
            source,
            re.MULTILINE,
        )
        for name in map(re.escape, names)
    )
