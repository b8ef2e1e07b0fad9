"""A notebook's shell: IPython without terminal, history or kernel, its outputs kept as nbformat's."""

import ast
import io
import linecache
import os
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from traitlets.config import Config

from autograder.engine.interactive import Hook, Interactive, Publisher
from autograder.engine.outputs import Output, Sink
from autograder.engine.tracebacks import Trace, trace_of


@dataclass(frozen=True)
class Run:
    """What came of a cell: the exception that it ended with or showed, its value, its seconds."""

    error: BaseException | None
    trace: Trace | None
    value: Any
    shown: bool
    """Whether an expression had a value that was displayed; `value` is the first."""
    seconds: float


_TIMED = re.compile(r"\s*%%time[^\n]*\n")


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


class Shell:
    """Runs cells one after the other in one namespace."""

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.cache_size = 0
        config.InteractiveShell.colors = "nocolor"
        config.InteractiveShell.automagic = True
        self.sink = Sink()
        self._shell: Any = Interactive.instance(
            config=config, display_pub_class=Publisher, displayhook_class=Hook
        )
        self._shell.display_pub.sink = self.sink
        self._shell.displayhook.sink = self.sink
        # IPython's own `open` hides from the answer that a check patches `builtins.open`
        self._shell.user_ns.pop("open", None)
        self._label = ""
        self._shell.compile.get_code_name = lambda raw, transformed, number: f"<{self._label}>"
        self._transform = self._shell.transform_cell
        self._shell.transform_cell = self._transformed
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

    def keep_values(self) -> None:
        """From now on the values of last expressions are kept, as `_` and in `Out`."""
        self._shell.displayhook.kept = {}

    def count(self, number: int) -> None:
        """Set the number of the cell that runs, as a notebook counts them."""
        self._shell.displayhook.number = number

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
        hook.begin(source)
        if timed := _TIMED.match(source):  # its lines, for tracebacks: IPython keeps them nowhere
            lines = source[timed.end() :].splitlines(keepends=True)
            linecache.cache["<timed exec>"] = (len(source), None, lines, "<timed exec>")
        self._shell.shown_error = None
        # With it, IPython compiles every cell once more, only to see whether it awaits something.
        self._shell.autoawait = "await" in source or "async" in source
        began = time.perf_counter()
        try:
            done = self._shell.run_cell(source, store_history=False)
            error = done.error_before_exec or done.error_in_exec or self._shell.shown_error
        except BaseException as caught:  # IPython lets some through
            error = caught
        seconds = time.perf_counter() - began
        with suppress(Exception):
            self.sink.close()
        trace = trace_of(error) if error is not None else None
        value, hook.value, self._shell.shown_error = hook.value, None, None
        return Run(error, trace, value, hook.shown, seconds)
