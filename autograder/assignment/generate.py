"""nbgrader's GenerateAssignment, run on one notebook as the course configures it.

No database is touched and nothing is written.
"""

import copy
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograder.assignment.nbgrader_course import NbgraderCourse, in_folder


def generated(
    course: NbgraderCourse, assignment: str, path: Path, notebook: Any
) -> tuple[Any, Any]:
    """Run nbgrader's own steps: the notebook as it is before SaveCells, and as it is released.

    notebook: nbformat node of the source at `path`; its file is not read
    raises:   whatever nbgrader or a step of the course's own raises
    """
    from nbconvert.exporters import Exporter
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, SaveCells
    from traitlets.utils.importstring import import_item

    config = copy.deepcopy(course.config)
    config.CourseDirectory.assignment_id = assignment
    log = logging.Logger("autograder.assignment.generate")
    log.addHandler(logging.NullHandler())
    converter = GenerateAssignment(
        coursedir=CourseDirectory(config=config, log=log), config=config, log=log
    )
    steps = [
        import_item(step) if isinstance(step, str) else step for step in converter.preprocessors
    ]
    last = (SaveCells, ClearHiddenTests, ClearMarkScheme)
    cut = next((n for n, step in enumerate(steps) if _is_one(step, last)), len(steps))
    rest = [step for step in steps[cut:] if not _is_one(step, (SaveCells,))]

    def run(steps: Iterable[Any], notebook: Any) -> Any:
        exporter = Exporter(parent=converter, config=converter.config)
        for step in steps:
            exporter.register_preprocessor(step)
        about = {"student": ".", "assignment": assignment, "notebook": path.stem}
        resources = {
            "unique_key": path.stem,
            "metadata": {"name": path.stem, "path": str(path.parent)},
            "nbgrader": {**about, "db_url": "sqlite://"},  # in memory, should a step want one
        }
        return exporter.from_notebook_node(notebook, resources)[0]

    with in_folder(course.root):  # header, footer and autotests.yml are named from there
        full = run(steps[:cut], notebook)
        return full, run(rest, full)


def _is_one(step: Any, classes: tuple[type, ...]) -> bool:
    return issubclass(step if isinstance(step, type) else type(step), classes)
