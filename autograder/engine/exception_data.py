"""An exception that crosses from one process to the other: as words, and as a built-in class."""

import builtins
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from autograder.engine.claims import builtin_names, found_errors
from autograder.engine.tracebacks import Trace, trace_of

_LONGEST = 2_000


def failure(error: BaseException) -> dict[str, Any]:
    """Describe an exception as plain data."""
    trace = trace_of(error)
    return {
        "classes": builtin_names(type(error)),
        **trace.as_data(),
        "arguments": _plain_arguments(error),
    }


def _plain_arguments(error: BaseException) -> tuple[Any, ...] | None:
    arguments = error.args
    small = all(
        type(item) in (int, float, bool, type(None)) or (type(item) is str and len(item) < 500)
        for item in arguments
    )
    return arguments if small and len(arguments) < 6 else None


def failure_of_check(error: BaseException) -> dict[str, Any]:
    """Describe to the student's process an exception of the check's: without the check's lines."""
    return {**failure(error), "lines": (), "place": ""}


class StudentGone(BaseException):
    """The student's process ended; no check can catch this by accident."""


def error_from(
    data: dict[str, Any],
    raised_as: Callable[[type[Exception]], type[Exception]] = lambda kind: kind,
) -> tuple[Exception, Trace]:
    """Make an exception of the nearest built-in class, and the trace, from what a student sent.

    Never fails: what makes no sense becomes a RuntimeError.
    raised_as: what a class becomes on this side (see `claims.raised_here`)
    """
    trace = trace_from(data)
    arguments = data.get("arguments")
    named = (
        getattr(builtins, name, None) if isinstance(name, str) else None
        for name in _sequence(data.get("classes"))[:20]
    )
    for cls in (*found_errors(data.get("named")), *named):
        if isinstance(cls, type) and issubclass(cls, Exception):
            cls = raised_as(cls)
            for given in (arguments, (trace.text,)):
                if not isinstance(given, tuple):
                    continue
                try:
                    return cls(*given), trace
                except Exception:  # some take arguments of their own
                    continue
            with suppress(Exception):
                error = cls.__new__(cls, trace.text)
                error.args = (trace.text,)
                str(error)
                return error, trace
    return RuntimeError(f"{trace.kind}: {trace.text}"), trace


def trace_from(data: Mapping[str, Any]) -> Trace:
    """Make a trace of what another process sent; what makes no sense in it is left out."""
    return Trace(
        _words(data.get("kind"), "Exception")[:200],
        _words(data.get("text"), "")[:_LONGEST],
        _words(data.get("place"), "")[:300],
        tuple(_words(line, "")[:500] for line in _sequence(data.get("lines"))[:40]),
        data.get("own") is True,
    )


def _words(value: object, default: str) -> str:
    return value if type(value) is str else default


def _sequence(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
