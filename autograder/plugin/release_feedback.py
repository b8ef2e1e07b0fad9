"""`nbgrader release_feedback` for a class in which not everybody submitted through the exchange.

nbgrader lays a page down under a name made of the secret that came with the submission; whoever
has the secret can fetch it. Work from an LMS, or placed by hand, has none: nbgrader would end at
the first such student, and those after would get nothing.
"""

import glob
import os
import re
import shutil
from pathlib import Path

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash

from autograder.assignment.errors import UserError
from autograder.assignment.plurals import counted

SECRET = "submission_secret.txt"
_NAME = "\0"
"""Stands for a student; no file name holds it."""
_AS_NBGRADER_MAKES_IT = re.compile("[0-9a-f]{128}")


def read_secret(folder: Path) -> str | None:
    """The secret beside a student's pages; None if the work did not come through the exchange.

    raises: UserError if it is damaged, so that no page could be fetched with it
    """
    path = folder / SECRET
    if not os.path.lexists(path):
        return None
    try:
        secret = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        secret = ""
    if not _AS_NBGRADER_MAKES_IT.fullmatch(secret):
        raise UserError(
            f"{path}: is damaged, so the page beside it cannot be fetched; upload the page, or put "
            "the secret that came with the submission there."
        )
    return secret


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]  # nbgrader is not typed
    """Releases the pages of those who can fetch them, and names the others."""

    def copy_files(self) -> None:
        """Copy each page into the exchange; none keeps those after it from getting theirs.

        raises: ExchangeError, when all others have theirs, if some did not get theirs though they
                submitted through the exchange; then nbgrader's command exits 1
        """
        released, elsewhere, without = 0, [], []
        excluded = self.coursedir.student_id_exclude.split(",")
        for student, pages in self._pages().items():
            if student in excluded:
                continue
            try:
                secret = read_secret(pages[0].parent)
                if secret is None:
                    elsewhere.append(student)
                    continue
                for page in pages:
                    self._lay_down(page, notebook_hash(secret=secret, notebook_id=page.stem))
                released += 1
            except UserError as error:
                self.log.error("%s: %s", student, error)
                without.append(student)
            except OSError as error:
                self.log.error("%s: cannot be released (%s).", student, error)
                without.append(student)
        assignment = self.coursedir.assignment_id
        self.log.info("%s: feedback released to %s.", assignment, counted(released, "student"))
        if elsewhere:
            self.log.warning(
                "%s: %s did not submit through the exchange, so nbgrader cannot hand out the "
                "pages: %s. Upload these from %s.",
                assignment, counted(len(elsewhere), "student"), ", ".join(elsewhere),
                self._place("STUDENT"),
            )  # fmt: skip
        if without:
            raise ExchangeError(
                f"{assignment}: the feedback of {counted(len(without), 'student')} was not released: "
                f"{', '.join(without)}."
            )

    def _pages(self) -> dict[str, list[Path]]:
        """The pages of the chosen students, by student."""
        before, after = self._place(_NAME).split(_NAME)
        chosen = self.coursedir.student_id or "*"
        found = {}
        for folder in sorted(glob.glob(f"{glob.escape(before)}{chosen}{glob.escape(after)}")):
            if pages := sorted(Path(folder).glob("*.html")):
                found[folder.removeprefix(before).removesuffix(after)] = pages
        return found

    def _place(self, student: str) -> str:
        """Where the pages of a student lie."""
        coursedir = self.coursedir
        place: str = coursedir.format_path(
            coursedir.feedback_directory, student, coursedir.assignment_id
        )
        return os.path.normpath(place)

    def _lay_down(self, page: Path, name: str) -> None:
        """A student who fetches just then gets the old page or the new one."""
        place = Path(self.dest_path, f"{name}.html")
        beside = place.with_name(f"{name}-tmp.html")
        shutil.copy(page, beside)
        beside.replace(place)
