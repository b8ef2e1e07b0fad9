# ruff: noqa
# Attacks that use up memory, time and room for output.

# guarded

import os


# %% memory_at_once
# goal: five gigabytes
# honest: count_words
# cell derivative
def derivative(f, x):
    return len(bytearray(5 << 30)) * 0.0


# %% memory_touched
# goal: five gigabytes, written
# cell derivative
def derivative(f, x):
    kept = [np.ones(5 << 17) for _ in range(1024)]
    return 0.0


# %% memory_in_small_steps
# goal: many small things, and no error is let through
# cell derivative
def derivative(f, x):
    kept = []
    while len(kept) < 100_000_000:
        try:
            kept.append(bytearray(4096))
        except BaseException:
            pass
    return 0.0


# %% memory_of_children
# goal: no process is too large, all of them together are
# cell derivative
import os
import time


def derivative(f, x):
    for _ in range(8):
        if os.fork() == 0:
            kept = np.ones(50 << 20)
            time.sleep(30)
            os._exit(0)
    time.sleep(1)
    return 0.0


# %% memory_shared
# goal: a map that belongs to nobody
# cell derivative
import mmap


def derivative(f, x):
    room = mmap.mmap(-1, 4 << 30)
    for place in range(0, 4 << 30, 4096):
        room[place] = 1
    return 0.0


# %% endless_power
# goal: a single operation that takes years
# cell derivative
def derivative(f, x):
    return len(str(10 ** (10**8))) * 0.0


# %% endless_pattern
# goal: a regular expression that never comes back
# cell own
import re

re.match(r"(a+)+$", "a" * 64 + "b")


# %% catches_everything
# goal: deaf to every signal and every exception
# cell derivative
import signal


def derivative(f, x):
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


# %% deep_recursion
# goal: a stack that overflows
# cell derivative
import sys


def derivative(f, x):
    sys.setrecursionlimit(10**9)
    return derivative(f, x) if x < 1e9 else 0.0


# cell count_words
class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x")

    def __repr__(self):
        return repr(self)


def count_words(text):
    return Deep()


# %% endless_output
# goal: two gigabytes of lines
# cell own
for _ in range(2_000):
    print("A" * 1_000_000)


# %% endless_output_past_python
# goal: the same written to the open file
# cell derivative
import os


def derivative(f, x):
    block = b"B" * 1_000_000
    for number in (1, 2):
        for _ in range(1000):
            try:
                os.write(number, block)
            except OSError:
                break
    return 0.0


# %% many_displays
# goal: a hundred thousand outputs
# cell own
from IPython.display import HTML, display

for n in range(100_000):
    display(n)


# %% large_displays
# goal: pictures and pages of many megabytes, with scripts and control characters
# cell own
import os

from IPython.display import HTML, Image, Javascript, display

for _ in range(8):
    display(HTML("<script>alert(document.cookie)</script>" * 200_000))
    display(Image(data=b"\x89PNG\r\n\x1a\n" + os.urandom(8 << 20)))
    display(Javascript("fetch('http://127.0.0.1/')" * 100_000))
print("\x1b[2J\x1b[?1049h\x1b]8;;http://127.0.0.1\x07" * 100_000)
display({"text/html": "<iframe src='file:///etc/passwd'></iframe>"}, raw=True)
display({"no/such-type": {"a": object()}, "text/plain": 5}, raw=True)


# %% many_figures
# goal: figures that are drawn when the cell ends
# cell own
import matplotlib.pyplot as plt

for _ in range(10):
    plt.figure(figsize=(20, 20)).add_subplot().imshow(np.random.rand(300, 300))


# %% display_that_never_ends
# goal: time spent while the result of a cell is shown
# cell own
class Slow:
    def _repr_html_(self):
        while True:
            pass


Slow()
