"""A new course of one's own: nbgrader's settings on our layout, a first chapter, what to do next.

The layout is `solutions/` and `course/`, because `autograder release` and `autograder new` look
for these; the settings name them to nbgrader, so that its own commands work there too. They are
those of this project's own course, without what only its tests need.
"""

import json
from pathlib import Path

from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.assignment.whole_file import make_folder
from autograder.authoring.placeholders import DEFAULT_ANSWER
from autograder.authoring.scaffold import Scaffold, chapter_files, write_all

FIRST_CHAPTER = "01_first"

_SETTINGS = '''\
"""nbgrader's settings for this course; every `nbgrader` and `autograder` command here reads them."""

import contextlib
import getpass
import os
from pathlib import Path

import nbgrader
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearSolutions

import autograder
from autograder.assignment.class_file import use_class_file
from autograder.assignment.course import Course
from autograder.assignment.notebook import EXPLORE_TAG
from autograder.authoring.preprocessors import NamedStubs
from autograder.lab.launch import NOTEBOOKS_VARIABLE
from autograder.plugin.nbgrader import use_engine, use_feedback

c = get_config()  # traitlets provides it
COURSE = Course(Path(__file__).resolve().parent)
CLASSROOM = Path(os.path.normpath(COURSE.classroom))
EXCHANGE = CLASSROOM / "exchange"
CACHES = EXCHANGE / "cache"

# The course: solutions/ is the source, course/ the release.
c.CourseDirectory.course_id = COURSE_ID
c.CourseDirectory.root = str(COURSE.root)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "course"
# Not for students: what `autograder release --force` moved out of its way.
c.CourseDirectory.ignore = [*CourseDirectory.ignore.default(), "*.kept-*"]

# A class: one directory, ./classroom unless AUTOGRADER_CLASSROOM names another. Its class.toml, if
# there is one, has due dates, extensions and the late policy.
for step in ("submitted", "autograded", "feedback"):
    c.CourseDirectory[f"{step}_directory"] = os.path.relpath(CLASSROOM / step, COURSE.root)
c.CourseDirectory.db_url = f"sqlite:///{CLASSROOM / 'gradebook.db'}"
use_class_file(c, CLASSROOM)

# The exchange, where students fetch and submit on one machine, must be open to everyone.
for folder, mode in ((EXCHANGE, 0o777), (CACHES, 0o1777)):
    with contextlib.suppress(OSError):
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(mode)
c.Exchange.root = str(EXCHANGE)
c.Exchange.cache = str(CACHES / getpass.getuser())
if NOTEBOOKS_VARIABLE in os.environ:  # where `autograder lab` has the notebooks
    c.Exchange.assignment_dir = os.environ[NOTEBOOKS_VARIABLE]

# The release: each stub names its exercise, `raise NotImplementedError("exercise conv2d")`.
c.GenerateAssignment.preprocessors = [
    NamedStubs if step_class is ClearSolutions else step_class
    for step_class in GenerateAssignment.preprocessors.default()
]
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}

# nbgrader and Formgrader's buttons grade with autograder's engine, and write its pages.
use_engine(c)
use_feedback(c)
# Seconds for one cell; cells tagged `explore` (plots, long training) are not run.
c.Execute.timeout = 60
c.Execute.skip_cells_with_tag = EXPLORE_TAG

# Formgrader: a student's HTML is cleaned (a script in it would run as the instructor).
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.filters = {
    "clean_html": "autograder.pages.safe_html.clean_html",
    "markdown2html": "autograder.pages.safe_html.markdown_to_html",
}
c.HTMLExporter.extra_template_basedirs = [
    str(Path(autograder.__file__).parent / "plugin" / "nbconvert"),
    str(Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"),
]
'''

_README = """\
# {name}

A course in notebooks, one nbgrader assignment per chapter, released, checked and graded with `autograder`.

| folder | what is in it |
| --- | --- |
| `solutions/` | the chapters with their reference answers: edit these |
| `tests/misconceptions/` | known answers, right and wrong, that prove the checks |
| `course/` | what students get; made by `autograder release`, never edited by hand |
| `classroom/` | submissions, scores and feedback; not in git |

## What to do next

`autograder lab --instructor` opens JupyterLab here. After an edit choose *Restart Kernel and Run All Cells*, and save: a release wants to know what every cell prints. In a terminal in this folder:

```
{commands}
```

`nbgrader`'s own commands and Formgrader work here too; the settings are in `nbgrader_config.py`.
"""

_COMMANDS = (
    ("autograder prove", "what is left to write, and whether the checks are sound"),
    ("autograder new exercise {chapter} NAME", "one more exercise"),
    ("autograder new chapter 02_second", "one more chapter"),
    ("autograder release", "make course/ from solutions/"),
    ("autograder collect {chapter} FILE", "a download of Canvas, Moodle or Gradescope"),
    ("autograder grade {chapter}", "and then feedback, report, export"),
)

_IGNORED = """\
/classroom/
/my-course/
/demo/
/book/
*.kept-*
.ipynb_checkpoints/
__pycache__/
"""


def new_course(
    folder: Path, *, chapter: str = FIRST_CHAPTER, answer: str = DEFAULT_ANSWER
) -> Scaffold:
    """Write a course with one chapter into a folder, which is made; it may be there, if empty.

    chapter, answer: names of the first chapter and of its exercise's function
    raises: UserError if there is something in the folder, or a name cannot be used
    """
    folder = folder.absolute()
    if folder.is_dir():
        if any(folder.iterdir()):
            raise UserError(f"{folder} is not empty; a new course needs a folder of its own.")
    elif folder.exists():
        raise UserError(f"{folder} is a file; a new course needs a folder of its own.")
    course = Course(folder)
    files = {
        folder / "nbgrader_config.py": _SETTINGS.replace("COURSE_ID", json.dumps(folder.name)),
        folder / "README.md": _README.format(name=folder.name, commands=_commands(chapter)),
        folder / ".gitignore": _IGNORED,
    }
    made = {path: text.encode() for path, text in files.items()}
    made |= chapter_files(course, chapter, answer=answer)
    write_all(made)
    make_folder(course.release)
    return Scaffold(chapter, written=tuple(made))


def _commands(chapter: str) -> str:
    """The commands of the README, one a line, with what they do."""
    words = [(command.format(chapter=chapter), what) for command, what in _COMMANDS]
    width = max(len(command) for command, _ in words)
    return "\n".join(f"{command:{width}}  # {what}" for command, what in words)
