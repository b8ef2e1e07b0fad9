"""The Jupyter Server extension behind the Check button of a student's JupyterLab.

`autograder lab` switches it on. Below `autograder/`, for whoever the server knows:

GET    check?seen=N  the state (see `lab.check_runner.State`), as soon as it is another than version N
POST   check         `{"path": …}` begins a check of the saved notebook; 409 while another runs
DELETE check         cancels it
POST   submit        `{"path": …}` hands the saved notebook in, and says what was sent
GET    chapters      how far the student is (see `lab.chapters.chapters`)
"""

import asyncio
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from autograder.assignment.course import COURSE_VARIABLE, Course
from autograder.assignment.errors import UserError
from autograder.lab import chapters
from autograder.lab.check_runner import CheckRunner
from autograder.lab.submit import submit

_WAIT_SECONDS = 20.0


def notebook_below(root: Path, path: object) -> str:
    """Return the path, below `root`, of the notebook that a browser names.

    raises: UserError if it is not a notebook, is not there, is hidden, or lies elsewhere, also
            by way of a link.
    """
    if not isinstance(path, str) or not path.endswith(".ipynb"):
        raise UserError("Only a notebook can be checked.")
    root = root.resolve()
    inside = Path(path.lstrip("/"))
    try:
        found = (root / inside).resolve()
        good = found.is_relative_to(root) and found.is_file()
    except (OSError, ValueError):
        good = False
    if not good or any(part.startswith(".") for part in inside.parts):
        raise UserError(f"{path}: there is no such notebook in this folder; save it first.")
    return inside.as_posix()


class _Handler(APIHandler):
    auth_resource = "contents"  # whoever may read a notebook may check it

    def initialize(self, desk: CheckRunner, root: Path, course: Course, folder: Path) -> None:
        self.desk, self.root, self.course, self.folder = desk, root, course, folder

    def asked(self) -> object:
        """The path that the request names, whatever it is."""
        body = self.get_json_body()
        return body.get("path") if isinstance(body, dict) else None

    def answer(self, said: Any, status: int = 200) -> None:
        self.set_status(status)
        self.finish(json.dumps(said))


class CheckHandler(_Handler):
    """The check that runs, or ran last."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        seen = self.get_query_argument("seen", "-1")
        if not seen.lstrip("-").isdecimal():
            raise web.HTTPError(400, "seen: not a number")
        self.answer(asdict(await self.desk.changed(int(seen), _WAIT_SECONDS)))

    @web.authenticated
    @authorized
    async def post(self) -> None:
        try:
            path = notebook_below(self.root, self.asked())
            self.answer(asdict(self.desk.start(path)), 202)
        except UserError as error:
            self.answer({"message": str(error)}, 409 if error.exit_code == 1 else 400)

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        self.answer(asdict(await self.desk.cancel()))


class SubmitHandler(_Handler):
    """Handing in."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        try:
            path = notebook_below(self.root, self.asked())
            self.answer({"receipt": await submit(self.root, path)})
        except UserError as error:
            self.answer({"message": str(error)}, 400)


class ChaptersHandler(_Handler):
    """All chapters with their last checks."""

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
    known = {"desk": desk, "root": root, "course": course, "folder": folder}
    base = url_path_join(app.web_app.settings["base_url"], "autograder")
    app.web_app.add_handlers(
        ".*$",
        [
            (url_path_join(base, "check"), CheckHandler, known),
            (url_path_join(base, "submit"), SubmitHandler, known),
            (url_path_join(base, "chapters"), ChaptersHandler, known),
        ],
    )
