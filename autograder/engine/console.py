"""What a check changes around a call, and the answer has to notice: input, output, patched functions.

The examiner sees what is changed (`Surroundings`), and the student's process puts it in place for
as long as the call takes (`surrounded`). A function that stands for another crosses as something
to call back, never as code.
"""

import builtins
import contextlib
import io
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

_LONGEST = 1 << 20
_NOT_PATCHED = ("autograder", "builtins", "msgpack", "socket", "struct", "select", "threading")
_NOT_OF_SYS = ("stdin", "stdout", "stderr", "modules", "path", "meta_path", "settrace", "exit")
_MISSING = object()


class Surroundings:
    """In the examiner: what a check has changed, compared with how its cell began."""

    def __init__(self) -> None:
        self._streams: tuple[Any, ...] = (sys.stdin, sys.stdout, sys.stderr)
        self._sight: Mapping[str, Any] = {}
        self._builtins: dict[str, Any] = {}
        self._attributes: dict[tuple[str, str], tuple[Any, Any]] = {}

    def notice(self) -> None:
        """From now on, know what `unittest.mock` patches in modules."""
        from unittest import mock

        kind: Any = mock._patch
        enter = kind.__enter__

        def entering(patch: Any) -> Any:
            value = enter(patch)
            target = patch.target
            if isinstance(target, types.ModuleType):
                key = target.__name__, patch.attribute
                self._attributes.setdefault(key, (target, patch.temp_original))
            return value

        kind.__enter__ = entering

    def begin(self, sight: Mapping[str, Any]) -> None:
        """A cell begins. sight: what its text looks at (see `sight`), as data"""
        self._streams = (sys.stdin, sys.stdout, sys.stderr)
        self._sight = sight
        self._attributes = {}
        self._builtins = dict(vars(builtins)) if sight.get("patches") else {}

    def changed(self, names: Mapping[str, Any]) -> dict[str, Any]:
        """What a call has to find in place; empty for nearly every check."""
        found: dict[str, Any] = {}
        stdin, stdout, stderr = self._streams
        if sys.stdout is not stdout or sys.stderr is not stderr:
            found["capture"] = True
        if sys.stdin is not stdin and type(sys.stdin) is io.StringIO:
            found["stdin"] = sys.stdin
        if not self._sight:
            return found
        replaced = {
            name: value
            for name, value in vars(builtins).items()
            if self._builtins
            and self._builtins.get(name, _MISSING) is not value
            and callable(value)
        }
        for name in self._sight.get("shadows", ()):
            if callable(names.get(name)):
                replaced[name] = names[name]
        if replaced:
            found["builtins"] = replaced
        if modules := list(self._modules(names)):
            found["modules"] = modules
        return found

    def _modules(self, names: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
        for name, attribute in self._sight.get("assigned", ()):
            module = names.get(name)
            if isinstance(module, types.ModuleType):
                key = module.__name__, attribute
                if key not in self._attributes:
                    # Nobody saw how it was: the student's process has it as the library has it.
                    self._attributes[key] = module, _MISSING
        for (name, attribute), (module, original) in self._attributes.items():
            value = getattr(module, attribute, _MISSING)
            home = name.partition(".")[0]
            if (
                value is original
                or value is _MISSING
                or home in _NOT_PATCHED
                or name == "__main__"
                or (home == "sys" and attribute in _NOT_OF_SYS)
            ):
                continue
            yield name, attribute, value

    def take(self, printed: Any, position: Any) -> None:
        """What came of it: text for the check's own streams, and how far its input was read."""
        for stream, text in zip((sys.stdout, sys.stderr), printed, strict=False):
            if type(text) is str and text:
                stream.write(text)
        if type(position) is int and position >= 0 and type(sys.stdin) is io.StringIO:
            sys.stdin.seek(position)


class _Bounded(io.StringIO):
    """Keeps no more than the longest text that is passed on."""

    def write(self, text: str) -> int:
        if self.tell() < _LONGEST:
            super().write(text[:_LONGEST])
        return len(text)


class Printed:
    """In the student's process: what was printed while the surroundings were in place."""

    def __init__(self) -> None:
        self.texts: tuple[str, ...] = ()
        self.position = -1


@contextlib.contextmanager
def surrounded(
    changed: Mapping[str, Any], names: dict[str, Any], printed: Printed
) -> Iterator[None]:
    """Put in place what the check has changed, for a while.

    names: the namespace of the notebook; a builtin is replaced there, and nowhere else
    """
    with contextlib.ExitStack() as stack:
        if "stdin" in changed:
            stack.callback(setattr, sys, "stdin", sys.stdin)
            sys.stdin = changed["stdin"]
            stack.callback(lambda: setattr(printed, "position", changed["stdin"].tell()))
        if changed.get("capture"):
            out, err = _Bounded(), _Bounded()
            stack.callback(lambda: setattr(printed, "texts", (out.getvalue(), err.getvalue())))
            stack.enter_context(contextlib.redirect_stdout(out))
            stack.enter_context(contextlib.redirect_stderr(err))
        for name, value in changed.get("builtins", {}).items():
            stack.callback(_put_back, names, name, names.get(name, _MISSING))
            names[name] = value
        for name, attribute, value in changed.get("modules", ()):
            module = sys.modules.get(name)
            if module is not None and hasattr(module, attribute):
                stack.callback(setattr, module, attribute, getattr(module, attribute))
                setattr(module, attribute, value)
        yield


def _put_back(names: dict[str, Any], name: str, value: Any) -> None:
    if value is _MISSING:
        names.pop(name, None)
    else:
        names[name] = value
