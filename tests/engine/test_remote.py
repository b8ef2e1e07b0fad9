"""Objects that stay in the student's process: what a check can do with them, and what they cannot claim."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from autograder.assignment.outcome import Outcome
from autograder.engine.engine import Engine, Session
from autograder.engine.limits import Limits
from autograder.engine.session import CheckRun

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]
NAMES = frozenset({"f", "g", "A", "B", "V", "Err", "x", "y"})
CLASSES = frozenset({"A", "B", "V", "Err"})


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.start(("numpy", "pandas", "PIL.Image"), None, Limits(cell_seconds=10)) as engine:
        yield engine


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with engine.session(NAMES, CLASSES) as session:
        yield session


def graded(session: Session, answer: str, source: str, **options: Any) -> CheckRun:
    session.answer(answer, "f")
    return session.check(source, "check", 1, **{"hidden": False, "in_place": False} | options)


WORKS = {
    "values_below_built_in_types": (
        "from enum import Enum, IntEnum, StrEnum\nfrom collections import OrderedDict, UserList\n"
        "class B(str): pass\nclass V(list): pass\n"
        "class Color(StrEnum):\n    RED = 'red'\nclass Size(IntEnum):\n    BIG = 3\n"
        "class Old(str, Enum):\n    ON = 'on'\nclass Half(float): pass\n"
        "class Table(dict): pass\nclass Pair(tuple):\n    def flip(self): return self[::-1]\n"
        "def f(kind):\n    return {'str': Color.RED, 'int': Size.BIG, 'old': Old.ON, 'list': V([1, B('a')]),\n"
        "      'float': Half(0.5), 'dict': Table(a=1), 'tuple': Pair((1, 2)), 'set': frozenset([1])}[kind]",
        "import math\nassert f('str') == 'red' and 'red' == f('str') and f('str') != 'blue'\n"
        "assert f('int') == 3 and f('int') > 2 and [0, 1, 2, 5][f('int')] == 5 and f('int') == 3.0\n"
        "assert f('old') == 'on' and f('old') in ('on', 'off') and {'on': 1}[f('old')] == 1\n"
        "assert f('list') == [1, 'a'] and f('list') != [1] and f('list') != (1, 'a')\n"
        "assert f('float') == 0.5 and math.isclose(f('float'), 0.5) and f('dict') == {'a': 1}\n"
        "assert f('tuple') == (1, 2) and f('set') == {1}",
    ),
    "order_and_places_of_plain_values": (
        "from enum import IntEnum\nfrom typing import NamedTuple\nclass Size(IntEnum):\n    S = 1\n    L = 3\n"
        "class Word(str): pass\nclass Pair(NamedTuple):\n    a: int\n    b: int\n    def total(self): return self.a + self.b\n"
        "class Deck:\n    def __getitem__(self, i): return ['x', 'y'][i]\n"
        "def f(kind):\n    return {'S': Size.S, 'L': Size.L, 'w': Word('b'), 'v': Word('b'), 'pair': Pair(1, 2), 'deck': Deck()}[kind]",
        "assert f('L') > 2.5 and 2.5 < f('L') and f('S') < f('L') and sorted([f('L'), f('S')]) == [1, 3]\n"
        "assert f('w') == f('v') and f('w') > 'a' and len({f('w'), 'b'}) == 1\n"
        "assert f('pair') == (1, 2) and f('pair') in {(1, 2)} and f('pair').total() == 3\n"
        "assert 'y' in f('deck') and 'z' not in f('deck')",
    ),
    "a_checks_own_iterator_ends_in_the_answer": (
        "def f(give):\n    got = []\n    while True:\n        try:\n            got.append(give())\n"
        "        except StopIteration:\n            return got",
        "it = iter([1, 2])\nassert f(lambda: next(it)) == [1, 2]",
    ),
    "group_of_exceptions": (
        "class Err(ExceptionGroup): pass\ndef f(): raise Err('two', [ValueError(1), TypeError(2)])",
        "try:\n    f()\nexcept Exception as e:\n    assert 'two' in str(e)\nelse:\n    assert False",
    ),
    "what_numpy_makes_an_array_of": (
        "import array\nimport pandas as pd\nimport numpy as np\n"
        "class V:\n    def __array__(self, dtype=None, copy=None): return np.arange(3)\n"
        "def f(): return array.array('d', [1, 2])\n"
        "def g(): return pd.Series(['b', 'a', 'b'], dtype='category').cat.codes.array",
        "import numpy as np\nassert np.allclose(f(), [1, 2]) and not np.allclose(f(), [1, 3])\n"
        "assert np.array_equal(np.asarray(V()), [0, 1, 2]) and np.allclose(g(), [1, 0, 1])",
    ),
    "class_of_a_class": (
        "class A: pass\nclass B(A): pass\nx = B()",
        "assert issubclass(B, A) and not issubclass(A, B) and isinstance(x, A)\n"
        "assert B.__name__ == 'B' and B.__bases__ == (A,) and B.__base__ is A",
    ),
    "library_base": (
        "import numpy as np\nimport threading\nclass A(threading.Thread): pass\nx = A()",
        "import threading\nassert isinstance(x, threading.Thread) and issubclass(A, threading.Thread)",
    ),
    "property_and_method": (
        "class A:\n    @property\n    def p(self): return 1\n    def m(self, a, b=2): return a",
        "import inspect\nassert isinstance(A.p, property) and inspect.isfunction(A.m)\n"
        "assert inspect.ismethod(A().m)\nassert list(inspect.signature(A.m).parameters) == ['self', 'a', 'b']\n"
        "assert list(inspect.signature(A().m).parameters) == ['a', 'b']",
    ),
    "exceptions": (
        "class Err(ValueError):\n    def __init__(self, n):\n        super().__init__(f'{n} too big')\n"
        "        self.n = n\nclass Deeper(Err): pass\ndef f(n): raise Deeper(n)",
        "try:\n    f(7)\nexcept Err as e:\n    assert e.n == 7 and str(e) == '7 too big' and isinstance(e, ValueError)\n"
        "else:\n    assert False\n"
        "try:\n    raise Err(3)\nexcept ValueError as e:\n    assert e.n == 3 and str(e) == '3 too big'\n"
        "import unittest\nwith unittest.TestCase().assertRaisesRegex(Err, 'too big'):\n    f(1)\n"
        "assert issubclass(Err, ValueError) and Err.__mro__[1] is ValueError",
    ),
    "exception_with_arguments_of_its_own": (
        "import json\ndef f(text): return json.loads(text)\ndef g(data): return data.decode('ascii')",
        "import json\ntry:\n    f('{')\nexcept json.JSONDecodeError as e:\n"
        "    assert 'line 1 column 2' in str(e) and isinstance(e, ValueError)\nelse:\n    assert False\n"
        "try:\n    g(b'\\xff')\nexcept UnicodeDecodeError:\n    pass\nelse:\n    assert False",
    ),
    "library_exception": (
        "import json\ndef f(s): return json.loads(s)",
        "import json\ntry:\n    f('{')\nexcept ValueError:\n    pass\nelse:\n    assert False",
    ),
    "suppresses": (
        "class A:\n    def __enter__(self): return 5\n    def __exit__(self, kind, *a): return kind is KeyError",
        "with A() as n:\n    assert n == 5\n    raise KeyError(1)",
    ),
    "contextmanager": (
        "from contextlib import contextmanager\n@contextmanager\ndef f(n):\n    yield n + 1",
        "with f(1) as n:\n    assert n == 2",
    ),
    "awaits": (
        "async def f(x): return x + 1\nasync def g():\n    for n in range(2): yield n",
        "import asyncio, inspect\nassert asyncio.iscoroutinefunction(f) and await f(1) == 2\n"
        "assert inspect.isasyncgenfunction(g)",
    ),
    "asyncio_run": (
        "async def f(x): return x + 1",
        "import asyncio\nassert asyncio.run(f(1)) == 2",
    ),
    "values_of_operators": (
        "class V:\n    def __init__(self, x): self.x = x\n    def __abs__(self): return self.x\n"
        "    def __mul__(self, o): return self.x * o.x\n    def __hash__(self): return hash(self.x)\n"
        "    def __eq__(self, o): return self.x == o.x\n    def __contains__(self, n): return n == self.x",
        "assert abs(V(3)) == 3 and V(2) * V(3) == 6 and len({V(1), V(1), V(2)}) == 2\n"
        "assert 3 in V(3) and 4 not in V(3) and V(1) in [V(1)]",
    ),
    "threads": (
        "class A:\n    def __init__(self): self.n = 0\n    def add(self, k):\n        self.n += k\n        return k",
        "import threading\na = A()\ngot = []\n"
        "def work(k):\n    for _ in range(50): got.append(a.add(k) == k)\n"
        "ts = [threading.Thread(target=work, args=(k,)) for k in (1, 2, 3, 4)]\n"
        "[t.start() for t in ts]; [t.join() for t in ts]\nassert a.n == 500 and all(got) and len(got) == 200",
    ),
    "below_in_check": (
        "class A:\n    def __init__(self, n): self.n = n\n    def total(self): return self.n + self.more(1)",
        "class Mine(A):\n    extra = 40\n    def more(self, k): return self.extra + k\n"
        "m = Mine(1)\nassert m.total() == 42 and isinstance(m, A) and issubclass(Mine, A)",
    ),
    "attributes": (
        "class A:\n    def __init__(self): self._x = 1",
        "a = A()\nassert a._x == 1 and vars(a) == {'_x': 1} and '_x' in dir(a)\n"
        "a._x = 3\nassert a._x == 3\ndel a._x\nassert not hasattr(a, '_x')",
    ),
    "hints": (
        "def f(a: int, b: 'str' = 'x', *c, d=3) -> float:\n    '''Words.'''\n    return 1.0",
        "from typing import get_type_hints\nimport inspect\nassert get_type_hints(f)['return'] is float\n"
        "assert f.__doc__ == 'Words.' and f.__defaults__ == ('x',) and inspect.getdoc(f) == 'Words.'\n"
        "s = inspect.signature(f)\nassert s.parameters['d'].default == 3 and s.return_annotation is float\n"
        "assert 'return 1.0' in inspect.getsource(f) and f.__code__.co_varnames[:2] == ('a', 'b')",
    ),
    "named_tuple": (
        "from collections import namedtuple\nA = namedtuple('A', 'p q')\nx = A(1, 2)",
        "assert x.p == 1 and x == (1, 2) and isinstance(x, tuple) and isinstance(x, A) and A(3, 4).q == 4",
    ),
    "standard_input": (
        "def f(): return input() + input()",
        "import io\nfrom unittest.mock import patch\nwith patch('sys.stdin', io.StringIO('a\\nb\\nc\\n')):\n"
        "    assert f() == 'ab'\n    assert input() == 'c'",
    ),
    "print_mocked": (
        "def f(): print('hello')",
        "from unittest.mock import patch\nwith patch('builtins.print') as p:\n    f()\n"
        "p.assert_called_once_with('hello')",
    ),
    "main_patched": (
        "def g(): return 4\ndef f(): return g() + g()",
        "from unittest import mock\nwith mock.patch('__main__.g', return_value=1) as m:\n    assert f() == 2\n"
        "assert m.call_count == 2 and f() == 8",
    ),
    "same_object": ("x = [1]\ny = x", "assert x is y and id(x) == id(y)\nx.append(2)\nassert y == [1, 2]"),
    "image": (
        "from PIL import Image\ndef f(im): return im.resize((4, 2))",
        "from PIL import Image\nout = f(Image.new('RGB', (2, 2), 'red'))\n"
        "assert isinstance(out, Image.Image) and out.size == (4, 2) and out.getpixel((0, 0)) == (255, 0, 0)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WORKS)
def test_check_can(session: Session, name: str) -> None:
    run = graded(session, *WORKS[name])
    assert run.outcome is Outcome.PASSED, run.message


LIES = {
    "mock_of_a_number": (
        "from unittest.mock import Mock\ndef f(): return Mock(spec=int)",
        "assert f() == 3",
    ),
    "table_that_reads_otherwise": (
        "class A(dict):\n    def __iter__(self): return iter(['a'])\n    def __getitem__(self, k): return 2\n"
        "    def keys(self): return ['a']\ndef f(): return A(a=1)",
        "assert f() == {'a': 2}",
    ),
    "text_that_equals_all": (
        "class A(str):\n    def __eq__(self, o): return True\n    def __hash__(self): return hash('y')\n"
        "    def __str__(self): return 'y'\ndef f(): return A('x')",
        "assert f() == 'y' or f() in ('y',) or 'y' in [f()] or {'y': 1}.get(f())",
    ),
    "number_that_is_any": (
        "class A(int):\n    def __eq__(self, o): return True\n    def __int__(self): return 7\n"
        "    def __index__(self): return 7\n    def __gt__(self, o): return True\n"
        "    def __float__(self): return 7.0\ndef f(): return A(3)",
        "assert f() == 7 or f() > 6 or int(f()) == 7 or float(f()) == 7 or range(9)[f()] == 7",
    ),
    "table_that_has_all": (
        "class A(dict):\n    def __eq__(self, o): return True\n    def copy(self): return {'a': 2}\n"
        "def f(): return A(a=1)",
        "assert f() == {'a': 2}",
    ),
    "array_of_objects": (
        "class B:\n    def __eq__(self, o): return True\nclass A:\n"
        "    def __array__(self, dtype=None, copy=None):\n"
        "        import numpy as np\n        return np.array([B(), B()])\ndef f(): return A()",
        "import numpy as np\nassert np.array_equal(f(), [1, 2])",
    ),
    "claims_an_array": (
        "import numpy as np\nclass A(np.ndarray):\n    def __eq__(self, o): return True\n"
        "def f(): return np.zeros(2).view(A)",
        "import numpy as np\nassert isinstance(f(), np.ndarray)",
    ),
    "claims_a_table": (
        "import pandas as pd\nclass A(pd.DataFrame):\n    def equals(self, o): return True\n"
        "def f(): return A({'a': [1]})",
        "import pandas as pd\npd.testing.assert_frame_equal(f(), pd.DataFrame({'a': [2]}), check_frame_type=False)",
    ),
    "claims_a_number": (
        "class A(float):\n    def __eq__(self, o): return True\n    def __sub__(self, o): return 0.0\n"
        "def f(): return A(3)",
        "assert abs(f() - 4) < 1e-9",
    ),
    "private_method_for_a_library": (
        "class A:\n    def _asdict(self): return {'a': 1}\n    def __getattr__(self, name): return lambda *a, **k: True\n"
        "def f(): return A()",
        "import pandas as pd\nassert pd.Series([1]).equals(f())",
    ),
    "class_that_lies_about_its_module": (
        "class A:\n    def all(self): return True\n    def __eq__(self, o): return self\n"
        "A.__module__, A.__qualname__ = 'numpy', 'ndarray'\ndef f(): return A()",
        "import numpy as np\nassert isinstance(f(), np.ndarray)",
    ),
    "class_that_lies_about_a_table": (
        "class A:\n    def __getattr__(self, name): return lambda *a, **k: True\n"
        "A.__module__, A.__qualname__ = 'pandas', 'DataFrame'\ndef f(): return A()",
        "import pandas as pd\nassert isinstance(f(), pd.DataFrame)",
    ),
    "exception_as_an_assertion_that_holds": (
        "class Err(AssertionError): pass\ndef f(): raise Err('x')",
        "f()",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_object_cannot(session: Session, name: str) -> None:
    run = graded(session, *LIES[name])
    assert run.score == 0
    assert run.outcome in (Outcome.FAILED, Outcome.ERROR)


def test_libraries_ask_remotes_for_no_private_attribute(session: Session) -> None:
    answer = (
        "seen = []\nclass A:\n    def __getattr__(self, name):\n        seen.append(name)\n"
        "        return lambda *a, **k: seen.append(a)\ndef f(): return A()\ndef g(): return seen"
    )
    run = graded(
        session, answer,
        "import pandas as pd, numpy as np\nfor act in (pd.Series([41]).equals, np.asarray, repr, len):\n"
        "    try:\n        act(f())\n    except Exception:\n        pass\n"
        "assert not [n for n in g() if type(n) is tuple], g()",
    )  # fmt: skip
    assert run.outcome is Outcome.PASSED, run.message


def test_module_beside_the_notebook_comes_before_an_installed_one(engine: Engine) -> None:
    files = {"sqlite_utils.py": b"", "pandas.py": b"mine = 41\n"}
    with engine.session(NAMES, CLASSES, "", files) as session:
        run = graded(session, "import pandas\ndef f(): return pandas.mine", "assert f() == 41")
    assert run.outcome is Outcome.PASSED, run.message


def test_no_stand_in_passes_for_a_table_before_one_has_travelled() -> None:
    program = (
        "import numpy, pandas\nimport autograder.engine.wire\n"
        "from autograder.engine.claims import found_class\n"
        "assert found_class([('pandas', 'DataFrame')]) is None"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
