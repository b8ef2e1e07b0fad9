"""JupyterLab's page in a real browser, as students and authors use it."""

from typing import Protocol

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

MINUTES = 60_000
"""Milliseconds after which something has failed; on a quiet machine it takes a few."""


class Running(Protocol):
    """A running JupyterLab."""

    @property
    def url(self) -> str: ...

    @property
    def token(self) -> str: ...


class LabPage:
    """The page of one window; `complaints` is what the browser's console says.

    panel: the id of the panel that the tests are about
    """

    def __init__(self, page: Page, lab: Running, panel: str) -> None:
        self.page, self._running = page, lab
        self.complaints: list[str] = []
        page.set_default_timeout(MINUTES)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.panel = page.locator(f"#{panel}")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def go_to(self, path: str, workspace: str) -> None:
        """Open a file alone: each workspace has its own open tabs."""
        where = f"lab/workspaces/{workspace}/tree/{path}"
        self.page.goto(f"{self._running.url}{where}?token={self._running.token}")

    @property
    def notebook(self) -> Locator:
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")

    def cell(self, number: int) -> Locator:
        return self.notebook.locator(".jp-Notebook .jp-Cell").nth(number)

    def write(self, number: int, source: str) -> None:
        self.cell(number).locator(".cm-content").fill(source)

    def shows(self, number: int) -> None:
        """Wait for a cell."""
        expect(self.cell(number)).to_be_visible(timeout=MINUTES)
