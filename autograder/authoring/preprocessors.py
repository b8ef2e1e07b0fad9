"""Our step in nbgrader's release of an assignment, plugged in by `nbgrader_config.py`."""

from typing import Any

from nbgrader.preprocessors import ClearSolutions


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
