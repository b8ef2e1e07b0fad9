"""The Jupyter Server extension behind the author's panel of the instructor's JupyterLab.

`autograder lab --instructor` switches it on. Below `autograder/author/`, for whoever the server
knows; a path is that of a chapter's notebook, `solutions/02_cnn/cnn.ipynb`:

GET  contract?path=…  what the contract finds in the saved notebook, and what is left to do
GET  release?path=…   what else is found without running anything (see `lab.author_report`)
POST exercise         `{"path": …, "answer": …}` puts an exercise into the file, as
                      `autograder new exercise`; also title, minutes, class, before, after
prove                 a proof, begun, followed and canceled (see `lab.handlers.RunHandler`)
"""

import os
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import url_path_join
from tornado import web

from autograder.assignment.course import COURSE_VARIABLE, Course
from autograder.assignment.errors import UserError
from autograder.lab.author_desk import AuthorDesk
from autograder.lab.handlers import Handler, RunHandler, notebook_below

_FEWEST_MINUTES = 2
"""As the command."""


def source_below(course: Course, path: object) -> str:
    """Return the path, below the course, of the chapter's notebook that a browser names.

    raises: UserError if it is anything else
    """
    found = notebook_below(course.root, path)
    parts = PurePosixPath(found).parts
    if len(parts) != 3 or parts[0] != course.solutions.name:
        raise UserError(f"{found} is not a chapter's notebook in {course.solutions.name}/.")
    return found


def exercise_from(asked: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `scaffold.new_exercise` in a request. raises: UserError if they are none"""
    texts = {name: asked.get(name, "") for name in ("answer", "title", "before", "after")}
    minutes, as_class = asked.get("minutes", 10), asked.get("class", False)
    for name, text in texts.items():
        if not isinstance(text, str):
            raise UserError(f"{name}: not a text.")
    if not isinstance(minutes, int) or isinstance(minutes, bool) or minutes < _FEWEST_MINUTES:
        raise UserError(f"An exercise's minutes are a whole number, {_FEWEST_MINUTES} or more.")
    if not isinstance(as_class, bool):
        raise UserError("class: neither true nor false.")
    return {**texts, "minutes": minutes, "as_class": as_class}


class LookHandler(Handler):
    """What is found without running anything. what: see `AuthorDesk.look`"""

    def initialize(self, desk: AuthorDesk, course: Course, what: str) -> None:
        self.desk, self.course, self.what = desk, course, what

    @web.authenticated
    @authorized
    async def get(self) -> None:
        try:
            path = source_below(self.course, self.get_query_argument("path", ""))
            self.answer(await self.desk.look(self.what, path))
        except UserError as error:
            self.refuse(error)


class ExerciseHandler(Handler):
    """A new exercise."""

    def initialize(self, desk: AuthorDesk, course: Course) -> None:
        self.desk, self.course = desk, course

    @web.authenticated
    @authorized
    async def post(self) -> None:
        try:
            asked = self.asked()
            path = source_below(self.course, asked.get("path"))
            self.answer(await self.desk.add(path, exercise_from(asked)))
        except UserError as error:
            self.refuse(error)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "autograder.lab.author_server"}]


def _load_jupyter_server_extension(app: Any) -> None:
    course = Course(Path(os.environ[COURSE_VARIABLE]))
    desk = AuthorDesk(course.root)
    known = {"desk": desk, "course": course}
    proofs = {"runner": desk.proofs, "notebook": partial(source_below, course)}
    base = url_path_join(app.web_app.settings["base_url"], "autograder", "author")
    app.web_app.add_handlers(
        ".*$",
        [
            (url_path_join(base, "contract"), LookHandler, {**known, "what": "contract"}),
            (url_path_join(base, "release"), LookHandler, {**known, "what": "release"}),
            (url_path_join(base, "exercise"), ExerciseHandler, known),
            (url_path_join(base, "prove"), RunHandler, proofs),
        ],
    )
