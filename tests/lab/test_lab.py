"""JupyterLab as `autograder lab` opens it: the real server, spoken to over HTTP."""

import html
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests
from throwaway_course import answer, environment, make_course

from autograder.assignment.course import Course
from autograder.assignment.errors import UserError
from autograder.lab.launch import launch, server
from autograder.lab.working_copy import fill

PANELS = {
    name: f"@jupyter/nbgrader:{name}"
    for name in (
        "assignment-list",
        "course-list",
        "create-assignment",
        "formgrader",
        "validate-assignment",
    )
}
START = """
import sys
from pathlib import Path
from autograder.assignment.course import Course
from autograder.lab.launch import launch
root, copy, instructor, port = sys.argv[1:]
course, copy = Course(Path(root)), Path(copy)
sys.exit(launch(course, copy, instructor=instructor == "True", port=int(port), browser=False))
"""


@dataclass(frozen=True)
class Lab:
    """A running server; `greeting` is what it had said when it was ready."""

    course: Course
    copy: Path
    home: Path
    log: Path
    process: "subprocess.Popen[bytes]"
    url: str
    token: str
    pid: int
    greeting: str

    def get(self, path: str) -> requests.Response:
        return requests.get(self.url + path, headers=self._headers, timeout=120)

    def post(self, action: str, **body: str) -> Any:
        reply = requests.post(self.url + action, headers=self._headers, json=body, timeout=300)
        reply.raise_for_status()
        return reply.json()

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"token {self.token}"}

    @property
    def disabled(self) -> set[str]:
        """The extensions that the page switches off."""
        return set(self._page["disabledExtensions"])

    @property
    def extensions(self) -> set[str]:
        """The extensions that the page loads beside JupyterLab's own."""
        return {extension["name"] for extension in self._page["federated_extensions"]}

    @property
    def _page(self) -> Any:
        page = self.get("lab").text
        found = re.search(r'<script id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.DOTALL)
        assert found, page
        return json.loads(found[1])

    def assignments(self) -> dict[str, str]:
        """Name and status of what Assignment List shows as released or downloaded."""
        listed = self.get("assignments?course_id=deep-learning").json()
        assert listed["success"], listed
        return {a["assignment_id"]: a["status"] for a in listed["value"]}


@contextmanager
def running(root: Path, instructor: bool, python: str = "", class_file: str = "") -> Iterator[Lab]:
    """Start the server on a new course, with a home whose Jupyter settings are a trap.

    python:     of another environment, whose own `autograder` is run
    class_file: what class.toml says
    """
    course, copy, home = make_course(root / "course"), root / "my course", root / "home"
    env = environment(home)
    if class_file:
        course.classroom.mkdir(exist_ok=True)
        (course.classroom / "class.toml").write_text(class_file)
    if python:
        del env["PYTHONPATH"]
    for personal in (home / ".jupyter", home / ".ipython" / "profile_default" / "startup"):
        personal.mkdir(parents=True)
    (home / ".jupyter" / "jupyter_server_config.py").write_text("raise SystemExit('personal')")
    (home / ".jupyter" / "nbgrader_config.py").write_text("raise SystemExit('personal')")
    startup = home / ".ipython" / "profile_default" / "startup" / "add.py"
    startup.write_text("raise SystemExit('personal')")
    fill(course.release, copy)
    (copy / "random.py").write_text("raise SystemExit('a module of the student')")
    state = (course.classroom if instructor else copy) / ".jupyter" / "runtime"
    log = root / "server.log"
    arguments = [str(course.root), str(copy), str(instructor), str(free_port())]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [python or sys.executable, "-c", START, *arguments],
            env=env,
            stdout=stream,
            stderr=subprocess.STDOUT,
            cwd=root,
        )
    try:
        info: dict[str, Any] = {}
        while not info:
            assert process.poll() is None, log.read_text()
            for path in state.glob("jpserver-*.json"):
                info = json.loads(path.read_text() or "{}")
            time.sleep(0.1)
        lab = Lab(course, copy, home, log, process, info["url"], info["token"], info["pid"], "")
        wait_until_it_answers(lab)
        yield replace(lab, greeting=log.read_text())
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_it_answers(lab: Lab) -> None:
    while True:
        assert lab.process.poll() is None, lab.log.read_text()
        try:
            if lab.get("api/status").ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running(tmp_path_factory.mktemp("student"), instructor=False) as lab:
        yield lab


@pytest.fixture(scope="module")
def instructor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running(tmp_path_factory.mktemp("instructor"), instructor=True) as lab:
        yield lab


def test_student_has_assignment_list_and_our_check_and_no_news(student: Lab) -> None:
    disabled = student.disabled
    assert disabled & set(PANELS.values()) == set(PANELS.values()) - {PANELS["assignment-list"]}
    assert {"autograder-check", "autograder-author"} & student.extensions == {"autograder-check"}
    assert student.get("autograder/author/prove").status_code == 404
    assert "@jupyterlab/apputils-extension:announcements" in disabled
    assert student.get("formgrader/api/assignments").status_code == 404


