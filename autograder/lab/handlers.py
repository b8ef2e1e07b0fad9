"""What the server extensions of both Labs have in common: who may ask, for which notebook, and how."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

from autograder.assignment.errors import UserError
from autograder.lab.runner import Runner

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


class Handler(APIHandler):
    """Answers in JSON, whoever the server knows."""

    auth_resource = "contents"  # whoever may read a notebook may check it

    def asked(self) -> dict[str, Any]:
        """What the request holds, if it holds names and values."""
        body = self.get_json_body()
        return body if isinstance(body, dict) else {}

    def answer(self, said: Any, status: int = 200) -> None:
        self.set_status(status)
        self.finish(json.dumps(said))

    def refuse(self, error: UserError) -> None:
        """400, or 409 where the same request may do later."""
        self.answer({"message": str(error)}, 409 if error.exit_code == 1 else 400)


class RunHandler(Handler):
    """Work that is begun, followed and canceled.

    GET ?seen=N  the state (see `lab.runner.State`), as soon as it is another than version N
    POST         `{"path": …}` begins with the saved notebook; 409 while another runs
    DELETE       cancels it
    """

    def initialize(self, runner: Runner, notebook: Callable[[object], str]) -> None:
        """notebook: makes of what a browser names the path of a notebook. raises: UserError"""
        self.runner, self.notebook = runner, notebook

    @web.authenticated
    @authorized
    async def get(self) -> None:
        seen = self.get_query_argument("seen", "-1")
        if not seen.lstrip("-").isdecimal():
            raise web.HTTPError(400, "seen: not a number")
        self.answer(asdict(await self.runner.changed(int(seen), _WAIT_SECONDS)))

    @web.authenticated
    @authorized
    async def post(self) -> None:
        try:
            self.answer(asdict(self.runner.start(self.notebook(self.asked().get("path")))), 202)
        except UserError as error:
            self.refuse(error)

    @web.authenticated
    @authorized
    async def delete(self) -> None:
        self.answer(asdict(await self.runner.cancel()))
