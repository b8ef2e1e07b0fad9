"""Our steps in nbgrader's conversions, plugged in by `nbgrader_config.py`."""

from typing import Any

from nbformat.v4 import new_output
from nbgrader.preprocessors import ClearSolutions, NbGraderPreprocessor

from autograder.assignment import HIDDEN_REGION


def stub(name: str) -> str:
    """Return the line that stands where the solution of the exercise `name` was."""
    return f'raise NotImplementedError("exercise {name}")'


class NamedStubs(ClearSolutions):  # type: ignore[misc]  # nbgrader is not typed
    """Like nbgrader's ClearSolutions, but the stub names the exercise by the cell's grade_id.

    Only Python code is treated; other languages and written answers get nbgrader's stub.
    """

    code_stub: dict[str, str]  # nbgrader's setting, by language

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        """Treat one cell, as nbgrader does, with the stub of its own exercise."""
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        stubs = self.code_stub
        self.code_stub = {**stubs, "python": stub(name)} if name else stubs
        try:
            cell, resources = super().preprocess_cell(cell, resources, cell_index)
        finally:
            self.code_stub = stubs
        return cell, resources


class HideHiddenOutputs(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader is not typed
    """Keep what a hidden check printed and said out of nbgrader's own feedback.

    A message may hold what the check expects; `autograder feedback` shows none either.
    It comes before nbgrader's ClearHiddenTests, which removes the marks that tell a hidden check.
    """

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        """Treat one cell."""
        if cell.cell_type == "code" and HIDDEN_REGION in cell.source:
            failed = any(output.output_type == "error" for output in cell.outputs)
            cell.outputs = [_not_passed()] if failed else []
        return cell, resources


def _not_passed() -> Any:
    words = "A hidden check is not passed."
    return new_output("error", ename="NotPassed", evalue=words, traceback=[words])
