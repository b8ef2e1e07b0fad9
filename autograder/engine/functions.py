"""What a check may ask of a student's function besides calling it: signature, code, source, notes.

In the student's process these are read and described; in the examiner they are built anew, as
values. The code itself never comes over.
"""

import inspect
import types
from collections.abc import Callable
from typing import Any

_NUMBERS = ("co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_nlocals", "co_flags",
            "co_stacksize", "co_firstlineno")  # fmt: skip
_NAMES = ("co_varnames", "co_names", "co_freevars", "co_cellvars")
_PLAIN = (int, float, complex, str, bytes, bool, type(None))
_NONE = inspect.Parameter.empty


def signature_of(function: Any) -> tuple[list[tuple[Any, ...]], tuple[Any, ...]]:
    """Each parameter as (name, kind, default, annotation), and the annotation of the value.

    What may be missing is a tuple of one or of none.
    """
    found = inspect.signature(function)
    parameters = [
        (each.name, int(each.kind), _maybe(each.default), _maybe(each.annotation))
        for each in found.parameters.values()
    ]
    return parameters, _maybe(found.return_annotation)


def _maybe(value: Any) -> tuple[Any, ...]:
    return () if value is _NONE else (value,)


def built_signature(said: Any) -> inspect.Signature:
    """Raises ValueError or TypeError for what is none."""
    parameters, value = said
    kinds = list(inspect._ParameterKind)
    return inspect.Signature(
        [
            inspect.Parameter(
                name, kinds[kind], default=_known(default), annotation=_known(annotation)
            )
            for name, kind, default, annotation in parameters
        ],
        return_annotation=_known(value),
    )


def _known(value: tuple[Any, ...]) -> Any:
    return value[0] if value else _NONE


def code_of(function: Any) -> dict[str, Any]:
    """What a code object says of itself, its constants as far as they are plain."""
    code = function.__code__
    said: dict[str, Any] = {name: getattr(code, name) for name in (*_NUMBERS, *_NAMES)}
    said |= {"co_name": code.co_name, "co_code": code.co_code}
    said["co_consts"] = tuple(value for value in code.co_consts if type(value) in _PLAIN)
    return said


def built_code(said: Any) -> types.SimpleNamespace:
    """Something with the attributes of a code object. Raises ValueError or TypeError."""
    if type(said) is not dict or not all(type(said.get(name)) is int for name in _NUMBERS):
        raise ValueError("not what a code object says")
    return types.SimpleNamespace(**said)


def look_into(text_of: Callable[[object], str | None]) -> None:
    """From now on, `inspect.getsource` and its sister know the student's functions and classes.

    text_of: gives the source of what lives in the student's process, None for everything else
    """
    source, lines = inspect.getsource, inspect.getsourcelines

    def getsource(object: Any) -> str:
        text = text_of(object)
        return source(object) if text is None else text

    def getsourcelines(object: Any) -> tuple[list[str], int]:
        text = text_of(object)
        return lines(object) if text is None else (text.splitlines(keepends=True), 1)

    inspect.getsource, inspect.getsourcelines = getsource, getsourcelines
