"""Settings of Sphinx for `make docs`: these pages with search, readable without a network.

On GitHub the pages link to files of the repository; here those files are not beside them, so a
link to README leads to the front page, one to course/README.md to the book, and of other links
only the words are kept.
"""

import re
from typing import Any

project = "Deep learning in notebooks"
html_title = "Deep learning in notebooks: documentation"
author = copyright = ""
extensions = ["myst_parser"]
exclude_patterns: list[str] = []
myst_heading_anchors = 3
highlight_language = "text"
html_theme = "sphinx_book_theme"
html_theme_options = {
    "use_download_button": False,
    "home_page_in_toc": True,
    "show_toc_level": 2,
}
html_context = {"default_mode": "auto"}
html_static_path = ["static"]
html_css_files = ["docs.css"]
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False

BOOK = "../index.html"
_OUTSIDE = re.compile(r"(?<!!)\[(?P<words>[^\]]+)\]\(\.\./(?P<path>[^)#\s]+)(?:#[^)]*)?\)")


def _within(match: re.Match[str]) -> str:
    words, path = match["words"], match["path"]
    if path == "README.md":
        return f"[{words}](index.md)"
    if path.startswith("course/") and path.endswith(".md"):
        return f'<a href="{BOOK}">{words}</a>'
    return words


def _keep_links_within(app: Any, page: str, text: list[str]) -> None:
    text[0] = _OUTSIDE.sub(_within, text[0])


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("source-read", _keep_links_within)
