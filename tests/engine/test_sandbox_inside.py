"""What the sandbox's inner wall refuses, and what goes on working behind it."""

import ast
import errno
import fcntl
import os
import platform
from collections.abc import Iterator
from typing import Any

import pytest

from autograder.engine import sandbox_inside
from autograder.engine.engine import Engine, Session
from autograder.engine.limits import Limits

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]
COLUMN = ("x86_64", "aarch64").index(platform.machine())
SHOWN_TO_ALL = "/usr/bin/env"
"""A file that every student sees, read-only."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    limits = Limits(cell_seconds=20, memory_mb=300)
    with Engine.start(("numpy", "sqlite3", "filelock"), None, limits, jail=True) as engine:
        yield engine


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with engine.session(frozenset(), frozenset()) as session:
        yield session


def said(session: Session, source: str) -> Any:
    """What a cell's last line prints, as a value."""
    run = session.answer(source, "f")
    assert (run.trouble, run.trace) == ("", None), run
    return ast.literal_eval("".join(str(output.get("text", "")) for output in run.outputs))


def test_every_refused_call_is_refused_and_newer_ones_are_not_there(session: Session) -> None:
    numbers = {name: pair[COLUMN] for name, pair in sandbox_inside._REFUSED.items()}
    numbers |= {f"newer {number}": number for number in (463, 470, 600)}
    found = said(
        session,
        "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nfound = {}\n"
        f"for name, number in {numbers}.items():\n"
        "    ctypes.set_errno(0)\n"
        "    found[name] = libc.syscall(number, 0, 0, 0, 0, 0, 0), ctypes.get_errno()\n"
        "print(found)",
    )
    assert found == {
        name: (-1, errno.ENOSYS if name.startswith("newer") else errno.EPERM) for name in numbers
    }


LOCKS = {
    "flock": "fcntl.flock(file, fcntl.LOCK_SH)",
    "lockf": "fcntl.lockf(file, fcntl.LOCK_SH)",
    "of the open file": "fcntl.fcntl(file, 37, struct.pack('hhqqi4x', fcntl.F_RDLCK, 0, 0, 1, 0))",
}


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_a_lock_on_a_file_that_all_see_tells_nobody(session: Session, lock: str) -> None:
    opened = f"import fcntl, struct\nfile = open({SHOWN_TO_ALL!r}, 'rb')\n"
    assert said(session, f"{opened}{lock}\nprint([1])") == [1]
    with open(SHOWN_TO_ALL, "rb") as file:  # whoever is outside could lock it alone
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(file, fcntl.LOCK_UN)
        asked = b"".join((fcntl.F_WRLCK.to_bytes(2, "little"), bytes(30)))
        answer = fcntl.fcntl(file, fcntl.F_GETLK, asked)
    assert int.from_bytes(answer[:2], "little") == fcntl.F_UNLCK


def test_nobody_is_told_when_somebody_opens_a_file(session: Session) -> None:
    found = said(
        session,
        f"import fcntl\nfile = open({SHOWN_TO_ALL!r}, 'rb')\nfound = []\n"
        "for command, value in ((1024, fcntl.F_RDLCK), (1026, 1)):\n"
        "    try:\n        fcntl.fcntl(file, command, value)\n        found.append('set')\n"
        "    except OSError as error:\n        found.append(error.errno)\n"
        "print(found)",
    )
    assert set(found) <= {errno.EPERM, errno.ENOTDIR}
    assert found[0] == errno.EPERM


@pytest.mark.parametrize(
    "work",
    [
        "import sqlite3\nbase = sqlite3.connect('a.db')\nbase.execute('create table t (x)')\n"
        "base.execute('insert into t values (3)')\nbase.commit()\n"
        "print(list(sqlite3.connect('a.db').execute('select x from t')))",
        "from filelock import FileLock\nwith FileLock('a.lock', timeout=1):\n    print([(3,)])",
        "import fcntl\nwith open('a.txt', 'w') as file:\n    fcntl.lockf(file, fcntl.LOCK_EX)\n"
        "    print([(3,)])",
    ],
    ids=["sqlite", "filelock", "lockf"],
)
def test_a_lock_on_a_file_of_ones_own_hinders_nothing(session: Session, work: str) -> None:
    assert said(session, work) == [(3,)]


