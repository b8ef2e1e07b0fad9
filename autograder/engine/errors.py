"""Exceptions of a student's own class, in the examiner: real ones, so that `except` and `raise` work.

The class is made here, below the same built-in one; what an instance holds beyond its words is
asked of the object in the student's process.
"""

from typing import Any

from autograder.engine.remote import Remote

_MARK = "_of_the_student"


class StudentError(type):
    """The class of such classes: calling one makes the exception in the student's process."""

    _of_the_student: Any

    def __call__(cls, *arguments: Any, **keywords: Any) -> Any:
        return wrapped(cls, cls._of_the_student(*arguments, **keywords))

    def __getattr__(cls, name: str) -> Any:
        if name == _MARK or (name.startswith("__") and name.endswith("__")):
            raise AttributeError(name)
        return getattr(cls._of_the_student, name)


def error_class(stand_in: Remote, name: str, bases: tuple[type, ...], words: str | None) -> Any:
    """Make the class. stand_in: for the class itself, in the student's process"""
    members = {
        _MARK: stand_in, "__getattr__": _attribute, "__str__": _text, "__repr__": _repr,
        "__module__": "__main__", "__doc__": words,
    }  # fmt: skip
    try:
        return StudentError(name, bases, members)
    except TypeError:  # bases that do not go together: a lie
        return StudentError(name, (Exception,), members)


def wrapped(kind: Any, instance: object, arguments: object = None, words: str = "") -> Any:
    """Make an instance. instance: the stand-in for the one in the student's process"""
    error = kind.__new__(kind)
    error.args = arguments if isinstance(arguments, tuple) else ()
    error.__dict__["_instance"] = instance
    error.__dict__["_words"] = words
    return error


def stand_in_of(value: object) -> Remote | None:
    """The remote behind such a class or such an exception."""
    kind = type(value)
    found = None
    if kind is StudentError:
        found = kind.__dict__ and value.__dict__.get(_MARK)
    elif type(kind) is StudentError:
        found = value.__dict__.get("_instance")
    return found if isinstance(found, Remote) else None


def _attribute(self: Any, name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    return getattr(self.__dict__["_instance"], name)


def _text(self: Any) -> str:
    return self.__dict__["_words"] or str(self.__dict__["_instance"])


def _repr(self: Any) -> str:
    return repr(self.__dict__["_instance"])
