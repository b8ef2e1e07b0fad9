"""An import that costs each of our processes a second, and that none of them needs."""

import sys


def leave_out() -> None:
    """Make the import of `rfc3987_syntax` fail, as if it were not installed.

    jsonschema takes it, where it is there, to check a format that no notebook has; its grammar
    takes a second to build. Call this before nbformat is imported.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
