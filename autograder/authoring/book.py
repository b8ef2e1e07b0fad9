"""The book: the course as web pages with search, which need neither a server nor a network.

Sphinx makes it, with MyST-NB for notebooks and the theme of Jupyter Book. Formulas are drawn by
MathJax from a file of the book's own.
"""

import hashlib
import importlib.util
import io
import os
import shutil
import tempfile
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import nbformat

from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.assignment.notebook import read_notebook
from autograder.authoring.book_pages import chapter_page, front_page
from autograder.authoring.release import GLOSSARY_PAGE, LANDING_PAGE

_MATHJAX = "static/mathjax/es5/tex-svg.js"
_LIST = ".book-files"
"""What the book is made of, so that nothing else is ever taken away with it."""
_SHOWN = 3


@dataclass(frozen=True)
class Book:
    """A book that was written. pages: its HTML files; warnings: what Sphinx complained of."""

    front: Path
    pages: tuple[Path, ...]
    warnings: tuple[str, ...]


def write_book(course: Course, output: Path) -> Book:
    """Write the book of the release into the folder `output`, in place of an older one.

    raises: UserError without a release, without the packages of the extra `book`, or if
            `output` cannot be written or holds a file that is not of the book
    """
    if not course.released_chapters:
        raise UserError(f"{course.release} holds no release: run `autograder release` first.")
    if foreign := _foreign(output):
        few = ", ".join(foreign[:_SHOWN]) + (" …" if len(foreign) > _SHOWN else "")
        raise UserError(
            f"{output}: holds what is not of the book ({few}); move it away, or name another "
            "folder with --output."
        )
    mathjax = _mathjax()
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        # Beside the old book, so that the new one takes its place at once, or not at all.
        with tempfile.TemporaryDirectory(prefix=".book-", dir=output.parent) as scratch:
            source, made = Path(scratch, "source"), Path(scratch, "book")
            _write_sources(course, source)
            warnings = _build(source, made, Path(scratch, "doctrees"), mathjax)
            (made / _LIST).write_text("\n".join(_lines(made)), encoding="utf-8")
            if output.exists():
                output.rename(Path(scratch, "old"))
            made.rename(output)
    except OSError as error:
        raise UserError(f"{output}: cannot be written ({error.strerror}).") from error
    pages = [path for path in output.rglob("*.html") if "_static" not in path.parts]
    return Book(output / "index.html", tuple(sorted(pages)), warnings)


def _foreign(output: Path) -> list[str]:
    """Names of what is in `output` and is not as an earlier book brought it."""
    if not output.is_dir() or output.is_symlink():
        return [output.name] if os.path.lexists(output) else []
    try:
        ours = set((output / _LIST).read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError):
        ours = set()
    return [line.partition("  ")[2] for line in _lines(output) if line not in ours]


def _lines(folder: Path) -> list[str]:
    """Digest and name of each file in a folder but the list itself, as `sha256sum` has them."""
    lines = {}
    for parent, folders, names in os.walk(folder):
        links = [name for name in folders if Path(parent, name).is_symlink()]
        for name in names + links:
            path = Path(parent, name)
            text = b"" if path.is_symlink() else path.read_bytes()
            lines[path.relative_to(folder).as_posix()] = hashlib.sha256(text).hexdigest()
    lines.pop(_LIST, None)
    return [f"{digest}  {name}" for name, digest in sorted(lines.items())]


def _mathjax() -> Path:
    """Return MathJax's file. Its package is found, not imported: it would want Django."""
    spec = importlib.util.find_spec("mathjax")
    folders = list(spec.submodule_search_locations or []) if spec else []
    found = [path for folder in folders if (path := Path(folder, _MATHJAX)).is_file()]
    if not found or not importlib.util.find_spec("sphinx_book_theme"):
        raise UserError("The book needs Sphinx and MathJax: pip install -e '.[book]'.")
    return found[0]


def _write_sources(course: Course, folder: Path) -> None:
    """Write the pages that Sphinx reads."""
    names = []
    for path in sorted(course.release.glob("*/*.ipynb")):
        where = path.relative_to(course.release)
        solved = course.solutions / where
        released = read_notebook(path)
        page = chapter_page(released, read_notebook(solved) if solved.is_file() else released)
        (folder / where).parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(page, folder / where)
        names.append(where.with_suffix("").as_posix())
    glossary = course.release / GLOSSARY_PAGE
    if glossary.is_file():
        shutil.copy(glossary, folder)
    landing = (course.release / LANDING_PAGE).read_text(encoding="utf-8")
    glossary_name = glossary.stem if glossary.is_file() else ""
    (folder / "index.md").write_text(front_page(landing, names, glossary_name), encoding="utf-8")


def _build(source: Path, made: Path, doctrees: Path, mathjax: Path) -> tuple[str, ...]:
    """Run Sphinx in this process; return its warnings, one line each."""
    from sphinx.application import Sphinx
    from sphinx.util.console import strip_escape_sequences
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    complaints = io.StringIO()
    # Sphinx registers its own with docutils; without these a second book would hear of the first.
    with (
        as_file(files("autograder.authoring") / "book_static") as static,
        patch_docutils(),
        docutils_namespace(),
    ):
        Sphinx(
            srcdir=source,
            confdir=None,
            outdir=made,
            doctreedir=doctrees,
            buildername="html",
            confoverrides=_settings(static, mathjax),
            status=None,
            warning=complaints,
        ).build()
    lines = strip_escape_sequences(complaints.getvalue()).splitlines()
    return tuple(line for line in lines if line.strip())


def _settings(static: Path, mathjax: Path) -> dict[str, Any]:
    return {
        "project": "Deep learning in notebooks",
        "author": "",
        "copyright": "",
        "html_title": "Deep learning in notebooks",
        "extensions": ["myst_nb", "sphinx.ext.mathjax"],
        "nb_execution_mode": "off",
        "nb_merge_streams": True,
        "myst_enable_extensions": ["dollarmath", "amsmath"],
        "myst_heading_anchors": 3,
        "html_theme": "sphinx_book_theme",
        "html_theme_options": {
            "use_download_button": False,
            "home_page_in_toc": True,
            "show_toc_level": 2,
        },
        "html_static_path": [str(static), str(mathjax)],
        "html_css_files": ["book.css"],
        "html_js_files": ["book.js"],
        "html_context": {"default_mode": "auto"},
        "html_copy_source": False,
        "html_show_sphinx": False,
        # One file; the menu would load others when it is opened.
        "mathjax_path": mathjax.name,
        "mathjax3_config": {"options": {"enableMenu": False}},
    }
