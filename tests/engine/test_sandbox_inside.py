"""What the sandbox's inner wall refuses, and what goes on working behind it."""

import ast
import errno
import fcntl
import os
import platform
from collections.abc import Iterator
from typing import Any

import pytest

from autograder.engine import sandbox_inside, system_calls
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


@pytest.fixture
def tight() -> Iterator[Session]:
    """Of 60 MB: the kernel lets nobody fill many sockets."""
    limits = Limits(cell_seconds=20, memory_mb=60)
    with (
        Engine.start(limits=limits, jail=True) as engine,
        engine.session(frozenset(), frozenset()) as session,
    ):
        yield session


def said(session: Session, source: str) -> Any:
    """What a cell's last line prints, as a value."""
    run = session.answer(source, "f")
    assert (run.trouble, run.trace) == ("", None), run
    return ast.literal_eval("".join(str(output.get("text", "")) for output in run.outputs))


CALLS = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def call(*arguments):
    ctypes.set_errno(0)
    return libc.syscall(*arguments), ctypes.get_errno()
"""
CLONE, CLONE3 = system_calls._CLONE[COLUMN], system_calls._CLONE3[COLUMN]
IN_PART = {
    CLONE, CLONE3, system_calls._FLOCK[COLUMN], system_calls._FCNTL[COLUMN],
    system_calls._SETRLIMIT[COLUMN], system_calls._PRLIMIT[COLUMN], system_calls._SOCKET[COLUMN],
    system_calls._SOCKETPAIR[COLUMN], system_calls._SETSOCKOPT[COLUMN],
    system_calls._PRCTL[COLUMN],
}  # fmt: skip
OF_THE_KERNEL = {335, 336} if COLUMN == 0 else set()
"""uretprobe and uprobe: no filter is asked, and whoever calls them gets SIGILL."""


def test_what_is_not_on_the_list_is_refused_and_newer_calls_are_not_there(
    session: Session,
) -> None:
    allowed = {*system_calls.numbers(COLUMN), *IN_PART, *OF_THE_KERNEL}
    refused = set(range(system_calls.LAST_KNOWN + 1)) - allowed
    newer = (463, 470, 600, (1 << 30) - 1)
    found = said(
        session,
        f"{CALLS}print([(number, *call(number, 0, 0, 0, 0, 0, 0)) for number in {[*refused, *newer]}])",
    )
    assert len(refused) > 100
    assert found == [(number, -1, errno.EPERM) for number in refused] + [
        (number, -1, errno.ENOSYS) for number in newer
    ]


NAMESPACES = {
    "mount": 0x20000, "cgroup": 0x2000000, "names": 0x4000000, "messages": 0x8000000,
    "users": 0x10000000, "processes": 0x20000000, "network": 0x40000000,
}  # fmt: skip


@pytest.mark.parametrize("flag", NAMESPACES.values(), ids=NAMESPACES)
def test_a_new_process_gets_no_namespace_of_its_own(session: Session, flag: int) -> None:
    found = said(
        session,
        f"{CALLS}print([call({CLONE}, {flag} | 17, 0, 0, 0, 0), call({CLONE3}, 0, 0)])",
    )
    assert found == [(-1, errno.EPERM), (-1, errno.ENOSYS)]


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


PUT_ASIDE = {
    "at once": "maps = [mapped(280 * MB), mapped(280 * MB)]",
    "in pieces": "maps = [mapped(20 * MB) for _ in range(30)]",
    "of a fork": "if os.fork():\n    time.sleep(20)\nmaps = [mapped(20 * MB) for _ in range(30)]",
    "in many pieces": "maps = [mapped(20 * MB) for _ in range(30)]\n"
    "libc = ctypes.CDLL(None, use_errno=True)\n"
    "for each in maps:\n"
    "    at = ctypes.addressof(ctypes.c_char.from_buffer(each))\n"
    "    for page in range(0, 20 * MB, 16384):\n"
    "        libc.mprotect(ctypes.c_void_p(at + page), 4096, 1)\n"
    "for _ in range(3):\n    os.fork()",
    "beside one's own": "maps = [mapped(20 * MB) for _ in range(10)] + [bytearray(220 * MB)]",
}


@pytest.mark.parametrize("mapped", PUT_ASIDE.values(), ids=PUT_ASIDE)
def test_shared_memory_that_is_put_aside_counts(session: Session, mapped: str) -> None:
    run = session.answer(
        "import ctypes, mmap, os, time\nMB = 1 << 20\n"
        "def mapped(size):\n"
        "    memory = mmap.mmap(-1, size)\n"
        "    for at in range(0, size, 10 * MB):\n"
        "        memory[at : at + 10 * MB] = bytes(10 * MB)\n"
        "        memory.madvise(mmap.MADV_DONTNEED, at, 10 * MB)\n"
        "    return memory\n"
        f"{mapped}\ntime.sleep(20)",
        "f",
    )
    assert run.trouble == "memory", run


def test_shared_memory_that_was_given_back_is_free(session: Session) -> None:
    source = (
        "import mmap, time\n"
        "for _ in range(3):\n"
        "    memory = mmap.mmap(-1, 200 << 20)\n"
        "    memory[:] = bytes(200 << 20)\n"
        "    memory.madvise(mmap.MADV_DONTNEED)\n"
        "    time.sleep(2.5)\n"
        "    memory.close()\n"
        "    own = b'1' * (200 << 20)\n"
        "    time.sleep(0.3)\n"
        "    del own\n"
        "print([1])"
    )
    assert said(session, source) == [1]


FILLED = {
    "streams": "pairs = [socket.socketpair() for _ in range(100)]",
    "datagrams": "pairs = [socket.socketpair(type=socket.SOCK_DGRAM) for _ in range(100)]",
    "of packets": "pairs = [socket.socketpair(type=socket.SOCK_SEQPACKET) for _ in range(100)]",
    "with names of two lines": "pairs = [socket.socketpair() for _ in range(100)]\n"
    "for number, pair in enumerate(pairs):\n"
    "    pair[0].bind(f'\\0\\nx{number}')\n    pair[1].bind(f'\\0\\ny{number}')",
    "of forks": "for _ in range(5):\n    os.fork()\n"
    "pairs = [socket.socketpair() for _ in range(20)]",
    "on their way": "ways = [socket.socketpair() for _ in range(2)]\npairs = []\n"
    "for number in range(110):\n"
    "    pair = socket.socketpair()\n"
    "    fill(pair[0])\n"
    "    way = ways[number % 2][0]\n"
    "    socket.send_fds(way, [b'x'], [each.fileno() for each in pair])\n"
    "    for each in pair:\n        each.close()",
}


@pytest.mark.parametrize("filled", FILLED.values(), ids=FILLED)
def test_what_lies_in_sockets_counts(tight: Session, filled: str) -> None:
    run = tight.answer(
        "import os, socket, time\n"
        "def fill(end):\n"
        "    end.setblocking(False)\n"
        "    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)\n"
        "    try:\n"
        "        while True:\n            end.send(bytes(30_000))\n"
        "    except OSError:\n        pass\n"
        f"{filled}\n"
        "for pair in pairs:\n    for end in pair:\n        fill(end)\n"
        "time.sleep(10)",
        "f",
    )
    assert run.trouble == "memory", run


def test_kernel_memory_that_nobody_counts_is_refused(session: Session) -> None:
    """Rules of landlock, and filters of one's own: a process could hold as many as it likes."""
    landlock, seccomp = (444, 445, 446), (317, 277)[COLUMN]
    found = said(
        session,
        f"{CALLS}print([call(number, 0, 0, 1) for number in {[*landlock, seccomp]}]"
        f" + [call({system_calls._PRCTL[COLUMN]}, option, 2, 0) for option in (22, 0x53564d41)])",
    )
    assert found == [(-1, errno.EPERM)] * 6


