"""The honest students of the hostile class: each with a story, and what the answers deserve."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hostile.assignment import ANSWERS, CHECKS, FULL

ALL = frozenset(ANSWERS)


@dataclass(frozen=True)
class Honest:
    """A student.

    right:   grade_ids of answers that are the reference
    answers: source by grade_id where it is neither stub nor reference
    own:     the student's own cells, after the setup
    loses:   the outcome of each check that does not earn everything
    """

    story: str
    right: frozenset[str] = ALL
    answers: Mapping[str, str] = field(default_factory=dict)
    own: tuple[str, ...] = ()
    loses: Mapping[str, str] = field(default_factory=dict)
    score: float = FULL


def _lost(outcome: str, *answers: str) -> dict[str, str]:
    return {check.grade_id: outcome for check in CHECKS if check.answer in answers}


def _edit(name: str, before: str, after: str) -> dict[str, str]:
    assert before in ANSWERS[name]
    return {name: ANSWERS[name].replace(before, after)}


_HALF = ("standardize", "softmax", "count_words", "RunningMean")
_LAST = ("train_line", "random_mask", "derivative", "load_readings")
HONEST = (
    Honest("full"),
    Honest("half", frozenset(_HALF), loses=_lost("unanswered", *_LAST), score=17),
    Honest(
        "stub",
        frozenset(),
        loses=_lost("unanswered", *ALL),
        score=0,
    ),
    Honest(
        "misconception",
        answers=_edit("standardize", "x.std(axis=0)", "x.std(axis=0, ddof=1)"),
        loses=_lost("failed", "standardize"),
        score=FULL - 4,
    ),
    Honest(
        "partial",
        answers=_edit("count_words", ".lower()", ""),
        loses={"count_words-partial": "partial"},
        score=FULL - 1,
    ),
    Honest(
        "slow",
        answers=_edit("train_line", "    history = []", "    history = []\n    time.sleep(1)"),
        own=("import time",),
    ),
    Honest(
        "talkative",
        answers=_edit(
            "derivative", "    return", "    for n in range(500):\n        print(n, x)\n    return"
        ),
        own=("for n in range(1000):\n    print('line', n)",),
    ),
    Honest(
        "warns",
        answers=_edit(
            "softmax",
            "    e =",
            "    warnings.warn('large')\n    print('warned', file=sys.stderr)\n    e =",
        ),
        own=("import sys\nimport warnings\n\nnp.array([1.0]) / 0",),
    ),
    Honest(
        "syntax_error",
        answers=_edit("count_words", "counts = {}", "counts = {"),
        loses=_lost("error", "count_words"),
        score=FULL - 4,
    ),
    Honest(
        "own_error",
        own=("undefined_name", "assert 1 == 2, 'an experiment'"),
    ),
    Honest(
        "loops_forever",
        answers={"derivative": "def derivative(f, x):\n    while True:\n        x = f(x) * 0\n"},
        loses={"derivative-cubic": "timeout"},
        score=FULL - 2,
    ),
    Honest(
        "memory",
        answers={
            "count_words": "def count_words(text):\n    kept = []\n    while True:\n"
            "        kept.append(np.ones(1 << 23))\n"
        },
        loses={"count_words-partial": "out of memory"},
        score=FULL - 4,
    ),
    Honest(
        "segfault",
        answers={
            "count_words": "import ctypes\n\n\ndef count_words(text):\n"
            "    return ctypes.string_at(0)\n"
        },
        loses={"count_words-partial": "died"},
        score=FULL - 4,
    ),
    Honest(
        "plots",
        own=(
            "import matplotlib.pyplot as plt\n\nplt.plot(readings[:, 0], readings[:, 1])\nplt.show()",
            "from IPython.display import HTML, display\n\ndisplay(HTML('<b>volts</b>'))\nreadings[:2]",
        ),
    ),
    Honest(
        "saves_files",
        answers=_edit(
            "train_line",
            "    return history, predict",
            '    torch.save({"slope": float(slope)}, "line.pt")\n'
            '    assert torch.load("line.pt")["slope"] == slope\n    return history, predict',
        ),
        own=(
            "import tempfile\nfrom pathlib import Path\n\n"
            "with tempfile.TemporaryDirectory() as folder:\n"
            "    Path(folder, 'a.txt').write_text('a')\nPath.home().joinpath('b.txt').write_text('b')",
        ),
    ),
    Honest(
        "threads_and_children",
        answers=_edit(
            "count_words",
            "    counts = {}",
            "    with ThreadPoolExecutor(4) as pool:\n"
            "        assert list(pool.map(len, ['a', 'bb'])) == [1, 2]\n"
            "    assert subprocess.run(['true']).returncode == 0\n"
            "    loader = torch.utils.data.DataLoader(list(range(8)), batch_size=2, num_workers=1)\n"
            "    assert sum(int(batch.sum()) for batch in loader) == 28\n    counts = {}",
        ),
        own=("import subprocess\nfrom concurrent.futures import ThreadPoolExecutor",),
    ),
    Honest(
        "own_helpers",
        answers={
            "softmax": "def softmax(logits):\n    return stable(logits)\n",
            "count_words": "from collections import Counter\n\n\ndef count_words(text):\n"
            "    return dict(Counter(text.lower().split()))\n",
            "derivative": "def derivative(f, x):\n    return float(np.gradient("
            "[f(x - 1e-5), f(x), f(x + 1e-5)], 1e-5)[1])\n",
        },
        own=("def stable(z):\n    return torch.softmax(z, dim=1)",),
    ),
)
