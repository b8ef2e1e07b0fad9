"""A PostgreSQL server of the tests' own: in a temporary folder, on a socket, gone afterwards."""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

INSTALL = "PostgreSQL is not installed: apt-get install --no-install-recommends postgresql"
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")


def program(name: str) -> str:
    """The newest server program of that name; the test fails with the line that installs it."""
    found = sorted(path for place in _PLACES for path in glob.glob(f"{place}/{name}"))
    path = shutil.which(name) or (found[-1] if found else "")
    assert path, INSTALL
    return path


@contextmanager
def server() -> Iterator[str]:
    """Run a server; gives the address of its first database, for SQLAlchemy."""
    # Its socket's path must be short, and another user must reach it: not below pytest's folder.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    data, log = folder / "data", folder / "log"
    user = _other_user()
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)

    def run(name: str, *words: str) -> None:
        done = subprocess.run(
            [program(name), "--pgdata", str(data), *words],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            **({"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}),
        )
        said = log.read_text() if log.exists() else ""
        assert done.returncode == 0, f"{name}: {done.stderr}{said}"

    try:
        run("initdb", "--username=teacher", "--auth=trust", "--no-sync", "--encoding=UTF8")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        run("pg_ctl", "start", "--wait", f"--log={log}", f"--options={options}")
        try:
            yield f"postgresql://teacher@/postgres?host={folder}"
        finally:
            run("pg_ctl", "stop", "--wait", "--mode=immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _other_user() -> pwd.struct_passwd | None:
    """Whom the server runs as: it refuses the superuser."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise AssertionError("the superuser needs a user `nobody` to run PostgreSQL as")
