# ruff: noqa
# Attacks on the way by which answers reach the check.
import os
import socket
import sys


def descriptors():
    """Every open file descriptor, whether /proc is there or not."""
    try:
        names = [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:
        names = []
    return sorted({*names, *range(1024)} - {0, 1, 2})


def shout(data):
    for number in descriptors():
        try:
            os.set_blocking(number, False)
            os.write(number, data)
        except OSError:
            pass


def engine():
    """The modules of the engine that this process holds."""
    return [module for name, module in list(sys.modules.items()) if name.startswith("autograder")]


# %% garbage_everywhere
# goal: bytes that are no message, in every open file
# cell derivative
def derivative(f, x):
    for data in (b"\xff" * 4096, b"\x00" * 4096, os.urandom(4096), b"\xc1", b"\n"):
        shout(data)
    return 0.0


# %% garbage_at_definition
# goal: the same before anybody asks
# cell own
shout(os.urandom(1 << 16))


# %% forged_messages
# goal: messages in which the check has passed
# cell derivative
import json
import struct

import msgpack

WORDS = [
    {"outcome": "passed", "score": 2.0, "ok": True},
    {"type": "done", "ok": True, "value": 0.0, "result": 0.0, "error": None},
    ["done", True, 0.0],
    ["ok", 0.0],
    ["return", 0.0],
    ["result", 2.0],
    0.0,
    2.0,
    True,
    None,
]


def derivative(f, x):
    for word in WORDS:
        packed = msgpack.packb(word)
        shout(packed)
        for head in ("<I", ">I", "<Q", ">Q"):
            shout(struct.pack(head, len(packed)) + packed)
        shout(json.dumps(word).encode() + b"\n")
    return 1.0


# %% early_answers
# goal: replies that lie ready before the questions are asked
# cell own
import struct

import msgpack

for _ in range(200):
    for word in (0.0, ["ok", 0.0], {"ok": True, "value": 0.0}):
        packed = msgpack.packb(word)
        shout(packed)
        shout(struct.pack("<I", len(packed)) + packed)
        shout(struct.pack(">I", len(packed)) + packed)


# cell derivative
def derivative(f, x):
    return 1.0


# %% engine_functions
# goal: the engine's own functions, as far as they lie in this process, are called to reply
# cell derivative
import gc
import inspect

VERBS = ("send", "reply", "write", "answer", "put", "return", "result", "done", "encode", "pack")


def derivative(f, x):
    things = [(module, name) for module in engine() for name in dir(module)]
    for owner in gc.get_objects():
        if type(owner).__module__.startswith("autograder"):
            things += [(owner, name) for name in dir(owner)]
    for owner, name in things:
        if not any(verb in name.lower() for verb in VERBS):
            continue
        function = getattr(owner, name, None)
        if not callable(function) or inspect.isclass(function):
            continue
        for arguments in ((), (0.0,), (["ok", 0.0],), (b"\x00",), (0.0, 0.0)):
            try:
                function(*arguments)
            except BaseException:
                pass
    return 1.0


# %% patched_engine
# goal: the engine's classes and functions in this process, replaced
# cell own
import types

for module in engine():
    for name, thing in list(vars(module).items()):
        if isinstance(thing, types.FunctionType):
            try:
                setattr(module, name, lambda *args, **kwargs: 0.0)
                thing.__code__ = (lambda *args, **kwargs: 0.0).__code__
            except Exception:
                pass
        elif isinstance(thing, type):
            for attribute, value in list(vars(thing).items()):
                if isinstance(value, types.FunctionType):
                    try:
                        setattr(thing, attribute, lambda *args, **kwargs: True)
                    except Exception:
                        pass


# %% patched_msgpack
# goal: the packer of this process writes what it likes
# cell own
import msgpack

real_packb = msgpack.packb


def packb(thing, *args, **kwargs):
    return real_packb({"ok": True, "outcome": "passed", "score": 26, "value": 0.0})


msgpack.packb = packb
for module in engine():
    for name, thing in list(vars(module).items()):
        if thing is real_packb:
            setattr(module, name, packb)


# cell derivative
def derivative(f, x):
    return 1.0


# %% both_sides_of_a_fork
# goal: two processes that answer every question
# cell derivative
def derivative(f, x):
    os.fork()
    return 1.0


# %% replies_of_threads
# goal: forty threads that write while the answer is thought over
# cell derivative
import threading
import time


def derivative(f, x):
    for _ in range(40):
        threading.Thread(
            target=shout, args=(b"\x00\x00\x00\x05\xcb\x00" * 50,), daemon=True
        ).start()
    time.sleep(0.05)
    return 1.0


# %% gigantic_frame
# goal: the head of a message of 4 GB, and then megabytes of it
# cell derivative
def derivative(f, x):
    for head in (
        b"\xff\xff\xff\x7f",
        b"\x7f\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xdd\xff\xff\xff\xff",
    ):
        shout(head)
    for _ in range(20):
        shout(bytes(1 << 20))
    return 1.0


# %% lists_by_the_million
# goal: messages of a few megabytes that take a gigabyte when they are read
# cell derivative
import struct
import time


def frame(rows):
    body = struct.pack(">BH", 0xDC, rows) + rows * (b"\xdd\x00\x01\x00\x00" + 65_536 * b"\x90")
    return memoryview(struct.pack("<Q", len(body)) + body)


def derivative(f, x):
    for whole in (frame(32), frame(330)):
        for number in descriptors():
            rest, end = whole, time.monotonic() + 2
            try:
                os.set_blocking(number, False)
                while rest and time.monotonic() < end:
                    try:
                        rest = rest[os.write(number, rest) :]
                    except BlockingIOError:
                        time.sleep(0.001)
            except OSError:
                pass
    return 0.0


# %% deep_nesting
# goal: lists in lists, deeper than any stack
# cell derivative
def derivative(f, x):
    deep = []
    for _ in range(200_000):
        deep = [deep]
    return deep


# cell count_words
def count_words(text):
    deep = {}
    for _ in range(3_000):
        deep = {"the": deep}
    return deep


# cell load_readings
def load_readings(path):
    shout(b"\x91" * 500_000)
    return None


# %% cyclic_data
# goal: data that contains itself
# cell derivative
def derivative(f, x):
    ring = [x]
    ring.append(ring)
    return ring


# cell count_words
def count_words(text):
    counts = {"the": 2}
    counts["cat"] = counts
    return counts


# %% colliding_keys
# goal: a dict whose keys all fall into one place
# cell count_words
def count_words(text):
    return {n * (2**61 - 1): 0 for n in range(6_000)}


# %% doubling_data
# goal: small in this process, 2 ** 40 items once it is written out
# cell derivative
def derivative(f, x):
    more = [x]
    for _ in range(40):
        more = [more, more]
    return more


# %% gigantic_answers
# goal: answers that fill the memory of whoever reads them
# cell count_words
def count_words(text):
    return {"the": "A" * (200 << 20)}


# cell standardize
def standardize(x):
    return np.broadcast_to(0.0, (1 << 33, 1 << 10))


# cell softmax
def softmax(logits):
    return torch.zeros(1).expand(1 << 33, 1 << 10)


# cell derivative
def derivative(f, x):
    return 10 ** (10**6)


# cell load_readings
def load_readings(path):
    return [b"x" * 1000] * 300_000


# %% unprintable_answers
# goal: text that cannot be stored or shown
# cell standardize
def standardize(x):
    return "\ud800\x00\x1b]0;passed\x07\x1b[2J" * 100


# cell softmax
def softmax(logits):
    raise ValueError("\ud800\x00<script>alert(1)</script>\x1b[31m" * 1000)


# cell count_words
def count_words(text):
    print("\x00\x1b[2J\x1b[1;1H<script>alert(1)</script>\x07")
    sys.stdout.write("\ud800")
    return {"\ud800": float("nan"), "\x00": -0.0}


# cell derivative
class Loud:
    def __repr__(self):
        return "<script>alert(1)</script>\ud800" * 100_000

    __str__ = __format__ = lambda self, *args: "\x1b[2J" * 1_000_000


def derivative(f, x):
    raise RuntimeError(Loud(), "A" * 50_000_000)


# cell random_mask
def random_mask(rows, columns, share, generator):
    return Loud()


# %% odd_data
# goal: every kind of value that a wire may have forgotten
# cell derivative
import datetime
import decimal
import fractions
import types

ODD = iter(
    [
        float("nan"),
        -0.0,
        1 << 100,
        -(1 << 63) - 1,
        complex("inf"),
        np.float16(3),
        np.longdouble(1),
        np.datetime64("NaT"),
        np.array(["a", None], dtype=object),
        np.zeros((0, 3), dtype=">f8"),
        np.zeros(3, dtype="V7"),
        np.array("text"),
        torch.tensor([1], dtype=torch.bfloat16),
        torch.zeros(2, device="meta"),
        torch.quantize_per_tensor(torch.zeros(2), 1.0, 0, torch.qint8),
        torch.sparse_coo_tensor([[0]], [1.0], (2,)),
        torch.nn.Linear(1, 1),
        {1: 2, (3, frozenset({4})): {5}},
        {float("nan"): 1},
        memoryview(b"abc"),
        bytearray(b"abc"),
        range(10**12),
        slice(1, 2),
        Ellipsis,
        NotImplemented,
        decimal.Decimal("NaN"),
        fractions.Fraction(1, 3),
        datetime.datetime.max,
        types.SimpleNamespace(mean=0),
        type,
        sys,
        sys._getframe(),
        (lambda: 0).__code__,
    ]
)


def derivative(f, x):
    return next(ODD, None)


softmax = derivative


# cell standardize
def standardize(x):
    return next(ODD, None)


# cell count_words
def count_words(text):
    return next(ODD, None)


# cell RunningMean
class RunningMean:
    def update(self, values):
        self.count = next(ODD, None)
        self.mean = next(ODD, None)

    def __add__(self, other):
        return next(ODD, None)


# cell random_mask
def random_mask(rows, columns, share, generator):
    return next(ODD, None)


# cell load_readings
def load_readings(path):
    return next(ODD, None)


# %% late_answer
# goal: the right answer, long after the time is up
# cell derivative
import time


def derivative(f, x):
    slope = (f(x + 1e-5) - f(x - 1e-5)) / 2e-5
    time.sleep(7)
    return slope


# %% steals_messages
# goal: what was meant for others is read from every open file
# cell derivative
import re
import select


def derivative(f, x):
    heard = []
    for number in descriptors():
        try:
            if select.select([number], [], [], 0)[0]:
                heard.append(os.read(number, 1 << 16))
        except (OSError, ValueError):
            pass
    raise RuntimeError(f"heard {heard!r}")


# %% strange_sockets
# goal: the other side of each socket is made to wait, to fail, or to hold what it is sent
# cell derivative
import array


def derivative(f, x):
    mine = array.array("i", [os.open("/dev/null", os.O_RDONLY)] * 200)
    for number in descriptors():
        try:
            pipe = socket.socket(fileno=os.dup(number))
            pipe.setblocking(False)
            pipe.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
            pipe.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            for _ in range(50):
                pipe.sendmsg([b"\x00"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, mine)])
        except (OSError, ValueError):
            pass
    return 1.0


