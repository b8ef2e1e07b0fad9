"""The engine: what a check sees of an answer, what it cannot be made to see, and what survives."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from long_messages import LONG_MESSAGES

from autograder.assignment.outcome import Outcome
from autograder.engine.engine import Engine, Session
from autograder.engine.exception_data import trace_from
from autograder.engine.files import CourseFiles
from autograder.engine.limits import Limits
from autograder.engine.sandbox import missing
from autograder.engine.session import CheckRun

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]
LIMITS = Limits(cell_seconds=4, memory_mb=600, output_bytes=10_000)
NAMES = frozenset({"f", "g", "helper", "data", "Vector", "make"})
CLASSES = frozenset({"Vector"})


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    files = tmp_path_factory.mktemp("course")
    (files / "numbers.csv").write_text("1,2\n")
    (files / "solution.ipynb").write_text("secret")
    modules = ("numpy", "torch", "matplotlib", "matplotlib.pyplot")
    with Engine.start(
        modules, CourseFiles(files, ("numbers.csv",)), LIMITS, jail=not missing() or None
    ) as engine:
        yield engine


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with engine.session(NAMES, CLASSES) as session:
        yield session


def check(session: Session, source: str, points: float = 2, **options: Any) -> CheckRun:
    return session.check(source, "check", points, **{"hidden": False, "in_place": False} | options)


def graded(session: Session, answer: str, source: str, **options: Any) -> CheckRun:
    session.answer(answer, "f")
    return check(session, source, **options)


def test_there_is_a_jail_on_this_machine(engine: Engine) -> None:
    assert missing() == ""
    assert engine.jail


def test_plain_data_goes_out_and_comes_back(session: Session) -> None:
    run = graded(
        session,
        "def f(x): return {'doubled': x * 2, 'kind': type(x).__name__}",
        "import numpy as np\ngot = f(np.ones((2, 3)))\n"
        "assert isinstance(got['doubled'], np.ndarray) and got['doubled'].sum() == 12\n"
        "assert got['kind'] == 'ndarray'",
    )
    assert (run.outcome, run.score, run.message) == (Outcome.PASSED, 2, "")


def test_what_is_no_plain_data_can_be_called_indexed_iterated_and_asked(session: Session) -> None:
    session.answer(
        "class Net:\n    sizes = [3, 4]\n    def __call__(self, x): return x + 1\n"
        "    def __getitem__(self, k): return k * 10\n    def __len__(self): return 7\n"
        "    def __iter__(self): return iter('ab')\n"
        "def make(): return Net(), (n for n in range(3)), lambda x: x * 2",
        "make",
    )
    run = check(
        session,
        "net, numbers, double = make()\n"
        "assert net(1) == 2 and net[4] == 40 and len(net) == 7 and list(net) == ['a', 'b']\n"
        "assert net.sizes == [3, 4] and list(numbers) == [0, 1, 2] and double(4) == 8\n"
        "assert callable(double) and not callable(numbers) and type(net).__name__ == 'Net'",
    )
    assert run.outcome is Outcome.PASSED, run.message


EQUALS_EVERYTHING = """
class Anything:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    def __sub__(self, other): return 0.0
    __rsub__ = __add__ = __radd__ = __mul__ = __sub__
    def __abs__(self): return 0.0
    def __float__(self): return 0.0
    def __array__(self, *a, **k): raise SystemExit
    def __array_function__(self, *a, **k): return True
    @classmethod
    def __torch_function__(cls, *a, **k): return True
    def __getattr__(self, name): return lambda *a, **k: True
