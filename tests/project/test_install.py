"""Setting .venv up: which Python make takes, which build of PyTorch, and what is said."""

import functools
import http.server
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from throwaway_course import REPOSITORY

TOOLS = ("make", "sh", "env", "test")
MISSING = "#!/bin/sh\necho 'command not found' >&2\nexit 127\n"
"""As a version manager's stand-in for a Python that is not installed says it."""
WORKING = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'


@pytest.fixture
def install() -> Any:
    spec = importlib.util.spec_from_file_location("install", REPOSITORY / "install.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make(folder: Path, pythons: dict[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    """Run make where .venv is missing and nothing but these Pythons is on the PATH."""
    programs = folder / "bin"
    programs.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found, name
        (programs / name).symlink_to(found)
    for name, text in pythons.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(REPOSITORY / name, folder)
    (folder / "install.py").write_text("import sys; print('installing', sys.argv[1:])")
    environment = {
        name: text for name, text in os.environ.items() if name not in ("PYTHON", "TORCH")
    }
    return subprocess.run(
        ["make", "--no-print-directory", ".venv/ready", *words],
        cwd=folder,
        env={**environment, "PATH": str(programs), "MAKEFLAGS": ""},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("pythons", "taken"),
    [
        ({"python3.11": WORKING, "python3.12": WORKING, "python3.13": WORKING}, "python3.13"),
        ({"python3.11": WORKING, "python3.12": WORKING, "python3.13": MISSING}, "python3.12"),
        ({"python3.13": MISSING, "python3": WORKING}, "python3"),
    ],
    ids=["newest", "stand_in", "plain_name"],
)
def test_make_takes_the_newest_python_that_works(
    tmp_path: Path, pythons: dict[str, str], taken: str
) -> None:
    done = make(tmp_path, pythons, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert f'"{taken}" install.py --torch auto' in done.stdout


def test_make_hands_on_what_was_chosen(tmp_path: Path) -> None:
    done = make(tmp_path, {"mine": WORKING, "python3.13": WORKING}, "PYTHON=mine", "TORCH=cuda")
    assert (done.returncode, done.stdout) == (0, "installing ['--torch', 'cuda']\n")


def test_make_without_a_python_says_so_in_one_sentence(tmp_path: Path) -> None:
    done = make(tmp_path, {"python3.13": MISSING, "python3": MISSING})
    assert done.returncode == 2
    sentence = done.stderr.splitlines()[0]
    assert sentence.startswith("There is no Python 3.11, 3.12 or 3.13 here")
    assert "make PYTHON=/path/to/python3.13" in sentence


def test_wrong_python_is_refused_in_one_sentence(
    install: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install.sys, "argv", ["install.py"])
    for version in ((3, 10, 14), (3, 14, 0)):
        monkeypatch.setattr(install.sys, "version_info", version)
        with pytest.raises(SystemExit, match=r"needs Python 3\.11, 3\.12 or 3\.13, and this is"):
            install.main()


@pytest.mark.parametrize(
    ("platform", "driver", "program", "expected"),
    [
        ("linux", False, False, True),
        ("linux", True, False, False),
        ("linux", False, True, False),
        ("darwin", False, False, False),
        ("win32", False, False, False),
    ],
)
def test_small_build_is_for_linux_without_a_driver(
    install: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    platform: str,
    driver: bool,
    program: bool,
    expected: bool,
) -> None:
    monkeypatch.setattr(install.sys, "platform", platform)
    monkeypatch.setattr(install, "DRIVER", tmp_path / "version")
    if driver:
        (tmp_path / "version").touch()
    if program:
        (tmp_path / "nvidia-smi").write_text("#!/bin/sh\n")
        (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert install.without_gpu() is expected


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """An index of packages on this machine, with an empty page for torch."""
    (tmp_path / "torch").mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("uv", [["uv"], []], ids=["uv", "pip"])
def test_build_for_the_cpu_comes_from_its_index_or_where_pip_looks(
    install: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    index: str,
    uv: list[str],
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(install, "run", lambda command: commands.append(list(map(str, command))))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (torch,) = [line for line in install.locked() if line.startswith("torch==")]

    monkeypatch.setattr(install, "CPU_BUILDS", index)
    install.install_cpu_torch(uv)
    assert commands[-1][-1] == torch
    assert index in commands[-1]
    assert commands[-1][0] == (uv[0] if uv else str(install.PYTHON))
    assert ("--compile-bytecode" in commands[-1]) is bool(uv)  # pip does it by itself

    monkeypatch.setattr(install, "CPU_BUILDS", f"{index}/gone")
    capsys.readouterr()
    install.install_cpu_torch(uv)
    assert commands[-1] == [*map(str, install.pip()), "--constraint", str(install.LOCK), torch]
    (line,) = capsys.readouterr().out.splitlines()
    assert "cannot be reached" in line


def test_stand_in_for_a_missing_program_does_not_work(install: Any, tmp_path: Path) -> None:
    program = tmp_path / "uv"
    program.write_text(MISSING)
    program.chmod(0o755)
    assert not install.works([program])
    assert not install.works([tmp_path / "nothing"])
    assert install.works([sys.executable, "-c", ""])


def test_size_counts_a_file_with_two_names_once(install: Any, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    os.link(tmp_path / "a", tmp_path / "b")
    (tmp_path / "c").write_bytes(b"123")
    assert install.size(tmp_path) == 8
