"""What our pages have in common: one file, no script, nothing from the network, all text escaped."""

import base64
import functools
import hashlib
from importlib.resources import files
from typing import Any

from autograder.assignment.notes import visible
from autograder.assignment.plurals import plural


def render(name: str, **values: Any) -> str:
    """Fill `NAME/NAME.html`, with the styles of `page.css` and `NAME.css` in it.

    The policy in it allows these styles by their hash and pictures in `data:`; nothing else.
    """
    from markupsafe import Markup

    page, style, digest = _template(name)
    return str(page.render(style=Markup(style), style_hash=f"sha256-{digest}", **values))


@functools.cache
def _template(name: str) -> tuple[Any, str, str]:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    here = files("autograder.pages")

    def read(file: str) -> str:
        folder = here if file.startswith("page.") else here / name
        return (folder / file).read_text(encoding="utf-8")

    environment = Environment(
        loader=FunctionLoader(read), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {
        "shown": visible,
        "points": points,
        "percent": percent,
        "plural": plural,
    }
    style = read("page.css") + read(f"{name}.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment.get_template(f"{name}.html"), style, digest


def points(value: float) -> str:
    """Points as people write them: at most two digits after the point."""
    return f"{round(value, 2):g}"


def percent(share: float | None) -> str:
    """A share from 0 to 1; a dash where there is none."""
    return "–" if share is None else f"{share:.0%}"
