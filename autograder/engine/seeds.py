"""The global random generators: seeded for each submission, and sent along when a check seeds.

A check that calls `np.random.seed(0)` means the student's draws too; in two processes the state
has to travel. It travels one way only: a student never sets the state that a check draws from.
"""

import importlib
import random
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any


def seed_everything() -> None:
    """Before the fork: every process starts from the same state, so grading again gives the same."""
    seed_python()
    with suppress(Exception):
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed(0)
    with suppress(Exception):
        if "torch" in sys.modules:
            sys.modules["torch"].manual_seed(0)
    with suppress(Exception):
        if "tensorflow" in sys.modules:
            sys.modules["tensorflow"].random.set_seed(0)


def seed_python() -> None:
    """Seed `random` alone. Again after a fork, in which Python seeds it from the system.

    Keras draws its layers' seeds from it, where a notebook sets none.
    """
    random.seed(0)


class Seeds:
    """In the examiner: what the student's process has to know of the generators."""

    def __init__(self) -> None:
        self._news = 0
        self._told = 0
        self._last: dict[str, Any] = {}
        self._tensorflow: Any = None

    def notice(self) -> None:
        """From now on, know when one of the libraries' generators is seeded."""
        for module, place, names in (
            ("random", random, ("seed", "setstate")),
            ("numpy", getattr(sys.modules.get("numpy"), "random", None), ("seed", "set_state")),
            ("torch", sys.modules.get("torch"), ("manual_seed", "seed", "set_rng_state")),
            ("tensorflow", getattr(sys.modules.get("tensorflow"), "random", None), ("set_seed",)),
        ):
            for name in names if place is not None else ():
                with suppress(Exception):
                    setattr(place, name, self._noticed(module, getattr(place, name)))

    def begin(self) -> None:
        """A new cell: what the generators' states are now is no news."""
        self._told, self._last, self._tensorflow = self._news, _states(), None

    def news(self) -> dict[str, Any]:
        """States to send before the student's code runs; empty if the check left them alone.

        The same state again is news as well, if the check seeded again.
        """
        now = _states()
        again = self._news != self._told
        changed = {name: state for name, state in now.items() if self._last.get(name) != state}
        sent = now if again else changed
        if again and self._tensorflow is not None:
            sent = {**sent, "tensorflow": self._tensorflow}
        self._told, self._last = self._news, now
        return sent

    def _noticed(self, module: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def seeding(*arguments: Any, **keywords: Any) -> Any:
            self._news += 1
            if module == "tensorflow":
                self._tensorflow = next(iter([*arguments, *keywords.values()]), None)
            return function(*arguments, **keywords)

        return seeding


def _states() -> dict[str, Any]:
    """The states of the generators in use, as plain data that can be compared and sent."""
    found: dict[str, Any] = {"random": random.getstate()}
    if "numpy" in sys.modules:
        kind, keys, *rest = sys.modules["numpy"].random.get_state()
        found["numpy"] = (str(kind), keys.tobytes(), *rest)
    if "torch" in sys.modules:
        found["torch"] = sys.modules["torch"].get_rng_state().numpy().tobytes()
    return found


def restore(states: dict[str, Any]) -> None:
    """Set the generators as those of another process are."""
    for name, state in states.items():
        with suppress(Exception):
            if name == "random":
                random.setstate(state)
            elif name == "numpy":
                import numpy as np

                kind, keys, *rest = state
                np.random.set_state((kind, np.frombuffer(keys, np.uint32), *rest))
            elif name == "torch":
                import torch

                torch.set_rng_state(torch.frombuffer(bytearray(state), dtype=torch.uint8))
            elif name == "tensorflow":
                importlib.import_module("tensorflow").random.set_seed(state)


def advance(generator: Any) -> None:
    """Move a generator of the check's on, as drawing from it would, but not where the answer says.

    In one process the student's draws would move it; here a copy was moved. An answer that could
    set it could choose what the check draws next.
    """
    kind = type(generator).__name__
    with suppress(Exception):
        if isinstance(generator, random.Random):
            generator.seed(generator.getrandbits(63))
        elif kind == "RandomState":
            generator.seed(generator.randint(1 << 31))
        elif hasattr(generator, "bit_generator"):
            bits = generator.bit_generator
            bits.state = type(bits)(int(generator.integers(1 << 63))).state
        elif hasattr(generator, "manual_seed"):
            torch = sys.modules["torch"]
            drawn = torch.randint(1 << 62, (), generator=generator, device=generator.device)
            generator.manual_seed(int(drawn))