def f(x): return Anything()
"""


@pytest.mark.parametrize(
    "source",
    [
        "assert f(1) == 41",
        "assert not (f(1) != 41)",
        "assert abs(f(1) - 41) < 1e-6",
        "assert 41 - f(1) == 0",
        "assert f(1) < 0.1",
        "import numpy as np\nassert np.allclose(f(1), [41.0])",
        "import numpy as np\nnp.testing.assert_allclose(f(1), 41.0)",
        "import torch\nassert torch.allclose(f(1), torch.ones(2))",
        "import torch\nassert torch.equal(f(1), torch.ones(2))",
        "assert f(1).equals([41])",
        "assert f(1).allclose(41)",
        "assert 41 in f(1)",
        "import numpy as np\nassert (np.arange(3) - f(1)).max() == 0",
        "float(f(1))",
    ],
)
def test_object_that_equals_everything_earns_nothing(session: Session, source: str) -> None:
    run = graded(session, EQUALS_EVERYTHING, source)
    assert run.score == 0
    assert run.outcome in (Outcome.FAILED, Outcome.ERROR)
    assert run.message


def test_operators_work_on_a_class_that_the_exercise_asks_for(session: Session) -> None:
    session.answer(
        "class Vector:\n    def __init__(self, x): self.x = x\n"
        "    def __add__(self, o): return Vector(self.x + (o.x if type(o) is Vector else o))\n"
        "    __radd__ = __add__\n    def __neg__(self): return Vector(-self.x)\n"
        "    def __eq__(self, o): return type(o) is Vector and self.x == o.x\n"
        "    def __lt__(self, o): return self.x < o.x\n    __hash__ = None",
        "Vector",
    )
    run = check(
        session,
        "a = Vector(1) + Vector(2)\nassert a.x == 3 and (a + 4).x == 7 and (4 + a).x == 7\n"
        "assert (-a).x == -3 and a == Vector(3) and a != Vector(4) and Vector(1) < Vector(2)\n"
        "assert not a == 3 and isinstance(a, Vector)\na.x = 9\nassert a.x == 9",
    )
    assert run.outcome is Outcome.PASSED, run.message


def test_exceptions_of_the_answer_arrive_as_built_in_ones(session: Session) -> None:
    answer = (
        "class Odd(KeyError): pass\ndef f(x):\n    if x == 'odd': raise Odd('strange')\n"
        "    if x == 'exit': raise SystemExit(0)\n    raise ValueError('negative')"
    )
    passes = (
        "for wrong, kind in [(-1, ValueError), ('odd', KeyError)]:\n    try:\n        f(wrong)\n"
        "    except kind:\n        continue\n    raise AssertionError('nothing was raised')"
    )
    assert graded(session, answer, passes).outcome is Outcome.PASSED
    run = check(session, "f(-1)")
    assert run.outcome is Outcome.ERROR
    assert run.message == "ValueError: negative (line 5 in f: `raise ValueError('negative')`)"
    assert check(session, "f('exit')").outcome is Outcome.ERROR


def test_what_a_stub_raises_is_told_with_its_place(session: Session) -> None:
    """Whether it is the release's stub, `grade` knows."""
    run = graded(session, "def f(x):\n    raise NotImplementedError('exercise f')", "f(1)")
    assert run.outcome is Outcome.ERROR
    assert run.trace is not None
    assert run.trace.own
    assert run.trace.place == "line 2 in f: `raise NotImplementedError('exercise f')`"
    library = graded(session, "import numbers\ndef f(x): return numbers.Complex.__abs__(x)", "f(1)")
    assert library.trace is not None
    assert library.trace.kind == "NotImplementedError"
    assert not library.trace.own


@pytest.mark.parametrize(
    ("last", "outcome", "score"),
    [
        ("0.5", Outcome.PARTIAL, 0.5),
        ("2", Outcome.PASSED, 2),
        ("0", Outcome.FAILED, 0),
        ("__import__('numpy').float32(1.5)", Outcome.PARTIAL, 1.5),
        ("float('nan')", Outcome.ERROR, 0),
        ("-1", Outcome.ERROR, 0),
        ("2.01", Outcome.ERROR, 0),
        ("'2'", Outcome.PASSED, 2),
        ("True", Outcome.PASSED, 2),
        ("f", Outcome.PASSED, 2),
        ("None", Outcome.PASSED, 2),
        ("2.01;", Outcome.PASSED, 2),
    ],
)
def test_last_expression_is_the_partial_credit(
    session: Session, last: str, outcome: Outcome, score: float
) -> None:
    run = graded(session, "def f(x): return x", last)
    assert (run.outcome, run.score) == (outcome, score)


def test_warning_is_no_failure_and_the_words_are_kept(session: Session) -> None:
    answer = "import sys\ndef f(x):\n    print('careful', file=sys.stderr)\n    return x"
    run = graded(session, answer, "import sys\nprint('hm', file=sys.stderr)\nassert f(1) == 1")
    assert run.outcome is Outcome.PASSED


