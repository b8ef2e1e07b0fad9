"""What a source notebook's file keeps: outputs of one run from top to bottom, and ids of cells."""

import json
from collections.abc import Iterator

from autograder.authoring.findings import Finding, Source, is_run, place


def stored(source: Source) -> Iterator[Finding]:
    """Cell ids, the order of execution, errors and times."""
    yield from _ids(source)
    yield from _outputs(source)


def _ids(source: Source) -> Iterator[Finding]:
    """Read from the file itself: nbformat mends ids as it reads, differently each time."""
    data = json.loads(source.path.read_text(encoding="utf-8"))
    cells = data.get("cells", [])
    if "cells" not in data:
        yield Finding("the notebook", "is in an old format; save it in JupyterLab")
    first: dict[str, int] = {}
    for index, cell in enumerate(cells):
        name = str(cell.get("id") or "")
        where = place(source.notebook, index)
        if not name:
            yield Finding(
                where, "has no cell id, so each release would differ; save it in JupyterLab", index
            )
        elif name in first:
            other = place(source.notebook, first[name])
            yield Finding(
                where, f"has the cell id `{name}` of {other} too; save it in JupyterLab", index
            )
        first.setdefault(name, index)


def _outputs(source: Source) -> Iterator[Finding]:
    """An empty cell is never run: Jupyter gives it no number."""
    expected = 1
    for index, node in enumerate(source.notebook.cells):
        if not is_run(node):
            continue
        where = place(source.notebook, index)
        if node.execution_count != expected:
            yield Finding(
                where,
                f"was not executed in order (it shows [{node.execution_count or ' '}]); "
                "run the notebook again",
                index,
            )
        expected += 1
        if "raises-exception" not in (node.metadata.get("tags") or []):
            for output in node.outputs:
                if output.output_type == "error":
                    yield Finding(where, f"its stored output is an error ({output.ename})", index)
        if "execution" in node.metadata:
            yield Finding(where, "stores the times of its execution", index)
