"""Set up .venv with the course: `python3 install.py`, on Windows `py -3.13 install.py`.

Needs nothing but Python. It installs with uv if there is one, with pip if not, at the versions of
requirements.lock. PyTorch comes in the small build for the CPU where no NVIDIA driver is seen.
"""

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
READY = VENV / "ready"
LOCK = ROOT / "requirements.lock"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
CPU_BUILDS = "https://download.pytorch.org/whl/cpu"
PATIENCE = 10
"""Seconds that PyTorch's own index has to answer."""
DRIVER = Path("/proc/driver/nvidia/version")
Command = list[str | Path]
# Compiled at once, as pip does: the sandbox cannot keep bytecode, and TensorFlow takes three
# times as long to import without it.
UV_INSTALLS: Command = ["pip", "install", "--compile-bytecode", "--python", PYTHON]


def main() -> None:
    """Make the environment; on an error, end with one sentence or the installer's own."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument(
        "--torch",
        choices=("auto", "cpu", "cuda"),
        default="auto",
        help="build of PyTorch: cpu, cuda (the usual one), or by whether there is a driver",
    )
    torch = parser.parse_args().torch
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise SystemExit(
            f"The course needs Python 3.11, 3.12 or 3.13, and this is {platform.python_version()}: "
            "make PYTHON=/path/to/python3.13, or run install.py with that Python."
        )
    began = time.monotonic()
    uv = find_uv()
    print(
        f"Installing the course in .venv with Python {platform.python_version()} and "
        f"{'uv' if uv else 'pip'}. This takes a while the first time, once.",
        flush=True,
    )
    READY.unlink(missing_ok=True)
    make_environment(uv)
    if torch == "cpu" or (torch == "auto" and without_gpu()):
        install_cpu_torch(uv)
    if uv:
        links = os.environ.get(
            "PIP_FIND_LINKS", ""
        ).split()  # pip's setting, which uv does not read
        more: Command = [word for link in links for word in ("--find-links", link)]
        run([*uv, *UV_INSTALLS, *more, *wanted()])
    else:
        run([*pip(), *wanted()])
    READY.touch()
    seconds = time.monotonic() - began
    print(f"Installed in {seconds:.0f} s; .venv takes {size(VENV) / 1e9:.1f} GB.")


def find_uv() -> Command:
    """The command that runs uv; empty if there is none."""
    choices: tuple[Command, ...] = (["uv"], [sys.executable, "-m", "uv"])
    return next((command for command in choices if works([*command, "--version"])), [])


def make_environment(uv: Command) -> None:
    """Make .venv, with pip in it; one of the same Python is kept."""
    version = "{}.{}".format(*sys.version_info)
    if works([PYTHON, "-c", f"import pip, sys; assert sys.version.startswith('{version}.')"]):
        return
    if uv:
        run([*uv, "venv", "--clear", "--seed", "--python", sys.executable, VENV])
    elif not works([sys.executable, "-c", "import ensurepip"]):
        raise SystemExit(
            f"This Python cannot make environments: install python{version}-venv with the "
            "system's package manager, or uv (https://docs.astral.sh/uv)."
        )
    else:
        run([sys.executable, "-m", "venv", "--clear", VENV])


def without_gpu() -> bool:
    """Whether this is Linux, where the usual build is for NVIDIA's GPUs, without their driver."""
    return sys.platform == "linux" and not (DRIVER.exists() or shutil.which("nvidia-smi"))


def install_cpu_torch(uv: Command) -> None:
    """Install PyTorch's build for the CPU; where its index is out of reach, what pip finds."""
    torch = next(line for line in locked() if line.startswith("torch=="))
    if reachable(f"{CPU_BUILDS}/torch/"):
        print(f"PyTorch: the build for the CPU, from {CPU_BUILDS}.", flush=True)
        if uv:
            index: Command = ["--index", CPU_BUILDS]
            run([*uv, *UV_INSTALLS, "--no-deps", *index, torch])
        else:
            run([*pip(), "--no-deps", "--index-url", CPU_BUILDS, torch])
    else:
        print(f"PyTorch: {CPU_BUILDS} cannot be reached, so {torch} comes from where", end=" ")
        print("pip's settings say; that may be the usual build, which is larger.", flush=True)
        run([*pip(), "--constraint", LOCK, torch])


def locked() -> list[str]:
    """The lines of the lock, without what they say about platforms."""
    return re.findall(r"^[\w.-]+==[\w.]+", LOCK.read_text(encoding="utf-8"), re.MULTILINE)


def reachable(address: str) -> bool:
    """Whether the address answers soon."""
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE):
            return True
    except (urllib.error.URLError, OSError):
        return False


def wanted() -> Command:
    """What is installed: the course with all its extras, and its own package to be edited."""
    return ["--constraint", LOCK, "--editable", f"{ROOT}[dev]"]


def pip() -> Command:
    """The command that installs with pip."""
    return [PYTHON, "-m", "pip", "install", "--disable-pip-version-check"]


def works(command: Command) -> bool:
    """Whether a command runs; a stand-in on the PATH for a missing program does not."""
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


def run(command: Command) -> None:
    """Run a command that shows its own progress, and end with its code if it fails."""
    code = subprocess.run(command, cwd=ROOT).returncode
    if code:
        raise SystemExit(code)


def size(folder: Path) -> int:
    """Bytes of the files below a folder, hard links counted once."""
    sizes = {}
    for where, _, names in os.walk(folder):
        for name in names:
            status = os.lstat(os.path.join(where, name))
            sizes[status.st_dev, status.st_ino] = status.st_size
    return sum(sizes.values())


if __name__ == "__main__":
    main()
