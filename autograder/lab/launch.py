"""Open JupyterLab for the course: a student's, on the working copy, or the instructor's."""

import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from urllib.parse import quote

from autograder.assignment.class_file import read_class_file
from autograder.assignment.course import COURSE_VARIABLE, Course
from autograder.assignment.errors import UserError
from autograder.assignment.nbgrader_programs import search_path
from autograder.intake import exchange

NOTEBOOKS_VARIABLE = "AUTOGRADER_NOTEBOOKS"
"""Tells nbgrader_config.py in which folder Assignment List finds and puts the notebooks."""

_SETTINGS = Path(__file__).resolve().parent / "jupyter"
_CHECK = _SETTINGS / "check"
_AUTHOR = _SETTINGS / "author"
_SHARED = _SETTINGS / "shared"
_STATE = ".jupyter"
FIRST_PORT = 8888
_PATIENCE = 30.0
"""Seconds that a server has to end once it was told to."""


@dataclass(frozen=True)
class Server:
    """A JupyterLab to be started: its command, working directory and environment."""

    command: tuple[str, ...]
    directory: Path
    environment: dict[str, str]


def launch(
    course: Course,
    copy: Path,
    instructor: bool = False,
    port: int | None = None,
    browser: bool = True,
    hub: bool = False,
) -> int:
    """Open JupyterLab, wait until it is closed, and return its exit code.

    A student sees the working copy `copy`, with Assignment List and our Check, in place of
    nbgrader's Validate; the instructor sees the whole repository, with Formgrader, nbgrader's other
    panels and our panel for authors. Settings, history and open tabs are kept below the copy
    (the class directory for the instructor): nobody's own Jupyter settings are read or written. The
    released chapters are put into the exchange first; where that cannot be (Windows, a read-only
    class directory), a student's Lab has no Assignment List.

    port: the first free one from 8888 on, unless given.
    hub: be the server of one JupyterHub user; the hub says which port, and who may come in.
    raises: UserError if the port is taken, if there is no working copy, or if no hub has asked.
    """
    if hub:
        _require_hub()
    if port is not None:
        _refuse_taken(port)
    if not instructor and not copy.is_dir():
        raise UserError(f"{copy}: there is no working copy to open; fill it from the release.")
    if instructor:
        _warn_of_class_file(course)
    with_exchange = _publish(course)
    return _run(server(course, copy, instructor, port, browser, with_exchange, hub))


def server(
    course: Course,
    copy: Path,
    instructor: bool = False,
    port: int | None = None,
    browser: bool = True,
    with_exchange: bool = True,
    hub: bool = False,
) -> Server:
    """Say how JupyterLab is to be started; starts nothing and writes nothing."""
    root = (course.root if instructor else copy).resolve()
    state = (course.classroom if instructor else copy).resolve() / _STATE
    ours = _AUTHOR if instructor else _CHECK
    settings = [
        *([] if with_exchange else [_SETTINGS / "no_exchange"]),
        ours,
        *([] if instructor else [_SETTINGS / "student"]),
        _SETTINGS,
        course.root.resolve(),  # for nbgrader_config.py
    ]
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_PATH": os.pathsep.join(map(str, settings)),
        "JUPYTER_CONFIG_DIR": str(state),
        "JUPYTER_DATA_DIR": str(state / "data"),
        "JUPYTER_RUNTIME_DIR": str(state / "runtime"),
        "IPYTHONDIR": str(state / "ipython"),  # a personal start-up file would run in the answers
        "JUPYTER_PREFER_ENV_PATH": "1",  # the kernel of this environment, not a namesake
        "PATH": search_path(),
        COURSE_VARIABLE: str(course.root.resolve()),
        NOTEBOOKS_VARIABLE: str(course.release.resolve() if instructor else root),
    }
    for inherited in ("JUPYTER_NO_CONFIG", "JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"):
        environment.pop(inherited, None)
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    folder = root / course.solutions.name if instructor else None
    first_page = f"/lab{_first_page(root, state, folder)}"
    if hub:
        environment["JUPYTERHUB_DEFAULT_URL"] = first_page
    command = (
        *(sys.executable, "-P", "-m"),  # -P: a student's random.py is not imported
        "jupyterhub.singleuser" if hub else "jupyterlab",
        f"--ServerApp.root_dir={root}",
        *(() if hub else _address(port, browser, first_page)),
        *(
            f"--LabApp.extra_labextensions_path={part / 'labextensions'}"
            for part in (ours, _SHARED)
        ),
    )
    return Server(command, root, environment)


def _address(port: int | None, browser: bool, first_page: str) -> tuple[str, ...]:
    return (
        f"--ServerApp.port={port or FIRST_PORT}",
        f"--ServerApp.port_retries={0 if port else 50}",
        f"--ServerApp.open_browser={browser}",
        f"--LabApp.default_url={first_page}",
    )


def _first_page(root: Path, state: Path, folder: Path | None) -> str:
    """Name what is seen first; later, JupyterLab brings back the tabs that were open.

    folder: of an instructor; a student sees a page
    """
    if any((state / "lab" / "workspaces").glob("*")):
        return ""
    pages = [folder] if folder else [root / "README.md", *sorted(root.glob("*/*.ipynb"))]
    first = next((page for page in pages if page.exists()), None)
    return f"/tree/{quote(first.relative_to(root).as_posix())}" if first else ""


def _warn_of_class_file(course: Course) -> None:
    """Formgrader's pages would stay empty; JupyterLab is where the file can be mended."""
    try:
        read_class_file(course.classroom)
    except UserError as error:
        print(f"{error} Formgrader shows no gradebook until then.", file=sys.stderr)


def _publish(course: Course) -> bool:
    """Publish the release; say whether the exchange can be used."""
    try:
        exchange.publish(course)
    except UserError as error:
        if exchange.is_open(course):
            return True  # somebody else's exchange, as on a machine that a class shares
        print(error, file=sys.stderr)
        return False
    return True


def _require_hub() -> None:
    if "JUPYTERHUB_API_TOKEN" not in os.environ:
        raise UserError(
            "--hub is for JupyterHub, which starts this command itself (c.Spawner.cmd)."
        )
    if find_spec("jupyterhub") is None:
        raise UserError(f"JupyterHub is missing: {sys.executable} -m pip install jupyterhub")


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        if os.name == "posix":  # as the server does; elsewhere it would hide that the port is taken
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise UserError(
                f"Port {port} cannot be used: name another one, or none to take the first free."
            ) from error


def _run(lab: Server) -> int:
    """Run the server to its end; what is to end this process, Ctrl-C too, ends the server first.

    A server that has stopped and does not end (Jupyter's own threads may keep it) is killed.
    """
    process = subprocess.Popen(lab.command, cwd=lab.directory, env=lab.environment)

    def end(number: int, frame: FrameType | None) -> None:
        if os.name == "posix":  # on Windows it would be killed, and Ctrl-C has reached it already
            process.terminate()
            late = threading.Timer(_PATIENCE, process.kill)
            late.daemon = True
            late.start()

    previous = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        return process.wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