def test_student_starts_with_the_readme(student: Lab) -> None:
    page = student.get("")
    assert page.url.split("?")[0] == student.url + "lab/tree/README.md"
    viewers = student.get("lab/api/settings/@jupyterlab/docmanager-extension:plugin").json()
    assert viewers["schema"]["properties"]["defaultViewers"]["default"] == {
        "markdown": "Markdown Preview"
    }


def test_student_sees_the_copy_and_not_the_solutions(student: Lab) -> None:
    names = {entry["name"] for entry in student.get("api/contents").json()["content"]}
    assert names == {"01_sums", "02_squares", "README.md", "random.py"}


def test_fetch_and_submit_reach_the_class(student: Lab) -> None:
    assert student.assignments() == {"01_sums": "fetched", "02_squares": "fetched"}
    shutil.rmtree(student.copy / "02_squares")
    assert student.assignments()["02_squares"] == "released"
    here = {"course_id": "deep-learning", "assignment_id": "02_squares"}
    assert student.post("assignments/fetch", **here)["success"]
    notebook = student.copy / "02_squares" / "squares.ipynb"
    answer(notebook, "return a * a")
    assert student.post("assignments/submit", **here)["success"]
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "collect", "02_squares"],
        cwd=student.course.root,
        env=environment(student.home.parent / "other home"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    collected = list(student.course.classroom.glob("submitted/*/02_squares/squares.ipynb"))
    assert [path.read_bytes() for path in collected] == [notebook.read_bytes()]


def test_validate_tells_right_from_wrong(student: Lab) -> None:
    notebook = student.copy / "01_sums" / "sums.ipynb"
    answer(notebook, "return a - b")
    wrong = student.post("assignments/validate", path="01_sums/sums.ipynb")
    assert wrong["success"], wrong
    assert "add: no" in wrong["value"]["failed"][0]["error"]
    shutil.copy(student.course.release / "01_sums" / "sums.ipynb", notebook)
    answer(notebook, "return a + b")
    right = student.post("assignments/validate", path="01_sums/sums.ipynb")
    assert right == {"success": True, "value": {}}


def test_nobodys_personal_settings_are_read_or_written(student: Lab) -> None:
    assert "personal" not in student.log.read_text()
    written = {path.name for path in (student.home / ".jupyter").iterdir()}
    assert written == {"jupyter_server_config.py", "nbgrader_config.py"}
    assert not (student.home / ".local").exists()


def test_instructor_has_every_panel_and_no_news(instructor: Lab) -> None:
    disabled = instructor.disabled
    assert not disabled & set(PANELS.values())
    assert {"autograder-check", "autograder-author"} & instructor.extensions == {
        "autograder-author"
    }
    assert instructor.get("autograder/check").status_code == 404
    assert "@jupyterlab/apputils-extension:announcements" in disabled


def test_instructor_sees_the_chapters_in_formgrader(instructor: Lab) -> None:
    listed = instructor.get("formgrader/api/assignments").json()
    status = {a["name"]: (a["source_path"], a["release_path"]) for a in listed}
    assert status == {
        "01_sums": ("solutions/01_sums", "course/01_sums"),
        "02_squares": ("solutions/02_squares", "course/02_squares"),
    }
    assert "Loaded configuration" not in instructor.get("formgrader").text


def test_instructor_sees_the_repository(instructor: Lab) -> None:
    names = {entry["name"] for entry in instructor.get("api/contents").json()["content"]}
    assert {"solutions", "course", "nbgrader_config.py"} <= names
    assert instructor.assignments() == {"01_sums": "fetched", "02_squares": "fetched"}


@pytest.mark.parametrize("who", ["student", "instructor"])
def test_log_says_where_to_look_and_no_more(who: str, request: pytest.FixtureRequest) -> None:
    lab: Lab = request.getfixturevalue(who)
    assert lab.url in lab.greeting
    assert not re.findall(r"^\[[^C].*|.*(?:Warning|Traceback).*", lab.greeting, re.MULTILINE)
    before = lab.log.read_text()
    folder = "course" if who == "instructor" else "."
    lab.get("lab")
    lab.assignments()
    lab.post("assignments/validate", path=f"{folder}/01_sums/sums.ipynb")
    assert lab.log.read_text() == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_end_of_launch_ends_the_server(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path, instructor=False) as lab:
        lab.process.send_signal(number)
        assert lab.process.wait() == 0
        with pytest.raises(ProcessLookupError):
            os.kill(lab.pid, 0)


@pytest.mark.skipif(os.name != "posix", reason="elsewhere Ctrl-C has reached the server already")
def test_server_that_stops_and_does_not_end_is_killed(tmp_path: Path) -> None:
    """As one does whose own threads are kept by a library."""
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(600)"
    program = (
        "import pathlib, sys\nfrom autograder.lab import launch\nlaunch._PATIENCE = 0.5\n"
        f"command = (sys.executable, '-c', {stubborn!r})\n"
        "sys.exit(-launch._run(launch.Server(command, pathlib.Path('.'), {})))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()  # the server runs
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == signal.SIGKILL


def test_taken_port_is_said(student: Lab) -> None:
    port = int(student.url.rstrip("/").rsplit(":", 1)[1])
    with pytest.raises(UserError, match=f"Port {port} cannot be used"):
        launch(student.course, student.copy, port=port, browser=False)


@pytest.mark.parametrize("port", [-1, 70000])
def test_impossible_port_is_said(tmp_path: Path, port: int) -> None:
    with pytest.raises(UserError, match="cannot be used"):
        launch(Course(tmp_path), tmp_path, port=port, browser=False)


def test_missing_copy_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no working copy"):
        launch(Course(tmp_path), tmp_path / "nothing", browser=False)


def test_hub_names_the_address_and_the_rest_is_as_in_the_students_lab(tmp_path: Path) -> None:
    (tmp_path / "README.md").touch()
    alone, hub = server(Course(tmp_path), tmp_path), server(Course(tmp_path), tmp_path, hub=True)
    assert hub.command[:4] == (sys.executable, "-P", "-m", "jupyterhub.singleuser")
    assert set(hub.command[4:]) < set(alone.command)
    assert not [word for word in hub.command if "port" in word or "browser" in word]
    assert hub.environment.pop("JUPYTERHUB_DEFAULT_URL") == "/lab/tree/README.md"
    assert hub.environment == alone.environment


def test_server_for_a_hub_without_a_hub_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JUPYTERHUB_API_TOKEN", raising=False)
    with pytest.raises(UserError, match="JupyterHub, which starts this command itself"):
        launch(Course(tmp_path), tmp_path, hub=True)
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "x")
    monkeypatch.setattr("autograder.lab.launch.find_spec", lambda name: None)
    with pytest.raises(UserError, match="JupyterHub is missing"):
        launch(Course(tmp_path), tmp_path, hub=True)


def test_without_an_exchange_its_panel_is_hidden(tmp_path: Path) -> None:
    plain = server(Course(tmp_path), tmp_path)
    closed = server(Course(tmp_path), tmp_path, with_exchange=False)
    first = Path(closed.environment["JUPYTER_CONFIG_PATH"].split(":")[0])
    assert str(first) not in plain.environment["JUPYTER_CONFIG_PATH"]
    page = json.loads((first / "labconfig" / "page_config.json").read_text())
    assert page["disabledExtensions"] == {PANELS["assignment-list"]: True}


def test_instructor_first_sees_the_sources_and_then_what_was_open(tmp_path: Path) -> None:
    (tmp_path / "solutions").mkdir()
    course = Course(tmp_path)
    first = server(course, tmp_path / "my-course", instructor=True).command
    assert "--LabApp.default_url=/lab/tree/solutions" in first
    workspaces = course.classroom / ".jupyter" / "lab" / "workspaces"
    workspaces.mkdir(parents=True)
    (workspaces / "default.jupyterlab-workspace").write_text("{}")
    later = server(course, tmp_path / "my-course", instructor=True).command
    assert "--LabApp.default_url=/lab" in later


@pytest.mark.slow
def test_instructor_is_told_why_formgrader_has_no_gradebook(tmp_path: Path) -> None:
    with running(tmp_path, instructor=True, class_file="[late]\nshare = 1\n") as lab:
        sentence = f"{lab.course.classroom / 'class.toml'}: [late] share is not known; there is "
        assert sentence in lab.greeting
        assert lab.get("formgrader/manage_assignments").ok
        reply = lab.get("formgrader/api/assignments")
        assert reply.status_code == 503
        assert sentence in html.unescape(reply.text)
        submitted = lab.course.classroom / "submitted" / "ada" / "01_sums"
        submitted.mkdir(parents=True)
        shutil.copy(lab.course.release / "01_sums" / "sums.ipynb", submitted)
        xsrf = lab.get("formgrader/manage_assignments").cookies["_xsrf"]
        done = requests.post(
            f"{lab.url}formgrader/api/submission/01_sums/ada/autograde",
            headers={"Authorization": f"token {lab.token}", "X-XSRFToken": xsrf},
            cookies={"_xsrf": xsrf},
            timeout=120,
        ).json()
        assert not done["success"]
        assert sentence in done["error"].splitlines()[-1]
        assert "Uncaught exception" not in lab.log.read_text()
        assert not list(lab.course.classroom.glob("*.db"))


@pytest.mark.slow
def test_student_hears_nothing_of_the_teachers_file(tmp_path: Path) -> None:
    with running(tmp_path, instructor=False, class_file="[late]\nshare = 1\n") as lab:
        assert lab.assignments() == {"01_sums": "fetched", "02_squares": "fetched"}
        answer(lab.copy / "01_sums" / "sums.ipynb", "return a + b")
        said = lab.post("autograder/submit", path="01_sums/sums.ipynb")
        assert said["receipt"].startswith("Submitted ")
        assert "class.toml" not in lab.log.read_text()
