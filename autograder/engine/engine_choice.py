"""Which engine a student's own check takes. A class is graded by the usual one."""

import os
import sys

from autograder.assignment.errors import UserError

VARIABLE = "AUTOGRADER_ENGINE"
"""`portable` or `fork` overrules the platform."""


def portable() -> bool:
    """Whether a check does without forks: where there are none, or where Apple's libraries, once
    they are imported, do not survive one. raises: UserError
    """
    asked = os.environ.get(VARIABLE, "")
    if asked not in ("", "fork", "portable"):
        raise UserError(f"{VARIABLE}={asked}: unknown engine (choose from fork, portable).")
    if asked:
        return asked == "portable"
    return not hasattr(os, "fork") or sys.platform == "darwin"
