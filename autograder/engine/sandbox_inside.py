"""The sandbox's inner wall: what a forked process does to itself before any notebook code runs.

It gets user, process, mount, network and IPC namespaces of its own, fresh /tmp, /dev/shm and
/proc, resource limits, and a filter of system calls; it ends without a capability. So two
students share nothing but read-only files, and the kernel ends everything that one left.
"""

import contextlib
import ctypes
import os
import platform
import resource
import struct
import sys
from pathlib import Path

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
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38
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
    _mount("tmpfs", "/tmp", "tmpfs", _MS_NOSUID | _MS_NODEV, size)
    for folder, descriptor in covered.items():
        os.makedirs(folder)
        _mount(f"/proc/self/fd/{descriptor}", folder, None, _MS_BIND | _MS_REC)
        _make_read_only(folder)
        os.close(descriptor)
    _mount("tmpfs", "/dev/shm", "tmpfs", _MS_NOSUID | _MS_NODEV, size)
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
    _filter_system_calls()


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


# System calls by number (x86_64, aarch64): memory that no limit counts, other processes' memory,
# namespaces, mounts, keys, the clock, slots that the whole machine has but a few of, and the
# kernel's less trodden paths.
_REFUSED = {
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194),
    "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "kcmp": (312, 272), "pidfd_getfd": (438, 438), "unshare": (272, 97), "setns": (308, 268),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsmount": (432, 432), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427), "fanotify_init": (300, 262), "init_module": (175, 105),
    "finit_module": (313, 273), "kexec_load": (246, 104), "reboot": (169, 142),
    "swapon": (167, 224), "acct": (163, 89), "quotactl": (179, 60), "vmsplice": (278, 75),
    "io_setup": (206, 0), "io_submit": (209, 2), "inotify_init": (253, 26),
    "inotify_init1": (294, 26), "fanotify_mark": (301, 263), "open_by_handle_at": (304, 265),
    "kexec_file_load": (320, 294), "delete_module": (176, 106), "swapoff": (168, 225),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266),
    "adjtimex": (159, 171), "sethostname": (170, 161), "setdomainname": (171, 162),
    "syslog": (103, 116), "vhangup": (153, 58), "fsconfig": (431, 431), "fspick": (433, 433),
    "mount_setattr": (442, 442), "quotactl_fd": (443, 443), "process_madvise": (440, 440),
    "process_mrelease": (448, 448), "move_pages": (279, 239), "migrate_pages": (256, 238),
}  # fmt: skip
_LAST_KNOWN = 462
"""What has a higher number is newer than these lists: to a program it is not there."""
# Locks on files that all students see would carry bytes between them, so they are not set; whoever
# asks for one is told that it is. Nobody else writes to the files that a submission has alone.
_FLOCK, _FCNTL = (73, 32), (72, 25)
_LOCKING = (6, 7, 37, 38)  # F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW (fcntl.h)
_LEASING = (1024, 1026)  # F_SETLEASE, F_NOTIFY
_SOCKET = (41, 198)
# Whoever lowers their own limit of processor time is killed as if from outside.
_SETRLIMIT, _PRLIMIT = (160, 164), (302, 261)
_RLIMIT_CPU = 0
_AF_UNIX, _AF_INET, _AF_INET6 = 1, 2, 10
_DONE, _EPERM, _ENOSYS, _ALLOW = 0x00050000, 0x00050001, 0x00050026, 0x7FFF0000
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


def _filter_system_calls() -> None:
    """Install a seccomp filter (man 2 seccomp): the refused calls fail with EPERM.

    Those that are newer than this list fail with ENOSYS; file locks are not set. Calls of another
    architecture (32-bit code) kill; on unknown machines there is no filter.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return
    column, architecture = machine
    numbers = sorted({pair[column] for pair in _REFUSED.values()})
    program = [
        _statement(0x20, 4),  # load the architecture
        _jump(0x15, architecture, 1, 0),
        _statement(0x06, 0x80000000),  # kill the process
        _statement(0x20, 0),  # load the number
    ]
    if column == 0:  # x32's numbers begin here
        program += [_jump(0x35, 0x40000000, 0, 1), _statement(0x06, 0x80000000)]
    program += [_jump(0x35, _LAST_KNOWN + 1, 0, 1), _statement(0x06, _ENOSYS)]
    for number in numbers:
        program += [_jump(0x15, number, 0, 1), _statement(0x06, _EPERM)]
    program += [_jump(0x15, _FLOCK[column], 0, 1), _statement(0x06, _DONE)]
    commands = [(command, _DONE) for command in _LOCKING]
    commands += [(command, _EPERM) for command in _LEASING]
    program += [
        _jump(0x15, _FCNTL[column], 0, 2 * len(commands) + 2),
        _statement(0x20, _argument(1)),
        *(
            line
            for command, answer in commands
            for line in (_jump(0x15, command, 0, 1), _statement(0x06, answer))
        ),
        _statement(0x06, _ALLOW),
    ]
    program += [
        _jump(0x15, _SETRLIMIT[column], 0, 4),
        _statement(0x20, _argument(0)),
        _jump(0x15, _RLIMIT_CPU, 0, 1),
        _statement(0x06, _EPERM),
        _statement(0x06, _ALLOW),
        _jump(0x15, _PRLIMIT[column], 0, 8),
        _statement(0x20, _argument(1)),
        _jump(0x15, _RLIMIT_CPU, 0, 5),
        _statement(0x20, _argument(2)),  # the new limit's address: none only asks
        _jump(0x15, 0, 0, 2),
        _statement(0x20, _argument(2) + 4),
        _jump(0x15, 0, 1, 0),
        _statement(0x06, _EPERM),
        _statement(0x06, _ALLOW),
    ]
    families = (_AF_UNIX, _AF_INET, _AF_INET6)
    program += [
        _jump(0x15, _SOCKET[column], 0, len(families) + 2),
        _statement(0x20, _argument(0)),
        *(_jump(0x15, family, len(families) - place, 0) for place, family in enumerate(families)),
        _statement(0x06, _EPERM),
        _statement(0x06, _ALLOW),
    ]
    code = b"".join(program)
    buffer = ctypes.create_string_buffer(code)
    header = struct.pack("HxxxxxxP", len(program), ctypes.addressof(buffer))
    _call("prctl", ctypes.c_int(_PR_SET_SECCOMP), 2, header, 0, 0)


def _argument(number: int) -> int:
    """Where the lower half of a call's argument lies."""
    return 16 + 8 * number


def _statement(code: int, value: int) -> bytes:
    return struct.pack("HBBI", code, 0, 0, value)


def _jump(code: int, value: int, if_true: int, if_false: int) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)
