"""Which system calls students' code may make: a list, as a seccomp filter (man 2 seccomp).

Not on it: memory and slots that no limit counts, other processes' memory, namespaces, mounts, keys,
the clock, and the kernel's less trodden paths.
"""

import ctypes
import platform
import struct
from collections.abc import Iterator, Sequence

ALLOWED: dict[str, tuple[int | None, int | None]] = {
    # Files
    "read": (0, 63), "write": (1, 64), "open": (2, None), "close": (3, 57), "stat": (4, None),
    "fstat": (5, 80), "lstat": (6, None), "lseek": (8, 62), "pread64": (17, 67),
    "pwrite64": (18, 68), "readv": (19, 65), "writev": (20, 66), "access": (21, None),
    "pipe": (22, None), "sendfile": (40, 71), "dup": (32, 23), "dup2": (33, None),
    "fsync": (74, 82), "fdatasync": (75, 83), "truncate": (76, 45), "ftruncate": (77, 46),
    "getdents": (78, None), "getdents64": (217, 61), "getcwd": (79, 17), "chdir": (80, 49),
    "fchdir": (81, 50), "rename": (82, None), "mkdir": (83, None), "rmdir": (84, None),
    "creat": (85, None), "link": (86, None), "unlink": (87, None), "symlink": (88, None),
    "readlink": (89, None), "chmod": (90, None), "fchmod": (91, 52), "chown": (92, None),
    "fchown": (93, 55), "lchown": (94, None), "umask": (95, 166), "utime": (132, None),
    "mknod": (133, None), "statfs": (137, 43), "fstatfs": (138, 44), "sync": (162, 81),
    "syncfs": (306, 267), "readahead": (187, 213), "setxattr": (188, 5), "lsetxattr": (189, 6),
    "fsetxattr": (190, 7), "getxattr": (191, 8), "lgetxattr": (192, 9), "fgetxattr": (193, 10),
    "listxattr": (194, 11), "llistxattr": (195, 12), "flistxattr": (196, 13),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "fadvise64": (221, 223), "utimes": (235, None), "openat": (257, 56), "mkdirat": (258, 34),
    "mknodat": (259, 33), "fchownat": (260, 54), "futimesat": (261, None),
    "newfstatat": (262, 79), "unlinkat": (263, 35), "renameat": (264, 38), "linkat": (265, 37),
    "symlinkat": (266, 36), "readlinkat": (267, 78), "fchmodat": (268, 53),
    "faccessat": (269, 48), "splice": (275, 76), "tee": (276, 77), "sync_file_range": (277, 84),
    "utimensat": (280, 88), "fallocate": (285, 47), "dup3": (292, 24), "pipe2": (293, 59),
    "preadv": (295, 69), "pwritev": (296, 70), "renameat2": (316, 276),
    "copy_file_range": (326, 285), "preadv2": (327, 286), "pwritev2": (328, 287),
    "statx": (332, 291), "close_range": (436, 436), "openat2": (437, 437),
    "faccessat2": (439, 439), "cachestat": (451, 451), "fchmodat2": (452, 452),
    "ioctl": (16, 29),
    # Waiting
    "poll": (7, None), "select": (23, None), "pselect6": (270, 72), "ppoll": (271, 73),
    "epoll_create": (213, None), "epoll_create1": (291, 20), "epoll_wait": (232, None),
    "epoll_ctl": (233, 21), "epoll_pwait": (281, 22), "epoll_pwait2": (441, 441),
    "eventfd": (284, None), "eventfd2": (290, 19), "signalfd": (282, None),
    "signalfd4": (289, 74), "timerfd_create": (283, 85), "timerfd_settime": (286, 86),
    "timerfd_gettime": (287, 87),
    # Memory
    "mmap": (9, 222), "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214),
    "mremap": (25, 216), "msync": (26, 227), "mincore": (27, 232), "madvise": (28, 233),
    "mlock": (149, 228), "munlock": (150, 229), "mlockall": (151, 230),
    "munlockall": (152, 231), "mlock2": (325, 284), "mbind": (237, 235),
    "set_mempolicy": (238, 237), "get_mempolicy": (239, 236),
    "set_mempolicy_home_node": (450, 450), "pkey_mprotect": (329, 288),
    "pkey_alloc": (330, 289), "pkey_free": (331, 290), "map_shadow_stack": (453, 453),
    "mseal": (462, 462), "membarrier": (324, 283),
    # Processes
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "exit": (60, 93), "exit_group": (231, 94), "wait4": (61, 260), "waitid": (247, 95),
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424), "getpid": (39, 172), "getppid": (110, 173),
    "gettid": (186, 178), "setpgid": (109, 154), "getpgid": (121, 155), "getpgrp": (111, None),
    "setsid": (112, 157), "getsid": (124, 156), "pause": (34, None), "uname": (63, 160),
    "arch_prctl": (158, None), "set_tid_address": (218, 96),
    "restart_syscall": (219, 128), "getrlimit": (97, 163), "getrusage": (98, 165),
    "sysinfo": (99, 179), "times": (100, 153), "getpriority": (140, 141),
    "setpriority": (141, 140), "ioprio_set": (251, 30), "ioprio_get": (252, 31),
    "sched_yield": (24, 124), "sched_setparam": (142, 118), "sched_getparam": (143, 121),
    "sched_setscheduler": (144, 119), "sched_getscheduler": (145, 120),
    "sched_get_priority_max": (146, 125), "sched_get_priority_min": (147, 126),
    "sched_rr_get_interval": (148, 127), "sched_setaffinity": (203, 122),
    "sched_getaffinity": (204, 123), "sched_setattr": (314, 274), "sched_getattr": (315, 275),
    "getcpu": (309, 168), "rseq": (334, 293), "futex": (202, 98), "futex_waitv": (449, 449),
    "futex_wake": (454, 454), "futex_wait": (455, 455), "futex_requeue": (456, 456),
    "set_robust_list": (273, 99), "get_robust_list": (274, 100),
    # Signals
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "rt_sigpending": (127, 136), "rt_sigtimedwait": (128, 137), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "rt_sigsuspend": (130, 133), "sigaltstack": (131, 132),
    # Time
    "nanosleep": (35, 101), "getitimer": (36, 102), "alarm": (37, None), "setitimer": (38, 103),
    "gettimeofday": (96, 169), "time": (201, None), "timer_create": (222, 107),
    "timer_settime": (223, 110), "timer_gettime": (224, 108), "timer_getoverrun": (225, 109),
    "timer_delete": (226, 111), "clock_gettime": (228, 113), "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    # Users
    "getuid": (102, 174), "getgid": (104, 176), "setuid": (105, 146), "setgid": (106, 144),
    "geteuid": (107, 175), "getegid": (108, 177), "setreuid": (113, 145),
    "setregid": (114, 143), "getgroups": (115, 158), "setgroups": (116, 159),
    "setresuid": (117, 147), "getresuid": (118, 148), "setresgid": (119, 149),
    "getresgid": (120, 150), "setfsuid": (122, 151), "setfsgid": (123, 152),
    "capget": (125, 90), "capset": (126, 91), "getrandom": (318, 278),
    # Sockets
    "connect": (42, 203), "accept": (43, 202), "accept4": (288, 242), "sendto": (44, 206),
    "recvfrom": (45, 207), "sendmsg": (46, 211), "recvmsg": (47, 212), "sendmmsg": (307, 269),
    "recvmmsg": (299, 243), "shutdown": (48, 210), "bind": (49, 200), "listen": (50, 201),
    "getsockname": (51, 204), "getpeername": (52, 205),
    "getsockopt": (55, 209),
}  # fmt: skip
"""Numbers on x86_64 and on aarch64; None where there is no such call."""
LAST_KNOWN = 462
"""What has a higher number is newer than these lists: to a program it is not there."""

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_CLONE, _CLONE3, _PRCTL = (56, 220), (435, 435), (157, 167)
_PRCTLS = (22, 0x53564D41)
"""PR_SET_SECCOMP: filters are memory that nobody counts. PR_SET_VMA: names hide shared memory."""
_NEW_NAMESPACES = 0x7E020000  # CLONE_NEW... in linux/sched.h
# Locks on files that all students see would carry bytes between them, so they are not set; whoever
# asks for one is told that it is. Nobody else writes to the files that a submission has alone.
_FLOCK, _FCNTL = (73, 32), (72, 25)
_LOCKING = (6, 7, 37, 38)  # F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW (fcntl.h)
_LEASING = (1024, 1026)  # F_SETLEASE, F_NOTIFY
_SOCKET, _SOCKETPAIR, _SETSOCKOPT = (41, 198), (53, 199), (54, 208)
_FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6
# A socket's buffer stays as large as it is, which `memory_use` counts on; this is only a wish.
_SOL_SOCKET, _SO_SNDBUF = 1, 7
# Whoever lowers their own limit of processor time is killed as if from outside.
_SETRLIMIT, _PRLIMIT = (160, 164), (302, 261)
_RLIMIT_CPU = 0
_DONE, _EPERM, _ENOSYS, _ALLOW = 0x00050000, 0x00050001, 0x00050026, 0x7FFF0000
_KILL = 0x80000000
_AT_LEAST, _EQUAL, _HAS_ANY = 0x35, 0x15, 0x45  # BPF_JMP | BPF_JGE, BPF_JEQ, BPF_JSET
_PR_SET_SECCOMP = 22


