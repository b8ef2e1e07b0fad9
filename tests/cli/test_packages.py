"""What `doctor` says of installed packages: missing, out of the range, or measured with another."""

import shutil
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from throwaway_course import REPOSITORY

from autograder.assignment.course import Course
from autograder.cli.doctor import Health, examine
from autograder.cli.packages import Package, install_line, is_checkout, packages


def package(found: str, locked: str = "") -> Package:
    requirement = Requirement("rich>=13.7,<16")
    fits = bool(found) and requirement.specifier.contains(found)
    return Package(requirement, found, fits, locked, course=False)


@pytest.mark.parametrize(
    ("one", "differs", "trouble"),
    [
        (package(""), False, "rich is missing"),
        (package("12.0", "15.0"), False, "rich 12.0, expected <16,>=13.7"),
        (package("14.0", "15.0"), True, "rich 14.0, measured with 15.0"),
    ],
    ids=["missing", "out_of_range", "other_version"],
)
def test_trouble_is_told_apart(one: Package, differs: bool, trouble: str) -> None:
    assert (one.differs, one.trouble) == (differs, trouble)


def test_build_of_the_same_version_is_the_same_version() -> None:
    assert not package("15.0+cpu", "15.0").differs
    assert not package("15.0").differs


def test_another_version_than_the_locked_one_is_no_fault(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(REPOSITORY / name, tmp_path)
    lock = tmp_path / "requirements.lock"
    (pin,) = [line for line in lock.read_text().splitlines() if line.startswith("rich==")]
    lock.write_text(lock.read_text().replace(pin, "rich==15.9.9"))
    assert is_checkout(tmp_path)
    assert [one.trouble for one in packages(tmp_path) if one.differs or not one.fits] == [
        f"rich {pin.partition('==')[2]}, measured with 15.9.9"
    ]
    (tmp_path / "solutions").mkdir()
    (tmp_path / "nbgrader_config.py").touch()
    found = {each.subject: each for each in examine(Course(tmp_path))}["Packages"]
    assert found.health is Health.OPTIONAL
    assert "requirements.lock" in found.remedy


def test_lock_of_somebody_elses_course_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "statistics"\n')
    (tmp_path / "requirements.lock").write_text("rich==1.0\n")
    assert not is_checkout(tmp_path)
    assert not is_checkout(tmp_path / "nowhere")


def test_line_names_the_ranges_where_there_is_no_lock(tmp_path: Path) -> None:
    assert install_line([package("12.0")], None).endswith(' "rich<16,>=13.7"')
    assert install_line([package("12.0")], tmp_path).startswith(f"cd {tmp_path} && ")
    assert sys.executable in install_line([], None)
