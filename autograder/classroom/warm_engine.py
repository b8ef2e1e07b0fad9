"""One warm process for one assignment after the other, as long as it fits."""

from autograder.assignment.blueprint import Blueprint
from autograder.engine.engine import Engine
from autograder.engine.limits import Limits
from autograder.grading.grade import course_files, engine_for


class WarmEngine:
    """Keeps an engine from one assignment to the next; a context manager ends it.

    It fits an assignment whose libraries it has imported, and which has no data files: of those a
    jail has to be told when it starts.
    """

    def __init__(self, started: Engine | None = None) -> None:
        self._engine = started

    def of(self, blueprint: Blueprint, limits: Limits, *, jail: bool | None) -> Engine:
        """The engine for an assignment: the last one, or a new one in its place.

        raises: UserError as `Engine.start` does
        """
        engine = self._engine
        if engine is not None and not engine.failure and self._fits(engine, blueprint):
            engine.limits = limits
            return engine
        self.close()
        self._engine = engine_for(blueprint, limits, jail=jail)
        return self._engine

    def close(self) -> None:
        """End it, if there is one."""
        if self._engine is not None:
            self._engine.close()
        self._engine = None

    def __enter__(self) -> "WarmEngine":
        return self

    def __exit__(self, *details: object) -> None:
        self.close()

    @staticmethod
    def _fits(engine: Engine, blueprint: Blueprint) -> bool:
        without_data = engine.files is None and course_files(blueprint) is None
        return without_data and set(blueprint.modules) <= engine.packages
