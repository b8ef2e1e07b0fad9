"""What cells showed, as outputs of an nbformat notebook."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.assignment.notes import printable
from autograder.assignment.outcome import CheckResult, Outcome
from autograder.engine.session import CellRun, CheckRun

_MIME = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_JSON = re.compile(r"application/(.*\+)?json")
"""What may be other than text, by nbformat's schema."""


def cell_outputs(run: CellRun) -> list[Any]:
    """Outputs as nbformat nodes, the error at the end."""
    found = [node for output in run.outputs if (node := _node(output)) is not None]
    if run.trace:
        found.append(error_output(run.trace.kind, run.trace.text, run.trace.lines))
    elif run.trouble:
        found.append(error_output("Stopped", run.message, ()))
    return found


def check_outputs(run: CheckRun, result: CheckResult, *, hidden: bool) -> list[Any]:
    """Outputs that nbgrader's own rules read as the same score."""
    found = []
    for output in run.outputs:
        if output.get("output_type") == "execute_result":
            continue  # nbgrader takes some of these for full marks
        if output.get("output_type") == "stream":
            output = {**output, "name": "stdout"}  # and text on stderr for a failure
        node = _node(output)
        if node is not None:
            found.append(node)
    if result.outcome is Outcome.PASSED and run.score == result.score:
        return found
    if result.outcome is Outcome.PARTIAL:
        data = {"text/plain": repr(result.score)}
        return [*found, new_output("execute_result", data=data, execution_count=None)]
    kind = run.trace.kind if run.trace else result.outcome.value
    shown = run.trace if run.from_student or not hidden else None  # not the check's own lines
    return [*found, error_output(kind, result.message, shown.lines if shown else ())]


def error_output(kind: str, words: str, lines: Sequence[str]) -> Any:
    """An error as an nbformat node."""
    last = f"{kind}: {words}" if words else kind
    shown = [printable(line) for line in (*lines, last)]
    # As `new_output` makes it, without looking it up in the schema, which takes a millisecond.
    return NotebookNode(
        output_type="error", ename=printable(kind), evalue=printable(words), traceback=shown
    )


def _node(output: Mapping[str, Any]) -> Any:
    """An output of a process as an nbformat node; None if it is none."""
    kind = output.get("output_type")
    try:
        if kind == "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            text = printable(str(output.get("text", "")))
            return NotebookNode(output_type="stream", name=name, text=text)
        if kind in ("display_data", "execute_result"):
            data = _forms(dict(output["data"]))
            more = {"execution_count": None} if kind == "execute_result" else {}
            return new_output(kind, data=data, metadata={}, **more)
    except (TypeError, ValueError, KeyError, AttributeError):
        return None
    return None


def _forms(shown: Mapping[object, object]) -> dict[str, Any]:
    """The forms of an output, by MIME type, as a notebook can hold them."""
    data: dict[str, Any] = {}
    left_out = []
    for kind, content in ((str(kind), content) for kind, content in shown.items()):
        if not _MIME.fullmatch(kind):
            left_out.append(f"{printable(kind)[:60]!r} is no MIME type")
        elif not _JSON.fullmatch(kind):
            data[kind] = printable(str(content))
        else:
            try:  # keys become text, as in a kernel
                text = json.dumps(content, ensure_ascii=False, allow_nan=False)
                text.encode()
                data[kind] = json.loads(text)
            except (TypeError, ValueError, RecursionError):
                left_out.append(f"what was shown as {kind} is no JSON")
    if left_out:
        data.setdefault("text/plain", f"[left out: {'; '.join(left_out)}]")
    return data
