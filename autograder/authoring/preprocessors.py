"""Our step in nbgrader's release of an assignment, plugged in by `nbgrader_config.py`."""

from typing import Any
from urllib.parse import unquote

from nbgrader.preprocessors import ClearSolutions

NOTEBOOK_KEYS = frozenset({"cells", "metadata", "nbformat", "nbformat_minor"})
CELL_KEYS = frozenset(
    {"attachments", "cell_type", "execution_count", "id", "metadata", "outputs", "source"}
)
"""The entries of a notebook and of a cell that are in its format; no others are released."""
NOTEBOOK_METADATA = {
    "kernelspec": ("display_name", "language", "name"),
    "autograder": ("files",),
    "language_info": (
        "codemirror_mode",
        "file_extension",
        "mimetype",
        "name",
        "nbconvert_exporter",
        "pygments_lexer",
        "version",
    ),
}
"""What a released notebook keeps of its metadata, and of each entry. `widgets` is not there: it
holds what was printed."""
CELL_METADATA = {
    "collapsed": (),
    "deletable": (),
    "editable": (),
    "format": (),
    "jupyter": ("outputs_hidden", "source_hidden"),
    "nbgrader": (
        "cell_type",
        "checksum",
        "grade",
        "grade_id",
        "locked",
        "points",
        "schema_version",
        "solution",
        "task",
    ),
    "raw_mimetype": (),
    "scrolled": (),
    "slideshow": ("slide_type",),
    "tags": (),
}
"""The same for a cell; an entry without names is kept whole."""


def stub(name: str) -> str:
    """Return the line that stands where the solution of the exercise `name` was."""
    return f'raise NotImplementedError("exercise {name}")'


class NamedStubs(ClearSolutions):  # type: ignore[misc]  # nbgrader is not typed
    """Like nbgrader's ClearSolutions, with the exercise's name in the stub, and more is cleared.

    Only Python code gets such a stub, named by the cell's grade_id; other languages and written
    answers get nbgrader's. nbgrader clears sources and outputs alone. Here entries and metadata that
    nobody knows are dropped, not refused: JupyterLab's extensions write them unasked, and no chapter
    needs them. So are attachments that no released text shows, as a pasted model answer.
    """

    code_stub: dict[str, str]  # nbgrader's setting, by language

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Treat a notebook: its metadata, then each cell."""
        nb, resources = super().preprocess(nb, resources)
        _keep_known(nb.metadata, NOTEBOOK_METADATA)
        for name in set(nb) - NOTEBOOK_KEYS:
            del nb[name]
        return nb, resources

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        """Treat one cell, as nbgrader does, with the stub of its own exercise."""
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        stubs = self.code_stub
        self.code_stub = {**stubs, "python": stub(name)} if name else stubs
        try:
            cell, resources = super().preprocess_cell(cell, resources, cell_index)
        finally:
            self.code_stub = stubs
        _keep_known(cell.metadata, CELL_METADATA)
        for key in set(cell) - CELL_KEYS:
            del cell[key]
        if "attachments" in cell:
            cell.attachments = shown_attachments(cell)
            if not cell.attachments:
                del cell["attachments"]
        return cell, resources


def shown_attachments(cell: Any) -> dict[str, Any]:
    """Those of a cell's attachments that its text shows, as in `![](attachment:a%20plot.png)`."""
    text = f"{cell.source}\n{unquote(cell.source)}"
    return {
        name: bundle
        for name, bundle in cell.get("attachments", {}).items()
        if f"attachment:{name}" in text
    }


def _keep_known(metadata: Any, known: dict[str, tuple[str, ...]]) -> None:
    """Drop, in place, what an allow-list does not name."""
    for name in list(metadata):
        if name not in known:
            del metadata[name]
        elif known[name] and isinstance(metadata[name], dict):
            for inner in set(metadata[name]) - set(known[name]):
                del metadata[name][inner]
