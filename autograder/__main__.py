"""`autograder` and `python -m autograder`.

A worker process imports the main program's file again, so the command line is imported late.
"""

import atexit
import gc
import sys
from typing import NoReturn

from autograder.assignment import slow_imports


def main() -> NoReturn:
    """Run the command."""
    try:
        with slow_imports.no_garbage_collection():
            from autograder.cli.app import main as run
    except KeyboardInterrupt:  # not even begun
        sys.exit(130)
    except ImportError as error:
        from autograder.cli import without_packages

        sys.exit(without_packages.explain(error, doctor=sys.argv[1:2] == ["doctor"]))
    atexit.register(gc.freeze)  # the end of Python looks through everything once more
    run()


if __name__ == "__main__":
    main()