def test_files_are_within_one_limit_wherever_they_lie(session: Session) -> None:
    source = (
        "written = 0\n"
        "for folder in ('/tmp', '/dev/shm'):\n"
        "    try:\n"
        "        with open(f'{folder}/file', 'wb', 0) as file:\n"
        "            for _ in range(300):\n                written += file.write(bytes(1 << 20))\n"
        "    except OSError:\n        pass\n"
        "print([written >> 20])"
    )
    assert said(session, source) == [Limits().file_mb]


FORKED = {
    "a pool": "import multiprocessing\n"
    "for _ in range(6):\n"
    "    with multiprocessing.get_context('fork').Pool(3) as pool:\n"
    "        pool.map(work, range(3))",
    "what has ended": "import subprocess\nended = [subprocess.Popen(['true']) for _ in range(3)]\n"
    "for _ in range(3):\n"
    "    pids = [os.fork() or work(0) or os._exit(0) for _ in range(3)]\n"
    "    for pid in pids:\n        os.waitpid(pid, 0)",
    "many programs": "import subprocess\nfor _ in range(150):\n    subprocess.run(['true'])",
}


@pytest.mark.parametrize("forks", FORKED.values(), ids=FORKED)
def test_what_forks_share_is_counted_once(session: Session, forks: str) -> None:
    source = (
        "import os, time\ndata = b'1' * (180 << 20)\n"
        "def work(_):\n    time.sleep(0.3)\n"
        f"{forks}\nprint([len(data) >> 20])"
    )
    assert said(session, source) == [180]


def test_memory_of_a_process_whose_first_thread_has_ended_counts(session: Session) -> None:
    run = session.answer(
        "import ctypes, os, threading, time\n"
        "def hold():\n    data = b'1' * (500 << 20)\n    time.sleep(15)\n"
        "if not os.fork():\n"
        "    threading.Thread(target=hold).start()\n"
        f"    ctypes.CDLL(None).syscall({(60, 93)[COLUMN]}, 0)\n"
        "time.sleep(15)",
        "f",
    )
    assert run.trouble == "memory", run


def test_a_dozen_sockets_are_nobodys_fault(tight: Session) -> None:
    source = (
        "import asyncio, socket\n"
        "pairs = [socket.socketpair() for _ in range(12)]\n"
        "for one, other in pairs:\n    one.sendall(b'x' * 1000)\n"
        "async def nothing():\n    await asyncio.sleep(0.3)\n"
        "loop = asyncio.new_event_loop()\nloop.run_until_complete(nothing())\n"
        "print([sum(len(other.recv(1000)) for _, other in pairs)])"
    )
    assert said(tight, source) == [12000]


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
