"""The documentation: its links lead somewhere, its commands exist, it builds without a warning."""

import ast
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import typer
import yaml
from test_book import Tags
from typer.core import TyperGroup

from autograder.assignment.course import find_course
from autograder.cli.app import app

ROOT = find_course(Path(__file__).parent).root
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING"))])
LONGEST_README = 110
"""Lines: a screen and a half."""
each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)

_FENCED = re.compile(r"^( *)```(?P<language>[^\n]*)\n(?P<text>.*?)^\1```", re.M | re.S)
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\((?P<to>[^)\s]+)\)")
_IN_COMMAND = re.compile(r"^(?:\S+=\S+ )*(?:\S*[/\\])?autograder (?P<words>.*)$")


def prose(page: Path) -> str:
    """The page without its blocks of code."""
    return _FENCED.sub("", page.read_text(encoding="utf-8"))


def code(page: Path) -> Iterator[str]:
    """Lines of the page's shell blocks, and code in its sentences."""
    text = page.read_text(encoding="utf-8")
    for block in _FENCED.finditer(text):
        if block["language"] == "":
            yield from (line.strip().split("  #")[0] for line in block["text"].splitlines())
    yield from _INLINE.findall(prose(page))


def anchors(page: Path) -> set[str]:
    """Anchors of the page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.M)
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text) for text in headings)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in plain}


def links(page: Path) -> list[str]:
    return [match["to"] for match in _LINK.finditer(prose(page))]


@each_page
def test_links_within_the_repository_lead_somewhere(path: Path) -> None:
    for link in links(path):
        split = urlsplit(link)
        if split.scheme:
            continue
        target = (path.parent / unquote(split.path)).resolve() if split.path else path
        assert target.exists(), link
        assert not split.fragment or split.fragment in anchors(target), link


def test_readme_is_short_and_leads_to_every_page() -> None:
    readme = ROOT / "README.md"
    assert len(readme.read_text(encoding="utf-8").splitlines()) <= LONGEST_README
    reached, ahead = set(), {readme}
    while ahead:
        page = ahead.pop()
        reached.add(page)
        within = (link.partition("#")[0] for link in links(page) if not urlsplit(link).scheme)
        found = {(page.parent / link).resolve() for link in within if link.endswith(".md")}
        ahead |= {page for page in found if page in PAGES} - reached
    made_by_sphinx = {DOCS / f"{name}.md" for name in ("index", "contributing", "changelog")}
    assert set(PAGES) - reached == made_by_sphinx


def commands() -> list[tuple[str, str]]:
    return sorted(
        {
            (page.stem, match["words"])
            for page in PAGES
            for line in code(page)
            if (match := _IN_COMMAND.match(line))
        }
    )


def test_commands_and_options_that_the_pages_name_exist() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    named = set()
    for page, words in commands():
        first, *following = (word for word in shlex.split(words) if not word.startswith("-"))
        assert first in group.commands, f"{page}: autograder {words}"
        command: Any = group.commands[first]
        if isinstance(command, TyperGroup):  # autograder new
            assert following[0] in command.commands, f"{page}: autograder {words}"
            command = command.commands[following[0]]
        known = {
            name
            for parameter in (*group.params, *command.params)
            for name in (*parameter.opts, *parameter.secondary_opts)
        }
        asked = re.findall(r"(?<!\S)--?[a-z][\w-]*", words)
        assert [option for option in asked if option not in known] == [], f"{page}: {words}"
        named.add(first)
    assert named == set(group.commands)


def test_targets_of_make_that_the_pages_name_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    assert "docs" in targets
    for page in PAGES:
        for line in code(page):
            match = re.match(r"(?:\S+=\S+ )*make((?: [a-z]+)+)", line)
            for target in match[1].split() if match else ():
                assert target in targets, f"{page.name}: make {target}"


def test_tests_that_the_pages_name_exist() -> None:
    named = {
        name
        for page in PAGES
        for line in code(page)
        for name in re.findall(r"tests/[a-z_/]+\.py", line)
    }
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []


LINTS = (
    "answers", "checks", "companions", "contract", "exercises", "leaks", "marks",
    "nbgraders_metadata", "stored",
)  # fmt: skip
"""Modules of `authoring` that say what is wrong with a source."""


def sentences(source: str) -> Iterator[str]:
    """What a lint's code can say, with `…` for what differs."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and len(node.args) > 1:
            if getattr(node.func, "attr", getattr(node.func, "id", "")) in ("found", "Finding"):
                yield text_of(node.args[1])
        elif isinstance(node, ast.Yield) and node.value:
            yield text_of(node.value)
        elif isinstance(node, ast.FunctionDef) and node.name == "_leak":
            for each in ast.walk(node):
                if isinstance(each, ast.Return) and each.value:
                    yield text_of(each.value)


