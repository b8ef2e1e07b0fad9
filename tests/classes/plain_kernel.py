"""Notebooks as a plain kernel runs them: IPython, one process for each notebook, nothing of ours.

    python plain_kernel.py < NOTEBOOKS > OUTCOMES

NOTEBOOKS is a list of lists of cells as JSON; OUTCOMES has, for each cell, the name of the
exception that it ended with, or "", and the characters that it has shown, sorted: threads mix them.
"""

import contextlib
import io
import json
import os
import sys
import tempfile

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


def run(cells: list[str]) -> list[tuple[str, str]]:
    """Run one notebook in this process."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    shell = InteractiveShell.instance(config=config)
    shell.showtraceback = lambda *_, **__: None  # the outcome tells
    shell.showsyntaxerror = lambda *_, **__: None
    outcomes = []
    for cell in cells:
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
            done = shell.run_cell(cell, store_history=False)
        error = done.error_before_exec or done.error_in_exec
        characters = "".join(sorted("".join(shown.getvalue().split())))
        outcomes.append((type(error).__name__ if error else "", characters))
    return outcomes


def apart(cells: list[str]) -> list[tuple[str, str]]:
    """Run one notebook in a process and a folder of its own."""
    read, write = os.pipe()
    if pid := os.fork():
        os.close(write)
        with os.fdopen(read) as said:
            text = said.read()
        os.waitpid(pid, 0)
        return json.loads(text)  # type: ignore[no-any-return]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        found = run(cells)
    with os.fdopen(write, "w") as said:
        json.dump(found, said)
    os._exit(0)


if __name__ == "__main__":
    json.dump([apart(cells) for cells in json.load(sys.stdin)], sys.stdout)