def test_check_that_deletes_or_replaces_a_name_does_so_for_the_answer(session: Session) -> None:
    session.answer("def g(x): return x + 1\ndef f(x): return g(x) * 2", "f")
    run = check(
        session,
        "kept = g\ndel g\ntry:\n    f(1)\nexcept NameError:\n    pass\nelse:\n"
        "    raise AssertionError('f does not use g')\nfinally:\n    g = kept\n"
        "calls = []\ng = lambda x: calls.append(x) or 10\n"
        "assert f(1) == 20 and calls == [1]\ng = kept\nassert f(1) == 4",
    )
    assert run.outcome is Outcome.PASSED, run.message


def test_every_session_draws_the_same_from_pythons_own_generator(engine: Engine) -> None:
    """Python seeds it anew in a fork; Keras takes the seeds of layers from it."""
    drawn = []
    for _ in range(2):
        with engine.session(NAMES) as session:
            session.answer("import random\ndef f(): return random.random()", "f")
            run = check(session, "import random\nprint(f(), random.random())")
            drawn.append(run.outputs[0]["text"].split())
    (answer, own), again = drawn
    assert [answer, own] == again
    assert answer == own == "0.8444218515250481"  # the first of seed 0


def test_seed_of_the_check_governs_the_draws_of_the_answer(session: Session) -> None:
    session.answer(
        "import random\nimport numpy as np\nimport torch\n"
        "def f(): return random.random(), np.random.rand(), torch.rand(1).item()",
        "f",
    )
    run = check(
        session,
        "import random\nimport numpy as np\nimport torch\n"
        "def seed():\n    random.seed(3)\n    np.random.seed(3)\n    torch.manual_seed(3)\n"
        "seed()\nwant = random.random(), np.random.rand(), torch.rand(1).item()\n"
        "seed()\nassert f() == want\nseed()\nassert f() == want",
    )
    assert run.outcome is Outcome.PASSED, run.message


@pytest.mark.parametrize(
    "make",
    [
        "import torch\nrng = torch.Generator().manual_seed(3)\ndraw = lambda g: torch.rand(9, generator=g).tolist()",
        "import numpy as np\nrng = np.random.default_rng(3)\ndraw = lambda g: g.random(9).tolist()",
        "import numpy as np\nrng = np.random.RandomState(3)\ndraw = lambda g: g.rand(9).tolist()",
        "import random\nrng = random.Random(3)\ndraw = lambda g: [g.random() for _ in range(9)]",
    ],
    ids=["torch", "Generator", "RandomState", "Random"],
)
def test_generator_moves_on_when_the_answer_draws_and_not_where_it_wants(
    session: Session, make: str
) -> None:
    session.setup(make, "setup")
    session.answer("def f(g): return draw(g)\ndef g(g): return None", "f")
    run = check(
        session,
        make + "\nfirst, second = f(rng), f(rng)\nassert not set(first) & set(second)\n"
        "before = draw(rng)\nassert not set(before) & set(first + second)",
    )
    assert run.outcome is Outcome.PASSED, run.message


def test_answer_may_call_what_the_check_gives_it_and_nothing_more(session: Session) -> None:
    session.answer(
        "def f(function, x): return function(x) + function(x + 1)\n"
        "def g(function):\n    try:\n        return function.__globals__['secret']\n"
        "    except Exception as error:\n        return type(error).__name__",
        "f",
    )
    run = check(
        session,
        "secret = 41\nassert f(lambda x: x * x, 2) == 13\n"
        "def loud(x): raise ValueError('no')\n"
        "try:\n    f(loud, 1)\nexcept ValueError as error:\n    assert 'no' in str(error)\n"
        "assert g(lambda x: secret) in ('KeyError', 'AttributeError')",
    )
    assert run.outcome is Outcome.PASSED, run.message


ZEROES = "def f(x):\n    x[:] = 0\n    return x.sum()"
DOUBLES_AND_COUNTS = "def f(x):\n    x *= 2\n    return len(x)"


def test_changing_the_argument_does_not_make_a_wrong_answer_right(session: Session) -> None:
    source = "import numpy as np\nx = np.arange(4.0)\ngot = f(x)\nassert got == x.sum(), 'sum'"
    run = graded(session, ZEROES, source)
    assert run.outcome is Outcome.DISPUTED
    assert run.score == 0


