"""Where nbgrader finds the programs that it calls by name: beside the interpreter."""

import os
import sys
from pathlib import Path


def search_path() -> str:
    """PATH with the interpreter's folder in front, also where no environment is activated."""
    before = os.environ.get("PATH")
    return os.pathsep.join(filter(None, (str(Path(sys.executable).parent), before)))
