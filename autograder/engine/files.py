"""The data files of an assignment: what students get beside the notebook, and nothing else."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class CourseFiles:
    """folder: where they lie; names: of those that are shown, relative to it."""

    folder: Path
    names: tuple[str, ...]