def test_changed_argument_does_not_go_unnoticed(session: Session) -> None:
    source = (
        "import numpy as np\nx = np.arange(4.0)\nassert f(x) == 4\n"
        "assert x[1] == 1, 'the array that came in was changed'"
    )
    run = graded(session, DOUBLES_AND_COUNTS, source)
    assert (run.outcome, run.message) == (Outcome.FAILED, "the array that came in was changed")
    honest = "import numpy as np\nassert f(np.arange(4.0)) == 4"
    assert check(session, honest).outcome is Outcome.PASSED


def test_check_that_wants_its_arguments_changed_sees_it(session: Session) -> None:
    source = "import numpy as np\nx = [np.ones(2)]\nf(x[0])\nassert x[0].sum() == 4"
    assert graded(session, DOUBLES_AND_COUNTS, source, in_place=True).outcome is Outcome.PASSED


def test_global_of_the_answer_that_a_call_changes_is_seen(session: Session) -> None:
    session.answer("data = []\ndef f(x): data.append(x)", "f")
    run = check(session, "assert data == []\nf(3)\nassert data == [3]")
    assert run.outcome is Outcome.PASSED, run.message


def test_names_of_the_check_and_of_setup_are_its_own(session: Session) -> None:
    session.setup("import numpy as np\nlimit = 3", "setup")
    session.answer(
        "import builtins\nlimit = 0\nnp = None\nbuiltins.abs = builtins.sum = lambda *a: 0\n"
        "def isinstance(*a): return True\ndef f(x): return 0",
        "f",
    )
    for source in (
        "assert limit == 3 and f(1) == 0",
        "assert np.abs(-1) == 1 and abs(-1) == 1 and sum([1, 2]) == 3",
        "assert not isinstance(1, str)",
    ):
        assert check(session, source).outcome is Outcome.PASSED, source


@pytest.mark.parametrize(
    ("answer", "outcome", "words"),
    [
        ("def f(x):\n    while x == 'now': pass\n    return x", Outcome.TIMEOUT, "4 s"),
        (
            "import os\ndef f(x):\n    if x == 'now': os._exit(0)\n    return x",
            Outcome.DIED,
            "Python ended",
        ),
        (
            "import ctypes\ndef f(x):\n    if x == 'now': ctypes.string_at(0)\n    return x",
            Outcome.DIED,
            "SIGSEGV",
        ),
        (
            "def f(x):\n    kept = []\n    while x == 'now': kept.append(bytearray(10**7))\n"
            "    return x",
            Outcome.MEMORY,
            "600 MB",
        ),
    ],
    ids=["loop", "exit", "segfault", "memory"],
)
def test_process_that_ends_costs_one_check_and_the_rest_is_still_marked(
    session: Session, answer: str, outcome: Outcome, words: str
) -> None:
    session.setup("base = 5", "setup")
    session.answer("def g(x): return x + base", "g")
    session.answer(answer, "f")
    assert check(session, "assert g(1) == 6\nassert f(2) == 2").outcome is Outcome.PASSED
    run = check(session, "try:\n    f('now')\nexcept:\n    pass")
    assert run.outcome is outcome
    assert run.score == 0
    assert words in run.message
    assert check(session, "assert g(1) == 6\nassert f(2) == 2").outcome is Outcome.PASSED


def test_answer_cell_that_ends_python_is_left_out_after_the_restart(session: Session) -> None:
    session.answer("def g(x): return x", "g")
    dead = session.answer("import os\nos._exit(1)", "own")
    assert dead.trouble == "end"
    session.answer("def f(x): return g(x)", "f")
    assert check(session, "assert f(1) == 1").outcome is Outcome.PASSED


def test_check_that_hangs_by_itself_is_stopped(session: Session) -> None:
    session.answer("def f(x): return x", "f")
    assert check(session, "while True:\n    pass").outcome is Outcome.TIMEOUT
    assert check(session, "assert f(1) == 1").outcome is Outcome.PASSED


def test_what_checks_defined_is_there_again_after_a_restart_on_which_a_cell_fails(
    session: Session,
) -> None:
    session.answer("def f(x): return x", "f")
    session.answer(f"import os, time\nif time.time() > {time.time() + 2}: os._exit(1)", "own")
    assert check(session, "_expected = 5\nassert f(5) == _expected").outcome is Outcome.PASSED
    assert check(session, "while True:\n    pass").outcome is Outcome.TIMEOUT  # both start again
    assert check(session, "x = 5\nassert f(x) == _expected").outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "said", [{}, {"kind": 3, "text": [], "lines": 5}, {"lines": [None, {}], "place": b"x"}]
)
def test_trace_that_makes_no_sense_is_one_all_the_same(said: dict[str, Any]) -> None:
    trace = trace_from(said)
    assert trace.kind == "Exception"
    assert all(isinstance(line, str) for line in trace.lines)


