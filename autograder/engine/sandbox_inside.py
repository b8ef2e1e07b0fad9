"""The sandbox's inner wall: what a forked process does to itself before any notebook code runs.

It gets user, process, mount, network and IPC namespaces of its own, fresh /tmp, /dev/shm and
/proc, resource limits, and a filter of system calls; it ends without a capability. So two
students share nothing but read-only files, and the kernel ends everything that one left.
"""

import contextlib
import ctypes
import os
import resource
import struct
import sys
from pathlib import Path

from autograder.engine import system_calls
from autograder.engine.limits import MEGABYTE, Limits
from autograder.engine.sandbox import python_folders

_NEW_PROCESSES, _NEW_MOUNTS = 0x20000000, 0x20000  # linux/sched.h
_NEW_REST = _NEW_MOUNTS | 0x4000000 | 0x8000000 | 0x10000000 | 0x40000000
"""Mount, UTS, IPC, user and network."""
_USER = 1000
"""Who students are: not root, and not 65534, as whoever is not mapped appears."""
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REMOUNT, _MS_BIND = 1, 2, 4, 8, 32, 4096
_MS_REC, _MS_PRIVATE = 16384, 1 << 18
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_NO_NEW_PRIVS = 38
_DEVICES = tuple(f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty"))
_OF_THE_MACHINE = tuple(
    f"/proc/{name}"
    for name in (
        "config.gz", "iomem", "ioports", "kallsyms", "kcore", "key-users", "keys", "kmsg",
        "kpagecgroup", "kpagecount", "kpageflags", "latency_stats", "mtrr", "pagetypeinfo",
        "sched_debug", "slabinfo", "sysrq-trigger", "timer_list", "timer_stats", "vmallocinfo",
    )
)  # fmt: skip

_libc = ctypes.CDLL(None, use_errno=True)


def try_it() -> None:
    """Build the inner wall once, in a process of its own. raises: OSError if it cannot be had."""
    pid = fork()
    if pid:
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    wall_in(Limits())
    drop_privileges()


def fork() -> int:
    """Fork; the child is process 1 of a process namespace of its own.

    The namespace is had before the fork, and left again after it: one fork does for both.
    raises: OSError where the system does not allow it
    """
    own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    try:
        _call("unshare", ctypes.c_int(_NEW_PROCESSES))
        pid = -1
        try:
            pid = os.fork()
        finally:
            if pid:
                _call("setns", ctypes.c_int(own), ctypes.c_int(_NEW_PROCESSES))
    finally:
        os.close(own)
    return pid


def wall_in(limits: Limits) -> None:
    """Leave the parent's other namespaces, and cover what is shared: /proc, /tmp and /dev/shm.

    /dev can be read only. Python's own folders stay where they are, even if that is in /tmp.
    raises: OSError where the system does not allow it
    """
    _call("unshare", ctypes.c_int(_NEW_MOUNTS))
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    own_proc = True
    try:  # only the owner of the process namespace may: whoever forked, so before the next step
        _mount("proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    except OSError:  # in a container that hides parts of /proc
        own_proc = False
    _new_user()
    _cover_folders(f"size={limits.file_mb}m,nr_inodes=20000,mode=0700")
    if own_proc:
        with contextlib.suppress(OSError):  # no namespaces within these
            Path("/proc/sys/user/max_user_namespaces").write_text("0")
    else:  # none then, but for these files
        known = {name: Path("/proc", name).read_text() for name in ("cpuinfo", "meminfo")}
        _mount("tmpfs", "/proc", "tmpfs", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC, "size=1m")
        for name, text in known.items():
            Path("/proc", name).write_text(text)
    # Whoever grades as root is root to the kernel in there: /proc/sys would be the machine's.
    _hide_what_is_roots()
    _make_read_only("/proc")


def _new_user() -> None:
    """Enter the rest of the namespaces, the user's among them: what was, belongs to another."""
    uid, gid = os.getuid(), os.getgid()
    _libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)  # otherwise the files below are root's
    _call("unshare", ctypes.c_int(_NEW_REST))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{_USER} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{_USER} {gid} 1")


def _cover_folders(size: str) -> None:
    covered = {
        folder: os.open(folder, os.O_PATH | os.O_DIRECTORY)
        for folder in python_folders()
        if Path(folder).is_relative_to("/tmp")
    }
    _mount("tmpfs", "/dev/shm", "tmpfs", _MS_NOSUID | _MS_NODEV, size)
    for name, place in (("tmp", "/tmp"), ("shm", "/dev/shm")):  # both within one size
        os.mkdir(f"/dev/shm/{name}", 0o700)
        _mount(f"/dev/shm/{name}", place, None, _MS_BIND)
    for folder, descriptor in covered.items():
        os.makedirs(folder)
        _mount(f"/proc/self/fd/{descriptor}", folder, None, _MS_BIND | _MS_REC)
        _make_read_only(folder)
        os.close(descriptor)
    for device in _DEVICES:  # the machine's own: to be written to, but not to be changed
        if os.path.exists(device):
            _make_read_only(device)
    _make_read_only("/dev")


def _hide_what_is_roots() -> None:
    """Cover files of /proc that tell of the machine, where a user with root's id may read them."""
    for path in filter(os.path.isfile, _OF_THE_MACHINE):
        if os.access(path, os.R_OK):
            _mount("/dev/null", path, None, _MS_BIND)


def drop_privileges() -> None:
    """Give up every capability, for good, and the system calls that a notebook does not need."""
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    header = struct.pack("=Ii", 0x20080522, 0)
    _call("capset", header, struct.pack("=6I", *[0] * 6))
    _call("prctl", ctypes.c_int(_PR_SET_NO_NEW_PRIVS), 1, 0, 0, 0)
    _call("prctl", ctypes.c_int(_PR_SET_DUMPABLE), 0, 0, 0, 0)
    system_calls.install()


def set_limits(limits: Limits) -> None:
    """Set the kernel's own limits; memory and processes are watched from outside as well."""
    memory = limits.memory_mb * MEGABYTE
    for name, value in {
        "RLIMIT_CORE": 0,
        "RLIMIT_CPU": int(limits.submission_seconds + 60) * (os.cpu_count() or 1),  # of all threads
        "RLIMIT_FSIZE": limits.file_mb * MEGABYTE,
        "RLIMIT_NOFILE": 256,
        "RLIMIT_NPROC": 4 * limits.processes + 4096,  # counts threads, and others of this user
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_AS": _address_space() + 4 * memory,  # libraries reserve more than they use
    }.items():
        kind = getattr(resource, name, None)
        if kind is not None:
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(kind, (value, value))


def _address_space() -> int:
    """Bytes of address space that the process has already."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 1 << 36
    return pages * resource.getpagesize()


def end_with_parent() -> None:
    """Be killed when the parent ends, where the system can do that."""
    if sys.platform.startswith("linux"):
        _libc.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0)


def hide_memory() -> None:
    """Keep other processes of the same user from this one's memory."""
    if sys.platform.startswith("linux"):
        _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    data = options.encode() or None
    _call("mount", source.encode(), target.encode(), kind and kind.encode(),
          ctypes.c_ulong(flags), data)  # fmt: skip


def _make_read_only(target: str) -> None:
    """Remount, with the flags that it has: those of the outer wall cannot be taken away."""
    has = os.statvfs(target).f_flag
    flags = has & (_MS_NOSUID | _MS_NODEV | _MS_NOEXEC | 1024 | 2048)  # noatime, nodiratime
    flags |= (1 << 21) if has & 4096 else 0  # relatime
    _mount("none", target, None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | flags)


def _call(name: str, *arguments: object) -> None:
    if getattr(_libc, name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
