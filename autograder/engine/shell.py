"""A notebook's shell: IPython without terminal, history or kernel, its outputs kept as nbformat's."""

import ast
import io
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.engine.outputs import Output, Sink
from autograder.engine.tracebacks import Trace, trace_of


@dataclass(frozen=True)
class Run:
    """What came of a cell: the exception that ended it, its last value, its seconds."""

    error: BaseException | None
    trace: Trace | None
    value: Any
    shown: bool
    """Whether the last expression had a value that was displayed."""
    seconds: float


class _Stream(io.TextIOBase):
    """A sys.stdout whose text goes to the sink, and whose descriptor is the process's own."""

    encoding = "utf-8"

    def __init__(self, sink: Sink, name: str, descriptor: int) -> None:
        self._sink, self._name, self._descriptor = sink, name, descriptor

    def write(self, text: str) -> int:
        self._sink.write(self._name, str(text))
        return len(text)

    def flush(self) -> None:
        pass

    def fileno(self) -> int:
        return self._descriptor

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False


class _Publisher(DisplayPublisher):  # type: ignore[misc]  # IPython is not typed
    sink: Sink

    def publish(self, data: Any, metadata: Any = None, **more: Any) -> None:
        bundle, size = _bundle(data)
        output = {"output_type": "display_data", "data": bundle, "metadata": metadata or {}}
        self.sink.put(output, size)

    def clear_output(self, wait: bool = False) -> None:
        pass  # what was shown stays


class _Hook(DisplayHook):  # type: ignore[misc]
    sink: Sink
    shown = False
    muted = False
    _bundle: Any = None

    def quiet(self) -> bool:
        return self.muted

    def start_displayhook(self) -> None:
        self.shown = True
        self._bundle = None

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self._bundle = (format_dict, md_dict or {})

    def log_output(self, format_dict: Any) -> None:
        pass

    def update_user_ns(self, result: Any) -> None:
        pass  # no Out and no _: they would keep everything alive

    def finish_displayhook(self) -> None:
        if self._bundle:
            bundle, size = _bundle(self._bundle[0])
            self.sink.put(
                {
                    "output_type": "execute_result", "execution_count": None,
                    "data": bundle, "metadata": self._bundle[1],
                },
                size,
            )  # fmt: skip


def _bundle(data: Any) -> tuple[dict[str, Any], int]:
    """Return a mime bundle as nbformat stores it, and its size."""
    import base64

    bundle = {}
    size = 0
    for mime, content in dict(data).items():
        if isinstance(content, bytes):
            content = base64.b64encode(content).decode("ascii")
        if not isinstance(content, str | dict | list | int | float | bool | type(None)):
            content = str(content)
        size += len(content) if isinstance(content, str) else len(repr(content))
        bundle[str(mime)] = content
    return bundle, size


def _ends_with_semicolon(source: str) -> bool:
    if ";" not in source:
        return False
    try:
        return bool(DisplayHook.semicolon_at_end_of_expression(source))
    except Exception:  # it is not even cut into tokens
        return False


class Shell:
    """Runs cells one after the other in one namespace."""

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.cache_size = 0
        config.InteractiveShell.colors = "nocolor"
        config.InteractiveShell.automagic = True
        self.sink = Sink()
        self._shell: Any = InteractiveShell.instance(
            config=config, display_pub_class=_Publisher, displayhook_class=_Hook
        )
        self._shell.display_pub.sink = self.sink
        self._shell.displayhook.sink = self.sink
        self._label = ""
        self._shell.compile.get_code_name = lambda raw, transformed, number: f"<{self._label}>"
        self._transform = self._shell.transform_cell
        self._shell.transform_cell = self._transformed
        for name in ("showtraceback", "showsyntaxerror", "showindentationerror"):
            setattr(self._shell, name, lambda *_, **__: None)
        if "matplotlib.pyplot" in sys.modules:  # otherwise the backend does it when it is imported
            with suppress(Exception):
                self._show_figures()

    def _show_figures(self) -> None:
        from IPython.core.pylabtools import activate_matplotlib
        from matplotlib_inline.backend_inline import configure_inline_support

        backend = os.environ.get("MPLBACKEND", "")
        activate_matplotlib(backend)
        configure_inline_support(self._shell, backend)

    @property
    def names(self) -> dict[str, Any]:
        """The namespace of the cells."""
        return self._shell.user_ns  # type: ignore[no-any-return]

    def plain(self, source: str) -> str:
        """The cell as Python, its magics turned into calls."""
        return str(self._shell.transform_cell(source))

    def _transformed(self, source: str) -> str:
        """IPython's transformation, left out where it is slow and has nothing to do.

        What Python can parse holds no magic; only a cell of one line may be an automagic.
        """
        if "\n" in source.strip() and not self._shell.input_transformers_post:
            with suppress(Exception):
                ast.parse(source)
                return source if source.endswith("\n") else source + "\n"
        return str(self._transform(source))

    def redirect(self) -> None:
        """From now on Python's own text goes to the sink."""
        sys.stdout = _Stream(self.sink, "stdout", 1)
        sys.stderr = _Stream(self.sink, "stderr", 2)

    def run(self, source: str, label: str, pass_on: Callable[[Output], None], room: int) -> Run:
        """Run one cell.

        label:   what tracebacks call it
        pass_on: called with each output
        room:    bytes of output that are kept
        """
        self.sink.open(pass_on, room)
        self._label = label
        hook = self._shell.displayhook
        hook.shown, hook.muted = False, _ends_with_semicolon(source)
        # With it, IPython compiles every cell once more, only to see whether it awaits something.
        self._shell.autoawait = "await" in source or "async" in source
        began = time.perf_counter()
        try:
            done = self._shell.run_cell(source, store_history=False)
            error = done.error_before_exec or done.error_in_exec
            value = done.result
        except BaseException as caught:  # IPython lets some through
            error, value = caught, None
        seconds = time.perf_counter() - began
        with suppress(Exception):
            self.sink.close()
        trace = trace_of(error) if error is not None else None
        shown = bool(hook.shown) and value is not None
        return Run(error, trace, value, shown, seconds)