def test_outputs_are_kept_in_order_as_nbformat_knows_them(session: Session) -> None:
    run = session.answer(
        "import os, sys\nprint('one')\nprint('two', file=sys.stderr)\nprint('three')\n"
        "from IPython.display import HTML, display\ndisplay(HTML('<b>four</b>'))\n"
        "os.system('echo five')\n[6]",
        "own",
    )
    kinds = [(o["output_type"], o.get("name"), o.get("text")) for o in run.outputs]
    assert kinds == [
        ("stream", "stdout", "one\n"),
        ("stream", "stderr", "two\n"),
        ("stream", "stdout", "three\n"),
        ("display_data", None, None),
        ("execute_result", None, None),
        ("stream", "stdout", "five\n"),
    ]
    assert run.outputs[3]["data"]["text/html"] == "<b>four</b>"
    assert run.outputs[4]["data"]["text/plain"] == "[6]"


def test_figure_is_shown_without_asking(session: Session) -> None:
    run = session.answer(
        "import matplotlib.pyplot as plt\nplt.figure(figsize=(1, 1)), plt.plot([1, 2]);", "own"
    )
    assert [o["output_type"] for o in run.outputs] == ["display_data"]
    assert run.outputs[0]["data"]["image/png"].startswith("iVBOR")


def test_output_is_cut_while_it_runs(session: Session) -> None:
    run = session.answer("for _ in range(10**5): print('x' * 100)", "own")
    assert sum(len(o["text"]) for o in run.outputs) < 12_000
    assert "too long to keep" in run.outputs[-1]["text"]


def test_traceback_shows_the_students_lines_only(session: Session) -> None:
    run = session.answer("import json\ndef f(x):\n    return json.loads(x)\nf('{')", "f")
    assert run.trace is not None
    text = "\n".join(run.trace.lines)
    assert "return json.loads(x)" in text
    assert "site-packages" not in text
    assert "json/decoder" not in text


def test_data_of_the_course_lies_beside_the_notebook_and_cannot_be_changed(
    session: Session,
) -> None:
    answer = "def f(): return open('numbers.csv').read()\ndef g(): open('numbers.csv', 'w')"
    assert graded(session, answer, "assert f() == '1,2\\n'").outcome is Outcome.PASSED
    assert check(session, "g()").outcome is Outcome.ERROR


def test_files_of_the_course_that_are_not_named_are_not_there(session: Session) -> None:
    answer = "import glob\ndef f(): return sorted(glob.glob('*') + glob.glob('/course/*'))"
    source = "got = f()\nassert got == ['/course/numbers.csv', 'numbers.csv'], got"
    run = graded(session, answer, source)
    assert run.outcome is Outcome.PASSED, run.message


def test_files_of_the_student_are_there_and_do_not_hide_those_of_the_course(
    engine: Engine,
) -> None:
    files = {"mine.py": b"value = 7\n", "numbers.csv": b"forged"}
    with engine.session(NAMES, CLASSES, files=files) as session:
        session.answer("import mine\ndef f(): return mine.value, open('numbers.csv').read()", "f")
        assert check(session, "assert f() == (7, '1,2\\n')").outcome is Outcome.PASSED


def test_nothing_is_left_running_when_a_session_is_closed(engine: Engine) -> None:
    def daemons() -> list[psutil.Process]:
        return [p for p in psutil.process_iter() if "sleep-on-and-on" in _words_of(p)]

    with engine.session(NAMES, CLASSES) as session:
        session.answer(
            "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', "
            "'import os, time; os.fork() and os._exit(0); time.sleep(600)', 'sleep-on-and-on'], "
            "start_new_session=True).wait()",
            "own",
        )
        assert daemons()
    until = time.monotonic() + 20
    while daemons() and time.monotonic() < until:
        time.sleep(0.05)
    assert daemons() == []


def _words_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


