"""What the command says where a package that it needs itself cannot be imported: no other is used."""

import re
import sys
from importlib import metadata

DISTRIBUTION = "deep-learning-in-notebooks"


def explain(error: ImportError, *, doctor: bool) -> int:
    """Say on stderr what cannot be imported and how to mend it; return the exit code.

    doctor: whether to look at Python and at every package that is asked for, too
    """
    install = f"{sys.executable} -m pip install --force-reinstall"
    if doctor:
        version = ".".join(map(str, sys.version_info[:3]))
        fits = (3, 11) <= sys.version_info[:2] <= (3, 13)
        _say(f"Python {version}" + ("" if fits else ": 3.11, 3.12 or 3.13 is needed"))
        for name in _wanted():
            try:
                metadata.version(name)
            except metadata.PackageNotFoundError:
                _say(f"{name} is missing: {install} {name}")
    name = (error.name or "").partition(".")[0]
    mend = f"{install} {name}" if name else "install the course again"
    _say(f"autograder: {error}; nothing can be done without it: {mend}")
    return 1


def _wanted() -> list[str]:
    """Names of the packages that the harness asks for, without those of an extra."""
    try:
        lines = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return []
    return [
        found[0] for line in lines if "extra" not in line and (found := re.match(r"[\w.-]+", line))
    ]


def _say(line: str) -> None:
    print(line.encode("ascii", "backslashreplace").decode(), file=sys.stderr)
