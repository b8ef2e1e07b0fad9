"""What is installed: pyproject.toml's ranges, the versions of requirements.lock, and what agrees."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHONS = ("3.11.9", "3.12.3", "3.13.0")
PLATFORMS = {
    "linux": {"sys_platform": "linux", "platform_machine": "x86_64", "os_name": "posix"},
    "macos": {"sys_platform": "darwin", "platform_machine": "arm64", "os_name": "posix"},
    "windows": {"sys_platform": "win32", "platform_machine": "AMD64", "os_name": "nt"},
}


def required(extra: str = "") -> Iterator[Requirement]:
    """What the project requires, with an extra, whose parts are taken apart."""
    for line in PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]:
        one = Requirement(line)
        if one.name == PROJECT["name"]:
            for part in sorted(one.extras):
                yield from required(part)
        else:
            yield one


ALL = [*required(), *required("dev")]


def lock() -> list[Requirement]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


def versions(**where: str) -> dict[str, str]:
    """Version by name on a platform; two for one package are an error."""
    found: dict[str, str] = {}
    for one in lock():
        if one.marker is None or one.marker.evaluate({**default_environment(), **where}):
            name = canonicalize_name(one.name)
            assert name not in found, f"{name} stands twice"
            (pin,) = one.specifier
            found[name] = pin.version
    return found


def test_lock_has_exact_versions_and_nothing_of_one_machine() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert [str(one) for one in lock() if [pin.operator for pin in one.specifier] != ["=="]] == []
    assert not re.search(r"https?:|file:|--|\+cpu|\+cu\d|(^|\s)/", text, re.MULTILINE)


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_lock_satisfies_every_range_of_pyproject(platform: str, python: str) -> None:
    where = {
        **PLATFORMS[platform],
        "python_full_version": python,
        "python_version": python.rpartition(".")[0],
    }
    locked = versions(**where)
    for one in ALL:
        if one.marker is None or one.marker.evaluate({**default_environment(), **where}):
            assert one.specifier.contains(locked[canonicalize_name(one.name)]), str(one)


def test_lock_holds_all_that_its_packages_need_here() -> None:
    """By what the installed packages say they require on this platform, extras apart."""
    locked, seen = versions(), set()
    waiting = [
        canonicalize_name(one.name) for one in ALL if not one.marker or one.marker.evaluate()
    ]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        assert name in locked
        for line in metadata.requires(name) or []:
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting.append(canonicalize_name(needed.name))


def test_installed_versions_are_the_locked_ones() -> None:
    locked = versions()
    names = {canonicalize_name(one.name) for one in ALL if not one.marker or one.marker.evaluate()}
    found = {name: metadata.version(name).split("+")[0] for name in sorted(names)}
    assert found == {name: locked[name] for name in found}


def test_harness_asks_for_no_package_of_the_course_and_for_no_exact_version() -> None:
    base = {canonicalize_name(one.name): one.specifier for one in required()}
    heavy = {"torch", "tensorflow", "keras", "gensim", "gymnasium", "pygame", "copydetect"}
    heavy |= {"numpy", "scipy", "scikit-learn", "matplotlib", "distributed", "sphinx"}
    assert base.keys().isdisjoint(heavy)
    assert [name for name, pins in base.items() if any("==" in pin.operator for pin in pins)] == []


def test_conda_gets_the_same_python_and_the_locked_versions() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["name"] == PROJECT["name"]
    assert f"python{PROJECT['requires-python']}" in environment["dependencies"]
    (with_pip,) = (each["pip"] for each in environment["dependencies"] if isinstance(each, dict))
    assert with_pip == ["--constraint requirements.lock", "--editable .[dev]"]


def test_every_python_that_is_allowed_is_named() -> None:
    allowed = SpecifierSet(PROJECT["requires-python"])
    named = [name.rpartition(" ")[2] for name in PROJECT["classifiers"] if " :: 3." in name]
    assert named == [f"3.{minor}" for minor in range(30) if f"3.{minor}.9" in allowed]
    for other in ("3.10.14", "3.14.0"):
        assert other not in allowed


# What the harness imports.

OPTIONAL = {
    # Beside the harness only where the course, or the student, has them.
    ("engine/seeds.py", "numpy"): "course",
    ("engine/seeds.py", "torch"): "course",
    # One sentence says what to install, see test_wheel.py.
    ("grading/cluster.py", "distributed"): "cluster",
    ("grading/cluster_worker.py", "distributed"): "cluster",
    ("authoring/book.py", "sphinx"): "book",
    ("pages/similar/similar.py", "numpy"): "similar",
    ("pages/similar/similar.py", "scipy"): "similar",
    ("pages/similar/fingerprint.py", "numpy"): "similar",
    ("pages/similar/fingerprint.py", "copydetect"): "similar",
}
"""The extra that brings a package, by module and package; every other import is the base's."""


@cache
def distributions() -> dict[str, list[str]]:
    found = metadata.packages_distributions()
    return {name: [canonicalize_name(one) for one in found[name]] for name in found}


def third_party(path: Path) -> Iterator[str]:
    """Packages that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        for name in {each.partition(".")[0] for each in names}:
            if name != "autograder" and name not in sys.stdlib_module_names:
                yield name


def test_harness_imports_only_what_it_asks_for() -> None:
    base = {canonicalize_name(one.name) for one in required()}
    more = {
        extra: {canonicalize_name(one.name) for one in required(extra)}
        for extra in PROJECT["optional-dependencies"]
    }
    package, used, strange = ROOT / "autograder", set(), []
    for path in sorted(package.rglob("*.py")):
        where = path.relative_to(package).as_posix()
        for name in third_party(path):
            provided = set(distributions().get(name, ()))
            key = next((k for k in OPTIONAL if where.endswith(k[0]) and name == k[1]), None)
            if provided & base:
                continue
            if key and provided & more[OPTIONAL[key]]:
                used.add(key)
            else:
                strange.append(f"{where}: {name}")
    assert strange == []
    assert used == OPTIONAL.keys()


def test_command_and_doctor_start_without_a_package_of_the_course() -> None:
    """What only some commands need is not imported by the others."""
    program = (
        "import sys\nimport autograder.cli.app, autograder.cli.doctor, autograder.classroom.grade_class\n"
        "heavy = {'torch', 'tensorflow', 'keras', 'numpy', 'scipy', 'matplotlib', 'copydetect'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr
