"""The file of mutants that are declared equivalent: what it may say, and to what it fits."""

from pathlib import Path

import pytest

from autograder.assignment.errors import UserError
from autograder.gate.equivalent import Equivalent, declared, equivalent_file, read_equivalent
from autograder.gate.mutants import Mutant, mutants

ENTRY = """\
[[equivalent]]
answer = "f"
edit = '''
- return a < b
+ return a <= b'''
reason = "a and b are never equal"
"""
LESS = Equivalent("f", "- return a < b\n+ return a <= b", "never equal")
TWICE = "def f(a, b):\n    if a:\n        return a < b\n    return a < b"


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "equivalent.toml"
    path.write_text(text, encoding="utf-8")
    return path


def of(source: str) -> dict[str, tuple[Mutant, ...]]:
    return {"f": mutants(source)}


def test_entries_are_read(tmp_path: Path) -> None:
    second = 'answer = "g"\nedit = "+ n = 1"\nreason = "so"\nline = 4\nassignment = "ps1"\n'
    found = read_equivalent(write(tmp_path, f"{ENTRY}\n[[equivalent]]\n{second}"))
    assert found == (
        Equivalent("f", "- return a < b\n+ return a <= b", "a and b are never equal"),
        Equivalent("g", "+ n = 1", "so", 4, "ps1"),
    )
    assert read_equivalent(write(tmp_path, "")) == ()


def test_file_lies_beside_the_known_answers(tmp_path: Path) -> None:
    place = equivalent_file(tmp_path, "02_cnn")
    assert place == tmp_path / "tests" / "misconceptions" / "02_cnn" / "equivalent.toml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("answer = ", "is not TOML (Invalid value"),
        ('answer = "f"', "'answer' is not expected; entries begin with [[equivalent]]."),
        ("equivalent = 3", "'equivalent' is not expected; entries begin with [[equivalent]]."),
        ("equivalent = [3]", "entry 1 is not a table"),
        (ENTRY + '[[equivalent]]\nanswer = "f"\nreason = "so"', "entry 2 needs a text 'edit'."),
        (ENTRY.replace("a and b are never equal", " "), "entry 1 needs a text 'reason'."),
        (ENTRY.replace('"f"', "3"), "entry 1 needs a text 'answer'."),
        (ENTRY + "lines = 3", "unknown key 'lines'; choose from answer, edit, reason, line, assig"),
        (ENTRY + 'line = "3"', "'line' is not a whole number."),
        (ENTRY + "line = true", "'line' is not a whole number."),
        (ENTRY + "assignment = 3", "'assignment' is not a text."),
    ],
)
def test_what_is_not_in_the_format_is_refused_in_one_sentence(
    tmp_path: Path, text: str, said: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(UserError) as caught:
        read_equivalent(path)
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"cannot read .*none\.toml \(No such file"):
        read_equivalent(tmp_path / "none.toml")


def test_entry_fits_its_mutant_whatever_its_spaces() -> None:
    loose = Equivalent("f", "\n-  return a < b\n\n  +   return a <= b\n", "so")
    found = declared([loose], of("def f(a, b):\n    return a < b"), "ps1")
    (((answer, mutant), reason),) = found.reasons.items()
    assert (answer, mutant.edit, reason) == ("f", LESS.edit, "so")
    assert found.misfits == ()


def test_entry_that_fits_no_mutant_is_named() -> None:
    found = declared([LESS], of("def f(a, b):\n    return a <= b"), "ps1")
    assert found.reasons == {}
    assert found.misfits == (
        "f: `- return a < b` `+ return a <= b` is declared equivalent, and fits no mutant any more",
    )


def test_entry_of_no_answer_is_named() -> None:
    (said,) = declared([Equivalent("g", "- a", "so")], of("a"), "ps1").misfits
    assert said == "g: `- a` is declared equivalent, and there is no such answer"


def test_entry_that_fits_two_lines_has_to_say_which() -> None:
    found = declared([LESS], of(TWICE), "ps1")
    assert found.reasons == {}
    (said,) = found.misfits
    assert said.endswith("fits 2: add line = 3 or line = 4")
    told = Equivalent(LESS.answer, LESS.edit, LESS.reason, line=4)
    found = declared([told], of(TWICE), "ps1")
    assert [mutant.line for _, mutant in found.reasons] == [4]
    gone = Equivalent(LESS.answer, LESS.edit, LESS.reason, line=5)
    (said,) = declared([gone], of(TWICE), "ps1").misfits
    assert said.startswith("f, line 5: ")


def test_entries_of_other_assignments_are_left_alone() -> None:
    entry = Equivalent("g", "- a", "so", assignment="ps2")
    assert declared([entry], of("a"), "ps1").misfits == ()
    assert declared([entry], of("a"), "ps2").misfits != ()