CHANGES = {
    "mode": "os.chmod(path, 0o600)",
    "times": "os.utime(path, (1, 1))",
    "owner": "os.chown(path, os.getuid(), os.getgid())",
    "attribute": "os.setxattr(path, 'user.note', b'x')",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_machines_devices_can_be_used_and_not_changed(session: Session, change: str) -> None:
    devices = [path for path in sandbox_inside._DEVICES if os.path.exists(path)]
    before = [(*os.stat(path)[:3], os.stat(path).st_mtime) for path in devices]
    found = said(
        session,
        f"import os\nfound = []\nfor path in {devices}:\n"
        f"    try:\n        {change}\n        found.append(path)\n"
        "    except OSError:\n        pass\n"
        "with open('/dev/null', 'w') as null:\n    null.write('x')\n"
        "assert open('/dev/zero', 'rb').read(2) == bytes(2) and len(os.urandom(3)) == 3\n"
        "print(found)",
    )
    assert found == []
    assert [(*os.stat(path)[:3], os.stat(path).st_mtime) for path in devices] == before


def test_nothing_of_proc_that_is_roots_can_be_read(session: Session) -> None:
    there = [path for path in sandbox_inside._OF_THE_MACHINE if os.path.exists(path)]
    assert there
    found = said(
        session,
        f"found = []\nfor path in {there}:\n"
        "    try:\n        with open(path, 'rb', 0) as file:\n            found += [path] if file.read(1) else []\n"
        "    except OSError:\n        pass\n"
        "print(found)",
    )
    assert found == []


MAPPED = {
    "one": "maps = [mmap.mmap(-1, 600 * MB)]",
    "many": "maps = [mmap.mmap(-1, 20 * MB) for _ in range(30)]",
    "of a fork": "if os.fork():\n    time.sleep(15)\nmaps = [mmap.mmap(-1, 600 * MB)]",
    "of two": "os.fork()\nmaps = [mmap.mmap(-1, 250 * MB)]",
}


@pytest.mark.parametrize("mapped", MAPPED.values(), ids=MAPPED)
def test_memory_that_processes_share_counts(session: Session, mapped: str) -> None:
    run = session.answer(
        f"import mmap, os, time\nMB = 1 << 20\n{mapped}\n"
        "for each in maps:\n    for at in range(0, len(each), 4096):\n        each[at] = 1\n"
        "time.sleep(15)",
        "f",
    )
    assert run.trouble == "memory", run


@pytest.mark.parametrize(
    "name", [b"Sch\xff\xfe", b"x kB", b"VmRSS: 9 kB", "Überprüfung ä".encode()[:15]]
)
def test_a_process_calls_itself_as_it_likes(session: Session, name: bytes) -> None:
    """The system shows the name to whoever watches its memory."""
    named = f"import ctypes, time\nctypes.CDLL(None).prctl(15, {name!r}, 0, 0, 0)\ntime.sleep(0.3)"
    assert said(session, f"{named}\nprint([1])") == [1]


def test_shared_memory_within_the_limit_is_nobodys_fault(session: Session) -> None:
    """Pages that two share are one's."""
    source = (
        "import mmap, os, time\nmemory = mmap.mmap(-1, 200 << 20)\n"
        "for at in range(0, len(memory), 4096):\n    memory[at] = 1\n"
        "if not os.fork():\n    sum(memory[at] for at in range(0, len(memory), 4096))\n"
        "    time.sleep(1)\n    os._exit(0)\n"
        "os.wait()\nprint([len(memory) >> 20])"
    )
    assert said(session, source) == [200]
