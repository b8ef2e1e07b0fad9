"""The public functions, as docs/api.md shows them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from compact_course import submitted, write_course
from light_course import ASSIGNMENT as LIGHT
from light_course import NOTEBOOK, make_course
from throwaway_course import REPOSITORY, environment

PAGE = (REPOSITORY / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
FIRST = EXAMPLES[0]
Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home directory with ~/my-course and its assignment ps1, and downloads of it."""
    home = tmp_path_factory.mktemp("home")
    ada, bob = make_course(home / "made", 2)
    source = home / "my-course" / "source" / "ps1"
    source.mkdir(parents=True)
    shutil.copy(home / "made" / "source" / LIGHT / f"{NOTEBOOK}.ipynb", source)
    for name, student in (("ada", ada), ("bob", bob)):
        target = home / "downloads" / name / "ps1"
        shutil.copytree(home / "made" / "submitted" / student / LIGHT, target)
    (home / "downloads" / "bob" / "ps1" / f"{NOTEBOOK}.ipynb").rename(
        home / "downloads" / "bob" / "ps1" / f"{NOTEBOOK} (1).ipynb"
    )
    (home / "downloads" / "note.txt").write_text("no notebook")
    return home


def python(home: Path, text: str) -> Done:
    return subprocess.run(
        [sys.executable, "-c", text], cwd=home, capture_output=True, text=True,
        env={**environment(home), "HOME": str(home), "PYTHONWARNINGS": "error::DeprecationWarning:__main__"},
    )  # fmt: skip


def run(home: Path, text: str) -> str:
    done = python(home, text)
    assert done.returncode == 0, done.stderr
    return done.stdout


OPENED = """
import autograder
course = autograder.open_course("~/my-course")
assignment = autograder.read_assignment(course, "ps1")
"""


def test_the_first_example_is_five_lines_and_works(home: Path) -> None:
    lines = [line for line in FIRST.splitlines() if line and not line.startswith("import")]
    assert len(lines) == 5
    score, of, most = run(home, FIRST).split()
    assert (of, float(most)) == ("of", float(score))  # ada's are the reference answers
    assert float(most) > 0


def test_all_examples_work_one_after_the_other(home: Path) -> None:
    sandbox = "sandbox=True" if _sandbox() else "sandbox=None"
    text = "\n".join(EXAMPLES).replace("sandbox=True", sandbox)
    assert "sandbox=None" in text or _sandbox()
    said = run(home, text).splitlines()
    assert {line.split()[0] for line in said[-2:]} == {"ada", "bob"}
    assert any(re.fullmatch(r"softmax-\w+ passed \d\S* \d\S* ?", line) for line in said)


def _sandbox() -> bool:
    from autograder.engine.sandbox import missing

    return not missing()


def test_one_notebook_file_under_any_name(home: Path) -> None:
    text = f"""{OPENED}
one = autograder.read_submission(assignment, "downloads/bob/ps1/{NOTEBOOK} (1).ipynb", "bob")
print(sorted(one.files), one.student, one.notes)
result = autograder.grade(assignment, one, limits=autograder.Limits(cell_seconds=20))
(notebook,) = result.notebooks
print(result.student, notebook.max_score == result.max_score, notebook.score == result.score)
print(all(isinstance(check.outcome, autograder.Outcome) for check in result.checks))
"""
    first, second, third = run(home, text).splitlines()
    assert first.startswith(f"['{NOTEBOOK}.ipynb'] bob")
    assert "is taken as" in first
    assert (second, third) == ("bob True True", "True")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("autograder.open_course('~/nowhere')", "there is no such folder"),
        ("autograder.read_assignment(course, 'ps2')", "did you mean 'ps1'?"),
        ("autograder.read_submission(assignment, 'gone')", "there is no such file or folder"),
        ("autograder.read_submission(assignment, 'downloads/note.txt')", "no notebook"),
        (
            "autograder.grade(assignment, autograder.Submission('ada', 'ps9', {}))",
            "this is a submission of ps9, not of ps1",
        ),
    ],
)
def test_errors_are_one_sentence(home: Path, line: str, said: str) -> None:
    text = f"""{OPENED}
try:
    {line}
except autograder.UserError as error:
    print(error.exit_code, error)
"""
    (answer,) = run(home, text).splitlines()
    assert answer.startswith("2 ")
    assert said in answer
    assert answer.endswith(".")


@pytest.mark.sandbox
def test_prove_gives_the_scores_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import autograder

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = "with open('made.txt', 'w') as f:\n    f.write('hello')"
    cells = (("made", made), ("made-check 3", "assert open('made.txt').read() == 'hello'"))
    course = autograder.open_course(write_course(tmp_path / "course", cells))
    assignment = autograder.read_assignment(course, "ps1")
    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / "p.ipynb").write_bytes(submitted(assignment, {"made": made}))
    submission = autograder.read_submission(assignment, folder)
    with autograder.engine_for(assignment) as engine:
        (unproved,) = autograder.grade(assignment, submission, engine).checks
        assert (unproved.score, unproved.outcome) == (0, autograder.Outcome.DISPUTED)
        proved = autograder.prove(course, assignment, engine)
        (check,) = autograder.grade(proved, submission, engine).checks
        assert (check.score, check.way) == (3, autograder.Way.OWN_PROCESS)


def test_import_loads_nothing_of_the_rest(home: Path) -> None:
    text = """
import sys
import autograder
assert sys.modules["rfc3987_syntax"] is None
print(sorted(name for name in sys.modules if name.startswith("autograder")))
print({"nbformat", "nbgrader", "rich", "typer", "numpy"} & set(sys.modules))
print(dir(autograder) == sorted(autograder.__all__))
print(all(getattr(autograder, name) is not None for name in autograder.__all__))
print(callable(autograder.grade), hasattr(autograder, "nothing"))
"""
    assert run(home, text).splitlines() == [
        "['autograder', 'autograder.assignment', 'autograder.assignment.slow_imports']", "set()", "True", "True", "True False",
    ]  # fmt: skip


def test_every_public_name_is_documented_and_has_a_docstring() -> None:
    from autograder import api

    for name in api.__all__:
        assert f"`{name}" in PAGE, name
        assert getattr(api, name).__doc__, name


def test_the_types_hold_for_who_uses_them(tmp_path: Path) -> None:
    """mypy --strict over the examples; and it does see a wrong type."""
    right, wrong = tmp_path / "right.py", tmp_path / "wrong.py"
    right.write_text("\n".join(EXAMPLES) + "\nscore: float = result.max_score\n")
    wrong.write_text(FIRST + "\nscore: str = result.score\n")
    for path, expected in ((right, "Success"), (wrong, "[assignment]")):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "mypy",
                "--strict",
                "--follow-imports=silent",
                "--config-file",
                os.devnull,
                str(path),
            ],
            cwd=tmp_path,
            env={**os.environ, "MYPYPATH": str(REPOSITORY), "MYPY_CACHE_DIR": str(tmp_path / "c")},
            capture_output=True,
            text=True,
        )
        assert expected in done.stdout, done.stdout + done.stderr
        if path is right:
            assert done.returncode == 0
