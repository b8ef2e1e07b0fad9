"""The Jupyter Server extension behind the Check button of a student's JupyterLab.

`autograder lab` switches it on. Below `autograder/`, for whoever the server knows:

check            a check, begun, followed and canceled (see `lab.handlers.RunHandler`)
POST   submit    `{"path": …}` hands the saved notebook in, and says what was sent
GET    chapters  how far the student is (see `lab.chapters.chapters`)
"""

import asyncio
import os
from functools import partial
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import url_path_join
from tornado import web

from autograder.assignment.course import COURSE_VARIABLE, Course
from autograder.assignment.errors import UserError
from autograder.lab import chapters
from autograder.lab.check_runner import CheckRunner
from autograder.lab.handlers import Handler, RunHandler, notebook_below
from autograder.lab.submit import submit


class SubmitHandler(Handler):
    """Handing in."""

    def initialize(self, root: Path) -> None:
        self.root = root

    @web.authenticated
    @authorized
    async def post(self) -> None:
        try:
            path = notebook_below(self.root, self.asked().get("path"))
            self.answer({"receipt": await submit(self.root, path)})
        except UserError as error:
            self.answer({"message": str(error)}, 400)


class ChaptersHandler(Handler):
    """All chapters with their last checks."""

    def initialize(self, course: Course, folder: Path) -> None:
        self.course, self.folder = course, folder

    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(await asyncio.to_thread(chapters.chapters, self.course, self.folder))


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "autograder.lab.server"}]


def _load_jupyter_server_extension(app: Any) -> None:
    course = Course(Path(os.environ[COURSE_VARIABLE]))
    root, folder = Path(app.root_dir), Path(app.config_dir)
    desk = CheckRunner(
        course.root, root, finished=lambda path, report: chapters.note(folder, path, report)
    )
    below = partial(notebook_below, root)
    base = url_path_join(app.web_app.settings["base_url"], "autograder")
    app.web_app.add_handlers(
        ".*$",
        [
            (url_path_join(base, "check"), RunHandler, {"runner": desk, "notebook": below}),
            (url_path_join(base, "submit"), SubmitHandler, {"root": root}),
            (
                url_path_join(base, "chapters"),
                ChaptersHandler,
                {"course": course, "folder": folder},
            ),
        ],
    )
