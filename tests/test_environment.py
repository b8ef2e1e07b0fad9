"""One list of versions: pyproject.toml's, and the files that repeat it."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[0-9][0-9A-Za-z.]*)")


def pins(lines: list[str]) -> dict[str, str]:
    """Version by normalized name; a line that is no exact pin is an error, so is a name twice."""
    found: dict[str, str] = {}
    for line in lines:
        match = PIN.fullmatch(line.strip())
        assert match, f"{line}: is not NAME==VERSION"
        name = normal(match["name"])
        assert name not in found, f"{name} stands twice"
        found[name] = match["version"]
    return found


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINNED = pins([*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]])


def lock() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return pins([line for line in lines if line.strip() and not line.startswith("#")])


def test_conda_gets_the_pins_of_pyproject() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    dependencies = environment["dependencies"]
    assert "python=3.11.*" in dependencies
    assert PROJECT["requires-python"] == ">=3.11,<3.12"
    assert "pip" in dependencies
    (with_pip,) = (entry["pip"] for entry in dependencies if isinstance(entry, dict))
    options = [line for line in with_pip if line.startswith("-")]
    assert pins([line for line in with_pip if line not in options]) == PINNED
    assert any(re.fullmatch(r"(-e|--editable) \.", line) for line in options)


def test_lock_holds_every_pin_of_pyproject_and_nothing_but_pins() -> None:
    locked = lock()
    assert {name: locked.get(name) for name in PINNED} == PINNED


def test_lock_holds_all_that_the_pinned_packages_need_here() -> None:
    """By what the installed packages say they require on this platform, extras apart."""
    from packaging.requirements import Requirement

    locked, seen, waiting = lock(), set(), list(PINNED)
    missing = []
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name not in locked:
            missing.append(name)
        for line in metadata.requires(name) or []:
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting.append(normal(needed.name))
    assert [name for name in sorted(missing) if not name.startswith(("nvidia-", "cuda-"))] == []


@pytest.mark.parametrize("name", sorted(PINNED))
def test_installed_version_is_the_pinned_one(name: str) -> None:
    assert metadata.version(name).split("+")[0] == PINNED[name]
