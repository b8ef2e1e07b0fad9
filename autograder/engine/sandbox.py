"""The sandbox's outer wall: the bubblewrap command line, and whether this machine can run it.

Inside there are the system, this Python and the course's data, all read-only; no network, no
home, no environment of the grader's. System calls and resources: see `sandbox_inside`.
"""

import functools
import os
import shutil
import site
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.assignment.errors import UserError
from autograder.engine import paths
from autograder.engine.files import CourseFiles

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "alternatives", "fonts")
_PACKAGE = Path(__file__).resolve().parent.parent
_found = False
"""Whether the jail has been seen to work."""


class Missing(UserError):
    """The jail is demanded, and there is none on this machine.

    why:    one sentence without its end, see `missing`
    remedy: one more sentence, of how to do without where somebody wants that
    """

    def __init__(self, why: str, remedy: str = "") -> None:
        self.why = why
        sentence = (
            f"{why}. Without it a submission can do whatever you can: see `autograder doctor`."
        )
        super().__init__(f"{sentence} {remedy}".rstrip(), exit_code=1)


def may_be_had() -> bool:
    """Whether there is bubblewrap at all; whether it works, `missing` says."""
    return sys.platform.startswith("linux") and bool(shutil.which("bwrap"))


def missing() -> str:
    """Say in one sentence why there is no jail on this machine; empty if there is one.

    That there is one is remembered; what is missing may be installed meanwhile.
    """
    global _found
    why = "" if _found else _missing()
    _found = not why
    return why


def _missing() -> str:
    if not sys.platform.startswith("linux"):
        return f"bubblewrap, the jail for students' code, runs on Linux only, not on {sys.platform}"
    if not shutil.which("bwrap"):
        return "bubblewrap, the jail for students' code, is not installed (command bwrap)"
    probe = [
        sys.executable,
        "-P",
        "-c",
        "from autograder.engine import sandbox_inside; sandbox_inside.try_it()",
    ]
    tried = subprocess.run(
        command(probe, files=None),
        capture_output=True, text=True, errors="replace", env=environment("/tmp"),
    )  # fmt: skip
    if tried.returncode == 0:
        return ""
    said = (tried.stderr.strip().splitlines() or [f"exit code {tried.returncode}"])[-1]
    return f"bubblewrap, the jail for students' code, does not work here ({said})"


def command(arguments: Sequence[str], files: CourseFiles | None) -> list[str]:
    """Return the command that runs `arguments` in the jail.

    files: the assignment's data, read-only inside. File by file: the folder may hold solutions
    """
    words = [
        shutil.which("bwrap") or "bwrap",
        # The warm process makes its children's namespaces, and they leave root for good. For
        # another user than 0 bubblewrap nests a second user namespace, that may not do so.
        *("--unshare-all", "--unshare-user", "--uid", "0", "--gid", "0"),
        *("--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SETFCAP"),
        *("--new-session", "--die-with-parent", "--hostname", "grading"),
    ]
    for path in _SYSTEM:
        if os.path.islink(path):
            words += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            words += ["--ro-bind", path, path]
    for name in _SETTINGS:
        words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    words += ["--tmpfs", "/tmp"]  # before what may lie in it
    for folder in python_folders():
        words += ["--ro-bind", folder, folder]
    if files is not None:
        for name in files.names:
            words += ["--ro-bind", str(files.folder / name), f"{paths.DATA}/{name}"]
    # Each student gets a /proc of its own over this one; only where it is whole can that be done.
    words += ["--bind", "/proc", "/proc", "--dev", "/dev", "--remount-ro", "/"]
    words += ["--chdir", "/tmp", "--", *arguments]
    return words


@functools.cache
def python_folders() -> tuple[str, ...]:
    """Folders that this Python needs: its own, the environment's, its packages'."""
    wanted = {sys.prefix, sys.base_prefix, sys.exec_prefix, str(_PACKAGE)}
    wanted |= {entry for entry in sys.path if "site-packages" in entry and os.path.isdir(entry)}
    wanted |= {os.path.realpath(folder) for folder in wanted}
    wanted |= {str(Path(os.path.realpath(sys.executable)).parent)}
    wanted -= {site.getuserbase()}
    return tuple(sorted(_outermost(wanted)))


def _outermost(folders: set[str]) -> Iterator[str]:
    """Leave out what lies in another one, or in the system's folders that are there anyway."""
    for folder in folders:
        others = (folders - {folder}) | {path for path in _SYSTEM if os.path.isdir(path)}
        if not any(Path(folder).is_relative_to(other) for other in others):
            yield folder


def environment(home: str) -> dict[str, str]:
    """Return the whole environment of the warm process: nothing of the grader's is in it."""
    search = os.pathsep.join([str(_PACKAGE.parent)])
    threads = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB", "BLIS")
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "PYTHONPATH": search,
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "NBGRADER_EXECUTION": "autograde",  # as nbgrader tells its notebooks
        "CUDA_VISIBLE_DEVICES": "-1",
        "KERAS_HOME": f"{home}/.keras",
        **{f"{name}_NUM_THREADS": "1" for name in threads},
    }
