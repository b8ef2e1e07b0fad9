"""Settings of nbgrader for this course: its directories on ours, and cures of its surprises.

Every stock command run here reads it (`nbgrader generate_assignment`, `autograde`, `collect`, …),
and so do JupyterLab's nbgrader panels when `autograder lab` opens them.
"""

import contextlib
import getpass
import os
import warnings
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
ROOT = Path(__file__).resolve().parent
COURSE = Course(ROOT)
CLASSROOM = Path(os.path.normpath(COURSE.classroom))
EXCHANGE = CLASSROOM / "exchange"
CACHES = EXCHANGE / "cache"


def step(directory: Path) -> str:
    """Name one of nbgrader's directories: below the root where it is, otherwise absolute."""
    return str(directory.relative_to(ROOT) if directory.is_relative_to(ROOT) else directory)


# nbgrader makes neither the folder of its database nor, for `nbgrader list`, the exchange, which
# must be open to everyone. In a read-only checkout the command that needs them says so.
for folder, mode in ((EXCHANGE, 0o777), (CACHES, 0o1777)):
    with contextlib.suppress(OSError):
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(mode)

# The course: one repository, solutions/ the source, course/ the release.
c.CourseDirectory.course_id = "deep-learning"
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.source_directory = step(COURSE.solutions)
c.CourseDirectory.release_directory = step(COURSE.release)
# Not for students: what `autograder release --force` moved out of its way.
c.CourseDirectory.ignore = [*CourseDirectory.ignore.default(), "*.kept-*"]

# A class: one directory, ./classroom unless AUTOGRADER_CLASSROOM names another.
c.CourseDirectory.submitted_directory = step(CLASSROOM / "submitted")
c.CourseDirectory.autograded_directory = step(CLASSROOM / "autograded")
c.CourseDirectory.feedback_directory = step(CLASSROOM / "feedback")
c.CourseDirectory.db_url = f"sqlite:///{CLASSROOM / 'gradebook.db'}"
# Its class.toml, if there is one, gives the late policy and may name another gradebook. Students
# need not be able to read it.
use_class_file(c, CLASSROOM)

# The exchange lies in the class directory; the cache is where a student's submissions are listed,
# for each account its own.
c.Exchange.root = str(EXCHANGE)
c.Exchange.cache = str(CACHES / getpass.getuser())
# Assignment List looks for the notebooks here; `autograder lab` sets it to the working copy.
if NOTEBOOKS_VARIABLE in os.environ:
    c.Exchange.assignment_dir = os.environ[NOTEBOOKS_VARIABLE]

# The release: each stub names its exercise, `raise NotImplementedError("exercise conv2d")`.
c.GenerateAssignment.preprocessors = [
    NamedStubs if step_class is ClearSolutions else step_class
    for step_class in GenerateAssignment.preprocessors.default()
]
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}

# `nbgrader autograde` and Formgrader's button grade with our engine: students' code in a jail,
# checks where it cannot reach them. AUTOGRADER_STOCK=1 gives nbgrader's own way, to compare; what
# follows cures some of its surprises.
if os.environ.get("AUTOGRADER_STOCK") != "1":
    use_engine(c)
# Cells tagged `explore` (plots, long training) are not run by autograde nor by Validate.
c.Execute.skip_cells_with_tag = EXPLORE_TAG
# Seconds for one cell; nbgrader's 30 is too short for `import tensorflow` on a busy machine.
c.Execute.timeout = 180
# nbgrader gives no points where a check wrote to stderr, so that a warning would cost a right
# answer its marks: stderr is joined to stdout. The history of such a kernel is of no use.
c.Execute.extra_arguments = [
    "--HistoryManager.hist_file=:memory:",
    "--IPKernelApp.exec_lines=import sys; sys.stderr = sys.stdout",
]

# Feedback is the page of `autograder feedback`: nothing of hidden checks but whether they passed.
use_feedback(c)

# Formgrader: a student's HTML is cleaned (a script in it would run as the instructor),
# formulas are MathML and nothing is fetched from the network. Our templates come first.
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.filters = {
    "clean_html": "autograder.pages.safe_html.clean_html",
    "markdown2html": "autograder.pages.safe_html.markdown_to_html",
}
c.HTMLExporter.extra_template_basedirs = [
    str(Path(autograder.__file__).parent / "plugin" / "nbconvert"),
    str(Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"),
]

# Formgrader shows the assignments, not a dump of this configuration.
c.FormgradeExtension.debug = False
# Encrypt the traffic with kernels where they can; they warn otherwise.
c.KernelManager.transport_encryption = "auto"
# nbgrader's own use of SQLAlchemy; nothing that a user could mend.
warnings.filterwarnings("ignore", module=r"nbgrader\.")
