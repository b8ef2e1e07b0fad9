"""Make the README's pictures anew: `python docs/pictures.py`, with Chromium installed.

A student's copy of chapter 2, whose first exercise has rows and columns of the padding swapped, is
looked at in the terminal (`autograder check`) and in JupyterLab (Run All). Feedback and report are
those of the example class in chapter 7. An author looks at the first chapter of a new course, in
which a check was spoiled.
"""

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console

from autograder.assignment.course import CLASSROOM_VARIABLE, Course, find_course
from autograder.assignment.notebook import Kind, grade_id_of, kind_of, read_assignment
from autograder.authoring.misconceptions import reference_answer
from autograder.authoring.new_course import new_course
from autograder.cli.show_check import show_report
from autograder.grading.check import check_notebook
from autograder.lab.working_copy import fill

DOCS = Path(__file__).resolve().parent
CHAPTER = "02_cnn"
EXAMPLE, STUDENT = "07_rl", "emmy"
ANSWERED = ("conv2d_backward", "max_pool2d", "layer_table")
WRONG = """\
    rows, columns = padding
    images, kernels, bias = map(torch.tensor, (images, kernels, bias))
    return F.conv2d(images, kernels, bias, stride, padding=(columns, rows)).numpy()"""
"""For `conv2d`; not the reference with a mistake in it, which would give the answer away."""
STUB = '    raise NotImplementedError("exercise conv2d")'
PATIENCE = 300_000
"""Milliseconds to wait for a page or a cell on a slow machine."""


def student_copy(course: Course, folder: Path) -> Path:
    """Fill a working copy, answer the first exercises, one of them wrong; return the notebook."""
    fill(course.release, folder)
    (path,) = (folder / CHAPTER).glob("*.ipynb")
    answers = read_assignment(course.solutions / CHAPTER / path.name)
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        name = grade_id_of(cell)
        if kind_of(cell) is Kind.ANSWER and name in ANSWERED:
            cell.source = reference_answer(answers.answer(name).source)
        elif name == "conv2d":
            cell.source = cell.source.replace(STUB, WRONG)
            assert WRONG in cell.source
    nbformat.write(notebook, path)
    return path


def terminal(notebook: Path, course: Course, browser: Browser, target: Path) -> None:
    """Picture what `autograder check` says of the notebook."""
    console = Console(record=True, width=136, file=io.StringIO(), highlight=False, emoji=False)
    console.print(f"[bold]$[/] autograder check my-course/{CHAPTER}/{notebook.name}")
    show_report(check_notebook(notebook, course), console)
    drawing = console.export_svg(title="a terminal")
    page = browser.new_page(viewport={"width": 1200, "height": 800}, offline=True)
    page.set_content(f"<body style='margin:0'>{drawing}</body>")
    page.locator("svg").first.screenshot(path=target)
    page.close()


@contextmanager
def lab(course: Course, copy: Path, instructor: bool = False) -> Iterator[dict[str, Any]]:
    """Run JupyterLab on the copy, or the instructor's on the course; yield its `url` and `token`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    who = "--instructor" if instructor else str(copy)
    command = (sys.executable, "-m", "autograder", "lab", who, "--no-browser", "--port", port)
    classroom = copy.parent / "classroom"
    environment = {**os.environ, CLASSROOM_VARIABLE: str(classroom)}
    state = (classroom if instructor else copy) / ".jupyter"
    process = subprocess.Popen(command, cwd=course.root, env=environment)
    try:
        found: list[Path] = []
        while not found:
            assert process.poll() is None, "JupyterLab has ended"
            found = list((state / "runtime").glob("jpserver-*.json"))
            time.sleep(0.5)
        yield json.loads(found[0].read_text())
    finally:
        process.terminate()
        process.wait()


def jupyterlab(notebook: Path, course: Course, browser: Browser, target: Path) -> None:
    """Picture the notebook in JupyterLab after Run All, which stops at the wrong answer."""
    with lab(course, notebook.parent.parent) as server:
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.set_default_timeout(PATIENCE)
        where = f"{CHAPTER}/{notebook.name}"
        page.goto(f"{server['url']}lab/tree/{where}?token={server['token']}")
        page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()
        page.locator('.lm-MenuBar-itemLabel:text-is("Run")').click()
        page.locator('.lm-Menu-itemLabel:text-is("Run All Cells")').click()
        failure = page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').first
        failure.wait_for()
        page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()
        for _ in range(5):  # cells get their heights as they come into sight
            failure.evaluate("output => output.scrollIntoView({block: 'end'})")
            page.wait_for_timeout(500)
        page.screenshot(path=target)
        page.close()


def authors_panel(scratch: Path, browser: Browser, target: Path) -> None:
    """Picture a new course in the instructor's JupyterLab; a check was unlocked, its message lost."""
    root = scratch / "statistics"
    new_course(root, chapter="01_means")
    (path,) = (root / "solutions" / "01_means").glob("*.ipynb")
    notebook = nbformat.read(path, as_version=4)
    check = next(cell for cell in notebook.cells if kind_of(cell) is Kind.CHECK)
    check.metadata.nbgrader.locked = False
    check.source += "\nassert weighted_mean([2.0], [1.0]) == 2.0"
    nbformat.write(notebook, path)
    with lab(Course(root), scratch / "copy", instructor=True) as server:
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.set_default_timeout(PATIENCE)
        where = path.relative_to(root).as_posix()
        page.goto(f"{server['url']}lab/tree/{where}?token={server['token']}")
        panel = page.locator("#autograder-author-panel")
        panel.locator("summary", has_text="to fill in").click()
        page.locator('.jp-SideBar [title^="File Browser"]').click()  # closed: room for the rest
        panel.get_by_role("list", name="To mend").get_by_role("button").first.click()
        for _ in range(5):  # cells get their heights as they come into sight
            page.wait_for_timeout(500)
        page.screenshot(path=target)
        page.close()


def pages_of_a_class(scratch: Path, browser: Browser, pictures: Mapping[str, Path]) -> None:
    """Picture the tops of a student's feedback and of the report on the class.

    pictures: where they go, by page below the class directory
    """
    room = scratch / "class"
    command = (sys.executable, "-m", "autograder", "demo", EXAMPLE, "--classroom", str(room))
    subprocess.run(command, cwd=DOCS.parent, check=True, stdout=subprocess.DEVNULL)
    for name, target in pictures.items():
        page = browser.new_page(viewport={"width": 1000, "height": 860}, offline=True)
        page.goto((room / name).as_uri())
        page.screenshot(path=target)
        page.close()


def shrink(path: Path) -> None:
    """Store the picture with 256 colors, less than half the size."""
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> None:
    """Make all pictures in the folder of this file."""
    course = find_course(DOCS)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        notebook = student_copy(course, Path(scratch, "my-course"))
        browser = playwright.chromium.launch(executable_path=chromium, args=root)
        terminal(notebook, course, browser, DOCS / "check.png")
        jupyterlab(notebook, course, browser, DOCS / "lab.png")
        authors_panel(Path(scratch), browser, DOCS / "author.png")
        pages_of_a_class(
            Path(scratch),
            browser,
            {
                f"feedback/{STUDENT}/{EXAMPLE}/rl.html": DOCS / "feedback.png",
                "report.html": DOCS / "report.png",
            },
        )
        browser.close()
    for path in DOCS.glob("*.png"):
        shrink(path)


if __name__ == "__main__":
    main()