def program(machine: str) -> bytes | None:
    """The filter in the kernel's own code (struct sock_filter); None for an unknown machine.

    What is not allowed fails with EPERM, and with ENOSYS what is newer than the list. Calls of
    another architecture (32-bit code) kill.
    """
    if machine not in _MACHINES:
        return None
    column, architecture = _MACHINES[machine]
    lines = [
        *(_load(4), *_if(_EQUAL, architecture, [], [_end(_KILL)])),
        _load(0),  # the number
    ]
    if column == 0:  # x32's numbers begin here
        lines += _if(_AT_LEAST, 0x40000000, [_end(_KILL)])
    lines += _if(_AT_LEAST, LAST_KNOWN + 1, [_end(_ENOSYS)])
    lines += _if(_EQUAL, _FLOCK[column], [_end(_DONE)])
    lines += _if(_EQUAL, _FCNTL[column], [
        _load(_argument(1)),
        *_switch(_LOCKING, _DONE), *_switch(_LEASING, _EPERM), _end(_ALLOW),
    ])  # fmt: skip
    lines += _if(_EQUAL, _SETRLIMIT[column], [
        _load(_argument(0)), *_switch([_RLIMIT_CPU], _EPERM), _end(_ALLOW),
    ])  # fmt: skip
    no_new_limit = [  # both halves of the address are 0: it only asks
        _load(_argument(2)), *_if(_EQUAL, 0, [], [_end(_EPERM)]),
        _load(_argument(2) + 4), *_if(_EQUAL, 0, [], [_end(_EPERM)]),
    ]  # fmt: skip
    lines += _if(_EQUAL, _PRLIMIT[column], [
        _load(_argument(1)), *_if(_EQUAL, _RLIMIT_CPU, no_new_limit), _end(_ALLOW),
    ])  # fmt: skip
    for number in (_SOCKET[column], _SOCKETPAIR[column]):
        lines += _if(_EQUAL, number, [
            _load(_argument(0)), *_switch(_FAMILIES, _ALLOW), _end(_EPERM),
        ])  # fmt: skip
    wish = [_load(_argument(2)), *_switch([_SO_SNDBUF], _DONE)]
    lines += _if(_EQUAL, _SETSOCKOPT[column], [
        _load(_argument(1)), *_if(_EQUAL, _SOL_SOCKET, wish), _end(_ALLOW),
    ])  # fmt: skip
    lines += _if(_EQUAL, _CLONE[column], [
        _load(_argument(0)), *_if(_HAS_ANY, _NEW_NAMESPACES, [_end(_EPERM)]), _end(_ALLOW),
    ])  # fmt: skip
    lines += _if(_EQUAL, _PRCTL[column], [
        _load(_argument(0)), *_switch(_PRCTLS, _EPERM), _end(_ALLOW),
    ])  # fmt: skip
    # Its flags lie in memory, where a filter cannot look; whoever misses it takes `clone`.
    lines += _if(_EQUAL, _CLONE3[column], [_end(_ENOSYS)])
    for first, behind in _ranges(numbers(column)):
        lines += _if(_AT_LEAST, first, [], [_end(_EPERM)])
        lines += _if(_AT_LEAST, behind, [], [_end(_ALLOW)])
    return b"".join([*lines, _end(_EPERM)])


