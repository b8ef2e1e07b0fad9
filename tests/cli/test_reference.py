"""docs/reference.md is what the code gives, and leaves out no command, option or key."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from throwaway_course import REPOSITORY
from typer.main import get_command

from autograder.assignment.class_file import read_class_file
from autograder.assignment.class_keys import KEYS, names_in
from autograder.assignment.errors import UserError
from autograder.assignment.late_policy import Policy
from autograder.cli.app import app
from autograder.cli.json_shapes import SHAPES
from autograder.cli.reference import FAULTS, commands_of, reference

PAGE = (REPOSITORY / "docs" / "reference.md").read_text(encoding="utf-8")
CLASS_TOML = PAGE.partition("## class.toml")[2]
COMMANDS: dict[str, Any] = dict(commands_of(get_command(app)))


def section(heading: str) -> str:
    found = re.search(
        rf"^### {re.escape(heading)}\n(.*?)(?=^##|\Z)", PAGE, re.DOTALL | re.MULTILINE
    )
    assert found, f"docs/reference.md has no section {heading}"
    return found[1]


def test_page_is_what_the_code_gives() -> None:
    assert reference() == PAGE, "run `python -m autograder.cli.reference`"


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_is_in_it_with_all_its_options(name: str) -> None:
    text = section(name)
    command = COMMANDS[name]
    assert command.params
    for parameter in command.params:
        names = [*parameter.opts, *parameter.secondary_opts]
        for one in names if parameter.param_type_name == "option" else [parameter.metavar]:
            assert f"`{one}" in text, one
    assert f"Exit code 1: {FAULTS[name]}." in text
    assert f"Example: `autograder {name}" in text
    writes_json = any(parameter.name == "json_file" for parameter in command.params)
    assert writes_json == (name in SHAPES)
    if writes_json:
        assert f"#json-of-{name})" in text
        for shape in SHAPES[name]:
            assert f"| `{shape.path}` |" in section(f"JSON of {name}")


def test_nothing_else_is_in_it() -> None:
    assert set(FAULTS) == set(COMMANDS)
    assert set(SHAPES) < set(COMMANDS)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{key.table}.{key.name}")
def test_every_key_of_class_toml_is_in_it(key: Any) -> None:
    (row,) = [line for line in CLASS_TOML.splitlines() if f"| `{key.name}` |" in line]
    assert (f"`[{key.table}]`" in row) == bool(key.table)
    assert key.meaning in row
    assert key.example in PAGE


def test_keys_are_those_that_the_reader_takes(tmp_path: Path) -> None:
    assert set(names_in("late")) == {setting.name for setting in fields(Policy)}
    (example,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    (tmp_path / "class.toml").write_text(example)
    read = read_class_file(tmp_path)
    assert read.gradebook
    assert read.policy is not None
    assert set(read.of("02_cnn").extensions) == {"ada"}
    top = tomllib.loads(example)
    assert set(top) == {*names_in(""), "due", "extensions", "late"}
    assert set(top["late"]) == set(names_in("late"))


@pytest.mark.parametrize(
    "key", [k for k in KEYS if k.default[0] in '0123456789"'], ids=lambda k: k.name
)
def test_defaults_are_what_counts_without_the_key(key: Any, tmp_path: Path) -> None:
    default: Any = tomllib.loads(f"value = {key.default}")["value"]
    if key.table == "late":
        assert getattr(Policy(), key.name) == default
    else:
        assert (key.name, default) == ("timezone", "UTC")
        texts = ("", f'timezone = "{default}"\n')
        found = []
        for text in texts:
            (tmp_path / "class.toml").write_text(f"{text}[due]\na = 2026-01-01T00:00:00\n")
            found.append(read_class_file(tmp_path).of("a"))
        assert found[0] == found[1]


@pytest.mark.parametrize("key", [k for k in KEYS if k.most is not None], ids=lambda k: k.name)
def test_limits_are_those_of_the_table(key: Any, tmp_path: Path) -> None:
    assert f"from 0 to {key.most:.0f}" in key.type
    (tmp_path / "class.toml").write_text(f"[late]\n{key.name} = {key.most}\n")
    assert getattr(read_class_file(tmp_path).policy, key.name) == key.most
    (tmp_path / "class.toml").write_text(f"[late]\n{key.name} = {key.most * 1.01}\n")
    with pytest.raises(UserError, match=key.name):
        read_class_file(tmp_path)
