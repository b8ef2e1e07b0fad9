"""IPython as a notebook's kernel has it: what cells show is kept, and so are errors it only shows.

Errors within `%run`, `%%capture` or `get_ipython().run_cell()` are shown and end nothing. A kernel
shows them as outputs of the cell, which nbgrader takes for a failure. All of them, wherever they
come from, pass through `showtraceback` and its two sisters.
"""

import base64
import math
import numbers
import sys
from contextlib import suppress
from itertools import islice
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from autograder.engine.channel_base import MAX_CONTROL_TOTAL, items_in
from autograder.engine.outputs import Sink

_WINDOWS = ("auto", "widget", "ipympl")
"""What `%matplotlib` takes as well, whether or not matplotlib knows it on this machine."""


_MOST_FORMS = 100
_MOST_ITEMS = MAX_CONTROL_TOTAL - 10_000
"""Of what one display shows; the rest is for the message around it."""


class Publisher(DisplayPublisher):  # type: ignore[misc]  # IPython is not typed
    """What `display` shows goes to the sink."""

    sink: Sink

    def publish(self, data: Any, metadata: Any = None, **more: Any) -> None:
        bundle, size = _bundle(data)
        self.sink.put({"output_type": "display_data", "data": bundle, "metadata": {}}, size)

    def clear_output(self, wait: bool = False) -> None:
        pass  # what was shown stays


class Hook(DisplayHook):  # type: ignore[misc]
    """Shows a last expression, and keeps the first value of a cell: nbgrader takes that one."""

    sink: Sink
    shown = False
    value: Any = None
    muted = False
    kept: dict[int, Any] | None = None
    """Values of cells by number, if somebody will ask for them."""
    number = 0
    _bundle: Any = None

    def begin(self, source: str) -> None:
        """Begin a cell."""
        self.shown, self.value, self.muted = False, None, _ends_with_semicolon(source)

    def quiet(self) -> bool:
        return self.muted

    def start_displayhook(self) -> None:
        self._bundle = None

    def fill_exec_result(self, result: Any) -> None:
        if not self.shown:
            self.shown, self.value = True, result
        super().fill_exec_result(result)

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self._bundle = (format_dict, md_dict or {})

    def log_output(self, format_dict: Any) -> None:
        pass

    def update_user_ns(self, result: Any) -> None:
        """Set `_` and `Out` only where a check reads them: they keep everything alive."""
        if self.kept is None:
            return
        names = self.shell.user_ns
        before = list(self.kept.values())[::-1]
        self.kept[self.number] = result
        names.update(zip(("_", "__", "___"), (result, *before), strict=False), Out=self.kept)

    def finish_displayhook(self) -> None:
        if self._bundle:
            bundle, size = _bundle(self._bundle[0])
            self.sink.put(
                {
                    "output_type": "execute_result", "execution_count": None,
                    "data": bundle, "metadata": {},
                },
                size,
            )  # fmt: skip


class Interactive(InteractiveShell):  # type: ignore[misc]
    """IPython's shell, which knows no front end, with what a kernel's adds for a notebook."""

    shown_error: BaseException | None = None
    """The first that the cell has shown."""

    def showtraceback(self, exc_tuple: Any = None, *_: Any, **__: Any) -> None:
        """Take note of the error; what ends the cell is shown by whoever runs it."""
        error = sys.exc_info()[1] if exc_tuple is None else exc_tuple
        if isinstance(error, tuple):
            error = error[1]
        if self.shown_error is None and isinstance(error, BaseException):
            self.shown_error = error

    def showsyntaxerror(self, *_: Any, **__: Any) -> None:
        self.showtraceback()

    def showindentationerror(self) -> None:
        self.showtraceback()

    def enable_gui(self, gui: Any = None) -> None:
        """There is no window, so no event loop either."""

    def enable_matplotlib(self, gui: str | None = None) -> tuple[Any, Any]:
        """Show figures inline, whichever back end is asked for; one that is none is an error."""
        from IPython.core.pylabtools import find_gui_and_backend

        if gui is not None and gui not in _WINDOWS:
            find_gui_and_backend(gui)
        return super().enable_matplotlib("inline")  # type: ignore[no-any-return]


class _TooMuchError(Exception):
    """More in a display than can be told."""


def _as_json(value: Any, most: int) -> Any:
    """A display's value as JSON has it: keys are texts, numbers and arrays of a library plain.

    most: items in all. raises: _TooMuchError if there are more; RecursionError if it is too deep
    """
    left = most

    def plain(one: Any) -> Any:
        nonlocal left
        if one is None or type(one) in (bool, str, float):
            return one
        if isinstance(one, str):
            return str.__str__(one)
        if isinstance(one, bytes):
            return base64.b64encode(one).decode("ascii")
        if isinstance(one, numbers.Integral):
            whole = int(one)
            return whole if -(1 << 63) <= whole < 1 << 63 else str(one)
        if isinstance(one, numbers.Real):
            return float(one)
        if isinstance(one, dict | list | tuple | set | frozenset):
            left -= 1 + len(one)
            if left < 0:
                raise _TooMuchError
            if isinstance(one, dict):
                return {str(key): plain(each) for key, each in one.items()}
            return [plain(each) for each in one]
        if hasattr(one, "tolist") and hasattr(one, "shape"):  # an array, a tensor, a column
            if math.prod(max(1, size) for size in one.shape) > left:
                raise _TooMuchError
            return plain(one.tolist())
        return str(one)

    return plain(value)


def _bundle(data: Any) -> tuple[dict[str, Any], int]:
    """Return a mime bundle as nbformat stores it, and its size.

    Forms with more in them than a message may hold are left out, as a chart of 100,001 points, and
    metadata always: nobody reads it.
    """
    bundle: dict[str, Any] = {}
    size = items = 0
    left_out = []
    for mime, content in islice(dict(data).items(), _MOST_FORMS):
        try:
            content = _as_json(content, _MOST_ITEMS - items)
        except Exception:  # too much, too deep, or a class that cannot be told: no cell ends here
            content, more = None, _MOST_ITEMS + 1
        else:
            more = items_in(content)  # one list alone may hold too many
        if items + more > _MOST_ITEMS:
            left_out.append(str(mime))
            continue
        items += more
        size += len(content) if isinstance(content, str) else len(repr(content))
        bundle[str(mime)] = content
    if left_out:
        bundle.setdefault(
            "text/plain", f"[left out, too much or not to be told: {', '.join(left_out)}]"
        )
    return bundle, size


def _ends_with_semicolon(source: str) -> bool:
    if ";" not in source:
        return False
    with suppress(Exception):  # it is not even cut into tokens
        return bool(DisplayHook.semicolon_at_end_of_expression(source))
    return False