TRAINING = """
import torch

def f(seed):
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(),
                              torch.nn.Linear(4 * 36, 10))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    images = torch.rand(64, 1, 8, 8, generator=generator)
    labels = torch.randint(10, (64,), generator=generator)
    for _ in range(20):
        loss = torch.nn.functional.cross_entropy(net(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return [parameter.detach().clone() for parameter in net.parameters()]
"""


def test_torch_training_in_the_jail_is_bit_identical_to_outside(session: Session) -> None:
    session.answer(TRAINING, "f")
    source = (
        TRAINING.replace("def f(", "def outside(")
        + "\ngot, want = f(5), outside(5)\n"
        + "assert all(torch.equal(a, b) for a, b in zip(got, want)), 'other weights'\n"
        + "import hashlib\nprint(hashlib.sha256(b''.join(w.numpy().tobytes() for w in got))"
        + ".hexdigest())"
    )
    run = check(session, source)
    assert run.outcome is Outcome.PASSED, run.message
    names: dict[str, Any] = {}
    exec(TRAINING, names)
    import hashlib

    weights = b"".join(weight.numpy().tobytes() for weight in names["f"](5))
    assert run.outputs[0]["text"].strip() == hashlib.sha256(weights).hexdigest()


KERAS = """
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
def f(seed):
    tf.keras.utils.set_random_seed(seed)
    net = tf.keras.Sequential([tf.keras.layers.Input((6,)), tf.keras.layers.Dense(8, "relu"),
                               tf.keras.layers.Dense(1)])
    net.compile("adam", "mse")
    x = np.random.default_rng(seed).normal(size=(64, 6)).astype("float32")
    net.fit(x, x[:, :1], epochs=3, batch_size=16, verbose=0)
    return [weight.tobytes() for weight in net.get_weights()]
"""


def test_tensorflow_training_in_the_jail_is_bit_identical_to_outside() -> None:
    import subprocess
    import sys

    outside = subprocess.run(
        [sys.executable, "-c", KERAS + "import hashlib\n"
         "print(hashlib.sha256(b''.join(f(5))).hexdigest())"],
        capture_output=True, text=True, check=True,
    ).stdout.split()[-1]  # fmt: skip
    with (
        Engine.start(("tensorflow", "keras"), limits=Limits(cell_seconds=120)) as engine,
        engine.session(NAMES, CLASSES) as session,
    ):
        session.answer(KERAS, "f")
        run = check(session, "import hashlib\nprint(hashlib.sha256(b''.join(f(5))).hexdigest())")
        assert run.outcome is Outcome.PASSED, run.message
        assert run.outputs[0]["text"].strip() == outside


def test_without_a_jail_the_same_engine_works(tmp_path: Path) -> None:
    with (
        Engine.start(("numpy",), None, LIMITS, jail=False) as engine,
        engine.session(NAMES, CLASSES) as session,
    ):
        assert not engine.jail
        answer = "def f(x):\n    while x == 'now': pass\n    return x"
        assert graded(session, answer, "assert f(1) == 1").outcome is Outcome.PASSED
        assert check(session, "f('now')").outcome is Outcome.TIMEOUT
        assert check(session, "assert f(1) == 1").outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "answer",
    ["def f(): return 1", "open('statistics.py', 'w').write('made = 1')\ndef f(): return 1"],
)
def test_without_a_jail_the_examiner_sees_no_file_of_the_students(answer: str) -> None:
    """It would import it, or read it in place of the course's."""
    theirs = {"statistics.py": b"made = 1", "numbers.csv": b"9,9"}
    with (
        Engine.start(("numpy",), None, LIMITS, jail=False) as engine,
        engine.session(NAMES, CLASSES, files=theirs) as session,
    ):
        run = graded(
            session,
            answer,
            "import os, statistics\nassert f() == 1 and statistics.mean([1, 3]) == 2\n"
            "assert not os.path.exists('numbers.csv')",
        )
    assert (run.outcome, run.message) == (Outcome.PASSED, "")


@pytest.mark.parametrize("name", LONG_MESSAGES)
def test_message_to_the_worker_that_is_too_long_ends_the_answer(
    session: Session, name: str
) -> None:
    run = session.answer(LONG_MESSAGES[name], "f")
    assert (run.trouble, run.message) == ("output", "stopped: it sent more output than it may")
    assert session.answer("1", "f").trouble == ""
