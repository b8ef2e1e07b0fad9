"""What a helper process does all its life: take orders, one after the other, until its input ends.

An order is one line of JSON on stdin; it is answered on stdout by lines
`{"done": …, "total": …, "what": …}` and a last one, `{"report": …}` or `{"error": sentence}`.
"""

import json
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, NoReturn

from autograder.assignment.errors import UserError

Tell = Callable[[int, int, str], None]
"""Called with how much is done, of how much, and what is next."""
Work = Callable[[dict[str, Any], Tell], dict[str, Any]]
"""Given an order, returns the report. raises: UserError"""

Between = Callable[[Callable[[], bool]], None]
"""Called between two orders, with a function that says whether an order waits."""


def answer_orders(begin: Callable[[], tuple[Work, Between]], failed: str) -> NoReturn:
    """Answer what is ordered; ends, in the middle of an order too, when stdin does.

    begin:  imports what the work needs, and returns it, and what is done between orders; it may
            take its time
    failed: what is said of an error that nobody expected: "The checks cannot be run"
    """
    orders: SimpleQueue[dict[str, Any]] = SimpleQueue()
    threading.Thread(target=_listen, args=(orders,), daemon=True).start()
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # nobody else's words come between ours

    def say(**said: Any) -> None:
        answers.write(json.dumps(said).encode() + b"\n")

    work, between = begin()
    while True:
        order = orders.get()
        try:
            say(
                report=work(order, lambda done, total, what: say(done=done, total=total, what=what))
            )
        except UserError as error:
            say(error=str(error))
        except Exception as error:
            what = f"{type(error).__name__}: {' '.join(str(error).split())}"
            say(error=f"{failed} ({what}); `autograder doctor` may say why.")
        else:
            with suppress(Exception):  # nobody has ordered it
                between(lambda: not orders.empty())


def _listen(orders: "SimpleQueue[dict[str, Any]]") -> None:
    for line in sys.stdin.buffer:
        orders.put(json.loads(line))
    os._exit(0)  # the warm process ends with this one
