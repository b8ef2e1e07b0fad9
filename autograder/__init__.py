"""Release, check and grade notebooks: the harness of the deep-learning course.

The names in `__all__` are the public ones (docs/api.md); everything else may change. They are
imported when they are first used, so that `import autograder` costs nothing.
"""

from typing import TYPE_CHECKING, Any

from autograder.assignment import slow_imports

if TYPE_CHECKING:
    from autograder.api import (
        Assignment,
        CheckResult,
        Course,
        Engine,
        Limits,
        NotebookResult,
        Outcome,
        Result,
        Submission,
        UserError,
        Way,
        engine_for,
        grade,
        open_course,
        prove,
        read_assignment,
        read_submission,
    )

__version__ = "0.1.0"
__all__ = [
    "Assignment",
    "CheckResult",
    "Course",
    "Engine",
    "Limits",
    "NotebookResult",
    "Outcome",
    "Result",
    "Submission",
    "UserError",
    "Way",
    "__version__",
    "engine_for",
    "grade",
    "open_course",
    "prove",
    "read_assignment",
    "read_submission",
]

slow_imports.leave_out()  # in each of our processes, before any of them imports nbformat


def __getattr__(name: str) -> Any:
    """Import the public names, all at once."""
    if name not in __all__:
        raise AttributeError(f"module 'autograder' has no attribute {name!r}")
    from autograder import api

    globals().update({public: getattr(api, public) for public in api.__all__})
    return globals()[name]


def __dir__() -> list[str]:
    return sorted(__all__)
