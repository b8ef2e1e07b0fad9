"""Libraries imported ahead, step by step: if Python ends meanwhile, it is known in which one.

A library that crashes takes the process with it, so the steps are told to somebody outside, who
makes the sentence (`crash`).
"""

import contextlib
import importlib
import importlib.util
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_ALWAYS = ("IPython", "numpy", "unittest.mock")
_LATER = {
    "torch": ("torch._dynamo", "torch.optim"),
    "matplotlib": ("matplotlib.font_manager",),
}
"""What libraries import, for seconds, only when they are first used."""
_BEFORE = {"torch": "triton"}
"""What must be loaded before everything else.

PyTorch loads Triton with its first optimizer. After TensorFlow that crashes Python, because each
finds the other's LLVM: https://github.com/tensorflow/tensorflow/issues/124205
"""

IMPORTED, READY = ":imported", ":ready"
"""Steps that are no module: everything is imported, and everything is prepared."""


@dataclass(frozen=True)
class Step:
    """module: that is being imported, empty before the first; inside: the last package that it
    began to import."""

    module: str
    inside: str = ""


def preloaded(modules: Sequence[str]) -> tuple[str, ...]:
    """What to import ahead for a notebook that imports `modules`, in an order that is safe."""
    before = [_BEFORE[name] for name in modules if name in _BEFORE]
    later = [name for module in modules for name in _LATER.get(module, ())]
    first = [name for name in before if importlib.util.find_spec(name) is not None]
    return tuple(dict.fromkeys((*first, *_ALWAYS, *modules, *later)))


def preload(modules: Sequence[str], tell: Callable[[Step], None]) -> None:
    """Import what can be imported; what cannot, the notebook will say.

    tell: called before each module, and when it begins to import another package
    """
    for name in modules:
        tell(Step(name))
        with contextlib.suppress(Exception, SystemExit), _watched(name, tell):
            importlib.import_module(name)


@contextlib.contextmanager
def _watched(module: str, tell: Callable[[Step], None]) -> Iterator[None]:
    class Watcher:
        """Finds nothing; it only sees which package is looked for."""

        @staticmethod
        def find_spec(name: str, path: object = None, target: object = None) -> None:
            if "." not in name and name != module.partition(".")[0]:
                tell(Step(module, name))

    watcher = Watcher()
    sys.meta_path.insert(0, watcher)
    try:
        yield
    finally:
        sys.meta_path.remove(watcher)


def crash(modules: Sequence[str], step: Step, how: str) -> str:
    """Say what happened to a process that ended while it imported `modules`, and what to do.

    step: the last that was told
    how:  how it ended, see `in_words`
    """
    until = modules[: modules.index(step.module) + 1] if step.module in modules else modules
    names = [name for name in until if name not in _ALWAYS or name == step.module]
    quoted = subprocess.list2cmdline if os.name == "nt" else shlex.join
    line = quoted([sys.executable, "-c", f"import {', '.join(names)}"])
    when = f"while importing {step.module}"
    if step.module == IMPORTED:
        when = "just after its imports"
    elif step.inside:
        when += f" (it had begun to load {step.inside})"
    if how == "by SIGKILL":
        return f"Python was killed {when}; the machine may have run out of memory"
    return f"Python ended {how} {when}: `{line}` shows it; reinstall or remove what causes it"


def in_words(status: object) -> str:
    """How a process ended: by a signal (negative), or with an exit code."""
    if isinstance(status, int) and status < 0:
        try:
            return f"by {signal.Signals(-status).name}"
        except ValueError:
            return f"by signal {-status}"
    return f"with exit code {status}" if status else "by itself"


def tried(modules: Sequence[str]) -> str:
    """Import `modules` in a Python of its own; return how that ended it, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        steps = Path(folder, "steps")  # libraries print what they like elsewhere
        steps.touch()
        run = subprocess.run(
            [sys.executable, "-P", "-m", "autograder.engine.preload", str(steps), *modules],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        told = steps.read_text(encoding="utf-8").splitlines() or [""]
    module, _, inside = told[-1].partition(" ")
    if module == IMPORTED and run.returncode == 0:
        return ""
    return crash(modules, Step(module, inside), in_words(run.returncode))


def main() -> None:
    """Import the modules that are named, and append each step to the file named before them."""
    path, *modules = sys.argv[1:]
    with open(path, "a", encoding="utf-8", buffering=1) as steps:
        preload(modules, lambda step: print(step.module, step.inside, file=steps))
        print(IMPORTED, file=steps)


if __name__ == "__main__":
    main()