def numbers(column: int) -> list[int]:
    """The calls that are allowed, sorted; column: 0 for x86_64, 1 for aarch64."""
    return sorted(number for pair in ALLOWED.values() if (number := pair[column]) is not None)


def install() -> None:
    """Filter the calls of this process and of what it starts, for good; none on unknown machines.

    raises: OSError where the system does not allow it
    """
    code = program(platform.machine())
    if code is None:
        return
    buffer = ctypes.create_string_buffer(code)
    header = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(ctypes.c_int(_PR_SET_SECCOMP), 2, header, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the filter of system calls cannot be installed")


def _ranges(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Gather sorted numbers: the first of each unbroken row, and the one behind its last."""
    begin = numbers[0]
    for number, following in zip(numbers, [*numbers[1:], -1], strict=True):
        if following != number + 1:
            yield begin, number + 1
            begin = following


def _argument(number: int) -> int:
    """Where the lower half of a call's argument lies."""
    return 16 + 8 * number


def _load(place: int) -> bytes:
    return struct.pack("HBBI", 0x20, 0, 0, place)


def _end(answer: int) -> bytes:
    return struct.pack("HBBI", 0x06, 0, 0, answer)


def _if(
    test: int, value: int, then: Sequence[bytes], otherwise: Sequence[bytes] = ()
) -> list[bytes]:
    """One of the two is empty: what holds jumps over `otherwise`, what does not over `then`."""
    return [struct.pack("HBBI", test, len(otherwise), len(then), value), *then, *otherwise]


def _switch(values: Sequence[int], answer: int) -> list[bytes]:
    """Answer, where it is one of the values; go on where it is not."""
    return [line for value in values for line in _if(_EQUAL, value, [_end(answer)])]