# %% hangs_up
# goal: every connection of this process is shut down
# cell derivative
def derivative(f, x):
    for number in descriptors():
        try:
            socket.socket(fileno=os.dup(number)).shutdown(socket.SHUT_RDWR)
        except (OSError, ValueError):
            pass
    return 1.0


# %% standard_streams_on_the_wire
# goal: what is printed goes to the channel, what the channel says to the output
# cell derivative
def derivative(f, x):
    for number in descriptors():
        try:
            os.fstat(number)
            os.dup2(number, 1)
            os.write(1, b"\x93passed")
            os.dup2(1, number)
        except OSError:
            pass
    print('{"outcome": "passed"}', flush=True)
    return 1.0


# %% visible_sockets
# goal: any socket that can be seen is told that all is well
# cell derivative
def derivative(f, x):
    places = {"@SOCKET@"}
    try:
        with open("/proc/net/unix") as file:
            places |= {line.split()[-1] for line in file if len(line.split()) > 7}
    except OSError:
        pass
    for root in ("/tmp", "/run", "/var/run", os.getcwd(), os.path.expanduser("~"), "@TEMP@"):
        for folder, _, files in os.walk(root):
            places |= {os.path.join(folder, name) for name in files}
    for place in places:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
            with socket.socket(socket.AF_UNIX, kind) as client:
                client.settimeout(0.2)
                try:
                    client.connect(place.replace("@", "\0", 1) if place[0] == "@" else place)
                    client.send(b"score 26")
                except OSError:
                    pass
    return 1.0


# %% another_program
# goal: the process becomes another program
# cell derivative
def derivative(f, x):
    os.execv("/bin/sh", ["sh", "-c", "echo passed; for n in 3 4 5 6 7 8 9; do echo ok >&$n; done"])
