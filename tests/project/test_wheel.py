"""The built wheel, installed not editable, in an environment with the harness's own needs alone.

The suite runs without a network. So the new environment gets, from the present one, the files of
exactly those packages that the wheel's metadata asks for, and of what they ask for in turn: no
torch, no TensorFlow, no NumPy.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from light_course import gradebook_rows
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from test_example_course import make_example_course
from test_lab import running
from throwaway_course import REPOSITORY

COURSE = ("torch", "tensorflow", "keras", "gensim", "gymnasium", "pygame", "sklearn", "numpy")
Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that no earlier build beside the sources gets in."""
    root = tmp_path_factory.mktemp("wheel")
    shutil.copytree(
        REPOSITORY / "autograder",
        root / "source" / "autograder",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, root / "source")
    words = ["--wheel", "--no-isolation", "--outdir", str(root), str(root / "source")]
    done = subprocess.run(
        [sys.executable, "-m", "build", *words], capture_output=True, text=True, cwd=root
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = root.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Python of the new environment."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    venv.create(folder, with_pip=True, symlinks=os.name == "posix")
    paths = sysconfig.get_paths("venv", {"base": str(folder), "platbase": str(folder)})
    scripts = Path(paths["scripts"])
    program = str(scripts / ("python.exe" if os.name == "nt" else "python"))
    for name in needed(wheel):
        take_over(metadata.distribution(name), Path(paths["purelib"]), folder)
    words = ["--no-deps", "--no-index", "--quiet", str(wheel)]
    subprocess.run([program, "-m", "pip", "install", *words], check=True)
    return program


def needed(wheel: Path) -> Iterator[str]:
    """Names of what the wheel requires here, extras left out, and of what that requires."""
    with zipfile.ZipFile(wheel) as archive:
        (path,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = archive.read(path).decode().partition("\n\n")[0].splitlines()
    waiting = [line.partition(": ")[2] for line in lines if line.startswith("Requires-Dist: ")]
    # What a requirement's own extras bring is not looked at again for another extra of it.
    seen: set[tuple[str, str]] = set()
    queue = [(line, "") for line in waiting]
    while queue:
        line, extra = queue.pop()
        one = Requirement(line)
        if one.marker and not one.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(one.name)
        for wanted in ("", *one.extras):
            if (name, wanted) not in seen:
                seen.add((name, wanted))
                queue += [(line, wanted) for line in metadata.requires(name) or []]
    yield from sorted({name for name, _ in seen})


def take_over(distribution: metadata.Distribution, packages: Path, prefix: Path) -> None:
    """Put a package's files where they would be installed; programs, whose Python differs, not."""
    for file in distribution.files or []:
        source = Path(str(distribution.locate_file(file))).resolve()
        target = Path(os.path.normpath(packages / file))
        if not source.is_file() or not target.is_relative_to(prefix):
            continue
        if target.is_relative_to(packages) or target.is_relative_to(prefix / "share"):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            try:
                os.link(source, target)
            except OSError:  # another file system
                shutil.copy(source, target)


def run(python: str, folder: Path, *words: str) -> Done:
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    environment["PATH"] = os.pathsep.join([str(Path(python).parent), environment["PATH"]])
    return subprocess.run(
        [str(Path(python).with_name("autograder")), *words],
        cwd=folder,
        env={**environment, "HOME": str(folder), "COLUMNS": "200"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def findings(path: Path) -> dict[str, dict[str, str]]:
    """What `doctor --json` wrote, by subject."""
    return {one["subject"]: one for one in json.loads(path.read_text())["findings"]}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("example") / "course"
    make_example_course(root)
    return root


def test_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    package = REPOSITORY / "autograder"
    expected = {
        path.relative_to(REPOSITORY).as_posix()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == expected


def test_environment_has_nothing_of_the_course(python: str, tmp_path: Path) -> None:
    program = (
        "import importlib.util, autograder\n"
        f"print([name for name in {COURSE} if importlib.util.find_spec(name)])\n"
        "print(autograder.__file__)"
    )
    done = subprocess.run(
        [python, "-P", "-c", program],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={name: text for name, text in os.environ.items() if name != "PYTHONPATH"},
    )
    none, place = done.stdout.splitlines()
    assert none == "[]"
    assert Path(place).is_relative_to(Path(python).parent.parent)


def test_doctor_finds_all_that_grading_needs(python: str, tmp_path: Path) -> None:
    done = run(python, tmp_path, "doctor", "--json", "a.json")
    assert done.returncode == 0, done.stdout + done.stderr
    found = findings(tmp_path / "a.json")
    assert found["Python"]["health"] == found["Kernel"]["health"] == "good"
    assert found["Packages"]["health"] == "optional"
    assert "torch" in found["Packages"]["detail"]
    assert "nbgrader" not in found["Packages"]["detail"]


def test_doctor_in_a_checkout_misses_the_packages_of_the_course(
    python: str, tmp_path: Path
) -> None:
    (tmp_path / "solutions").mkdir()
    for name in ("nbgrader_config.py", "pyproject.toml", "requirements.lock"):
        shutil.copy(REPOSITORY / name, tmp_path)
    done = run(python, tmp_path, "doctor", "--json", "a.json")
    assert done.returncode == 1
    found = findings(tmp_path / "a.json")
    assert found["Packages"]["health"] == "bad"
    assert "torch is missing" in found["Packages"]["detail"]
    assert '--constraint requirements.lock --editable ".[course]"' in found["Packages"]["remedy"]


@pytest.mark.skipif(sys.platform == "win32", reason="classes are graded on Linux and macOS")
def test_nbgraders_own_example_course_is_graded(python: str, example: Path, tmp_path: Path) -> None:
    done = run(python, tmp_path, "grade", "--course", str(example))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ps1: 2 graded" in done.stderr + done.stdout
    points: dict[str, float] = {}
    for row in gradebook_rows(example / "gradebook.db"):
        points[row.student] = points.get(row.student, 0) + (row.auto or 0)
    assert points == {"bitdiddle": 1.5, "hacker": 3}
    for words in (["feedback", "ps1"], ["report"]):
        done = run(python, tmp_path, words[0], "--course", str(example), *words[1:])
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (["similar", "ps1"], "pip install copydetect scipy"),
        (
            ["grade", "ps1", "--again", "--scheduler", "tcp://127.0.0.1:1"],
            "pip install distributed",
        ),
    ],
    ids=["similar", "cluster"],
)
def test_what_an_extra_brings_is_said_in_one_sentence(
    python: str, example: Path, tmp_path: Path, words: list[str], remedy: str
) -> None:
    done = run(python, tmp_path, *words, "--course", str(example))
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("autograder: ")
    assert line.endswith(remedy)


def test_lab_has_the_check_button(python: str, tmp_path: Path) -> None:
    with running(tmp_path, False, python) as lab:
        assert "autograder-check" in lab.extensions
        page = "lab/extensions/autograder-check/static/remoteEntry.js"
        assert "autograder-check" in lab.get(page).text
        assert lab.get("lab/extensions/autograder-shared/server.js").ok
        assert lab.get("autograder/chapters").ok


def test_instructors_lab_has_the_authors_panel(python: str, tmp_path: Path) -> None:
    with running(tmp_path, True, python) as lab:
        assert "autograder-author" in lab.extensions
        for file in ("remoteEntry.js", "plugin.js", "panel.js", "panel.css", "api.js"):
            assert lab.get(f"lab/extensions/autograder-author/static/{file}").ok, file
        found = lab.get("autograder/author/contract?path=solutions/01_sums/sums.ipynb").json()
        assert found["chapter"] == "01_sums"