def text_of(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_page_on_authoring_has_every_message_of_the_contract_and_no_other() -> None:
    """A message in the table is a piece of one in the code; every one in the code is there."""
    page = (DOCS / "authoring.md").read_text(encoding="utf-8")
    section = page.partition("## The contract")[2].partition("\n## What only the tests")[0]
    told = [
        piece.strip()
        for row in re.findall(r"^\| (`.+`) \|", section, re.M)
        for message in row.split("`, `")
        for piece in message.strip("`").split("…")
    ]
    said = [
        text.replace("`", "")
        for name in LINTS
        for text in sentences((ROOT / "autograder" / "authoring" / f"{name}.py").read_text("utf-8"))
        if len(text.strip("… :`")) > 3
    ]
    assert len(said) >= 50
    assert [message for message in told if not any(message in text for text in said)] == []
    assert [text for text in said if not any(len(m) > 3 and m in text for m in told)] == []


def test_drawings_are_what_their_script_makes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import drawings; [print(n, d()) for n, d in drawings.DRAWINGS.items()]"],
        cwd=DOCS, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    drawn = dict(re.findall(r"^(\S+\.svg) (<svg.*)$", done.stdout, re.M))
    assert set(drawn) == {path.name for path in DOCS.glob("*.svg")}
    for name, text in drawn.items():
        assert (DOCS / name).read_text(encoding="utf-8").strip() == text.strip(), name


def test_citation_has_the_project_s_version_and_license() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (cited["version"], cited["license"]) == (project["version"], project["license"])


def test_pages_build_without_a_warning_and_load_nothing_from_elsewhere(tmp_path: Path) -> None:
    made = tmp_path / "book" / "docs"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "-n", "-W", "--keep-going", "-q", "-b", "html"),
            *("-d", str(tmp_path / "trees"), str(DOCS), str(made)),
        ],
        capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    pages = {path: Tags(path) for path in made.glob("*.html")}
    assert {path.stem for path in DOCS.glob("*.md")} < {path.stem for path in pages}
    for path, tags in pages.items():
        for address in tags.loads:
            split = urlsplit(address)
            assert not split.netloc, f"{path.name} loads {address}"
            if split.path and split.scheme != "data":
                assert (path.parent / unquote(split.path)).is_file(), address
        for link in tags.links:
            split = urlsplit(link)
            if split.scheme or not split.path:
                continue
            target = (path.parent / unquote(split.path)).resolve()
            book = target == tmp_path / "book" / "index.html"  # `make docs` makes it first
            assert target.is_file() or book, f"{path.name}: {link}"
    for style in made.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert not re.search(r"(url\(|@import)\s*[\"']?(\w+:)?//", text), style.name


def test_files_that_the_page_on_architecture_names_exist() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    section = page.partition("## Where to change what")[2]
    named = re.findall(r"`([a-z_]+/[a-z_/]*(?:\.py)?)`", section)
    named = [name for name in named if not (ROOT / name).exists()]
    assert len(named) > 10
    assert [name for name in named if not (ROOT / "autograder" / name).exists()] == []
    packages = set(re.findall(r"^\| `([a-z]+)` \|", page.partition("## The packages")[2], re.M))
    assert packages == {path.parent.name for path in ROOT.glob("autograder/*/__init__.py")}
