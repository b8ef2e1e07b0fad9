"""The gradebook of a class whose `class.toml` cannot be used: an address that opens no database.

nbgrader reads a course's configuration for students and teachers alike. A student's command must
work whatever is wrong with the teacher's file, and no command may take the default gradebook for
one that the file may name. So the configuration never fails; it names this address, at which
whoever opens the gradebook is told what is wrong.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from autograder.assignment.errors import UserError

_DRIVER = "unusable_class_file"


def refused_gradebook(directory: Path) -> str:
    """A `db_url` for the class in `directory`, and SQLAlchemy told who answers to it."""
    from sqlalchemy.dialects import registry  # slow, and seldom needed

    registry.register(_DRIVER, __name__, "Refusal")
    return f"{_DRIVER}://?{urlencode({'directory': str(directory)})}"


class Refusal:
    """What SQLAlchemy asks for a driver: it has none, only the reason."""

    @classmethod
    def get_dialect_cls(cls, url: Any) -> Any:
        """raises: UserError with the sentence of `read_class_file`, for whoever asked"""
        from autograder.assignment.class_file import CLASS_FILE, read_class_file

        directory = Path(url.query["directory"])
        try:
            read_class_file(directory)
        except UserError as error:
            raise _told_by_everybody(str(error)) from None
        path = directory / CLASS_FILE
        raise _told_by_everybody(f"{path}: can be used again; restart JupyterLab.")


def _told_by_everybody(sentence: str) -> UserError:
    """The error in a shape that our command, nbgrader's and a Jupyter server tell in one sentence.

    Python ends a program at a SystemExit with its words alone, and tornado logs and answers an
    HTTPError without a traceback.
    """
    from tornado.web import HTTPError

    class Refused(UserError, HTTPError, SystemExit):
        def __init__(self) -> None:
            HTTPError.__init__(self, 503, sentence)
            self.exit_code, self.code = 2, sentence

        def __str__(self) -> str:
            return sentence

    return Refused()
