"""Answers and checks after reports of bugs: of right answers that lost points, and of wrong ones.

RIGHT: name -> (answer, check); each earns its points in a kernel, but for PARTIAL. CAUGHT: name ->
(answer, check, wrong answer); in a kernel the wrong answer earns nothing.
"""

RIGHT = {
    "gen": (
        "def gen(n):\n    for i in range(n):\n        yield i * i",
        "assert list(gen(4)) == [0, 1, 4, 9]",
    ),
    "gen_type": (
        "def gen2(n):\n    yield from range(n)",
        "import types\nassert isinstance(gen2(3), types.GeneratorType)",
    ),
    "gen_send": (
        "def averager():\n    total = n = 0\n    avg = None\n    while True:\n        x = yield avg\n        total += x; n += 1; avg = total / n",
        "a = averager()\nnext(a)\nassert a.send(4) == 4\nassert a.send(6) == 5\na.close()",
    ),
    "asyncf": (
        "import asyncio\nasync def double(x):\n    await asyncio.sleep(0)\n    return 2 * x",
        "assert await double(4) == 8",
    ),
    "asyncrun": (
        "async def double2(x):\n    return 2 * x",
        "import asyncio\nassert asyncio.run(double2(4)) == 8",
    ),
    "ctx": (
        "from contextlib import contextmanager\n@contextmanager\ndef tag(log, name):\n    log.append('<' + name)\n    yield name\n    log.append(name + '>')",
        "log = []\nwith tag(log, 'b') as n:\n    log.append('x')\nassert n == 'b' and log == ['<b', 'x', 'b>'], log",
    ),
    "ctxclass": (
        "class Timer:\n    def __enter__(self):\n        self.on = True\n        return self\n    def __exit__(self, *a):\n        self.on = False\n        return False",
        "with Timer() as t:\n    assert t.on\nassert not t.on",
    ),
    "decorator": (
        "def twice(f):\n    def g(*a):\n        f(*a)\n        return f(*a)\n    return g",
        "calls = []\n@twice\ndef hit(x):\n    calls.append(x)\n    return len(calls)\nassert hit(3) == 2 and calls == [3, 3]",
    ),
    "memo": (
        "def memoize(f):\n    known = {}\n    def g(n):\n        if n not in known: known[n] = f(n)\n        return known[n]\n    return g",
        "count = 0\ndef slow(n):\n    global count\n    count += 1\n    return n + 1\nfast = memoize(slow)\nfast(1); fast(1)\nassert count == 1 and fast(1) == 2",
    ),
    "dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n    y: int = 0",
        "assert P(1) == P(1, 0)\nassert P(1).y == 0\nassert repr(P(1, 2)) == 'P(x=1, y=2)'",
    ),
    "dataclass_fields": (
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Q:\n    x: int",
        "import dataclasses\nassert [f.name for f in dataclasses.fields(Q)] == ['x']\ntry:\n    Q(1).x = 2\nexcept dataclasses.FrozenInstanceError:\n    pass\nelse:\n    raise AssertionError('not frozen')",
    ),
    "namedtuple": (
        "from collections import namedtuple\nPt = namedtuple('Pt', 'x y')\ndef origin():\n    return Pt(0, 0)",
        "assert origin() == (0, 0)\nassert origin().x == 0",
    ),
    "enum": (
        "from enum import Enum\nclass Color(Enum):\n    RED = 1\n    BLUE = 2",
        "assert Color.RED.value == 1\nassert Color(2) is Color.BLUE\nassert len(Color) == 2\nassert [c.name for c in Color] == ['RED', 'BLUE']",
    ),
    "exception": (
        "class TooSmall(ValueError):\n    pass\ndef need(n):\n    if n < 3: raise TooSmall(f'{n} is too small')\n    return n",
        "try:\n    need(1)\nexcept TooSmall as e:\n    assert 'too small' in str(e)\nelse:\n    raise AssertionError('no error')",
    ),
    "exception_sub": (
        "class TooBig(Exception):\n    def __init__(self, n):\n        super().__init__(f'{n} too big')\n        self.n = n\ndef cap(n):\n    if n > 3: raise TooBig(n)\n    return n",
        "assert issubclass(TooBig, Exception)\ntry:\n    cap(7)\nexcept TooBig as e:\n    assert e.n == 7",
    ),
    "pytest_raises": (
        "def inv(x):\n    if x == 0: raise ZeroDivisionError('no inverse of 0')\n    return 1 / x",
        "import unittest\ntc = unittest.TestCase()\nwith tc.assertRaises(ZeroDivisionError):\n    inv(0)\nwith tc.assertRaisesRegex(ZeroDivisionError, 'inverse'):\n    inv(0)",
    ),
    "inherit": (
        "class Shape:\n    def area(self): raise NotImplementedError\n    def describe(self): return f'area {self.area()}'\nclass Sq(Shape):\n    def __init__(self, a): self.a = a\n    def area(self): return self.a ** 2",
        "assert issubclass(Sq, Shape)\nassert isinstance(Sq(2), Shape)\nassert Sq(3).describe() == 'area 9'",
    ),
    "subclass_in_check": (
        "class Base:\n    def run(self): return self.step() + 1\n    def step(self): return 0",
        "class Mine(Base):\n    def step(self): return 41\nassert Mine().run() == 42",
    ),
    "abc": (
        "from abc import ABC, abstractmethod\nclass Animal(ABC):\n    @abstractmethod\n    def say(self): ...",
        "try:\n    Animal()\nexcept TypeError:\n    pass\nelse:\n    raise AssertionError('abstract')",
    ),
    "property": (
        "class Temp:\n    def __init__(self, c): self.c = c\n    @property\n    def f(self): return self.c * 9 / 5 + 32\n    @f.setter\n    def f(self, v): self.c = (v - 32) * 5 / 9",
        "t = Temp(100)\nassert t.f == 212\nt.f = 32\nassert t.c == 0\nassert isinstance(Temp.f, property)",
    ),
    "static": (
        "class K:\n    n = 0\n    @classmethod\n    def make(cls): cls.n += 1; return cls()\n    @staticmethod\n    def two(): return 2",
        "K.make(); K.make()\nassert K.n == 2 and K.two() == 2",
    ),
    "operators": (
        "class V:\n    def __init__(self, x, y): self.x, self.y = x, y\n    def __add__(self, o): return V(self.x + o.x, self.y + o.y)\n    def __eq__(self, o): return (self.x, self.y) == (o.x, o.y)\n    def __mul__(self, k): return V(self.x * k, self.y * k)\n    __rmul__ = __mul__\n    def __neg__(self): return V(-self.x, -self.y)\n    def __abs__(self): return (self.x ** 2 + self.y ** 2) ** .5\n    def __bool__(self): return bool(self.x or self.y)\n    def __hash__(self): return hash((self.x, self.y))\n    def __lt__(self, o): return abs(self) < abs(o)",
        "assert V(1, 2) + V(3, 4) == V(4, 6)\nassert 2 * V(1, 2) == V(2, 4) == V(1, 2) * 2\nassert abs(V(3, 4)) == 5 and -V(1, 1) == V(-1, -1)\nassert not V(0, 0)\nassert len({V(1, 1), V(1, 1)}) == 1\nassert sorted([V(3, 3), V(1, 1)])[0] == V(1, 1)\nassert V(1,1) in [V(1,1)]",
    ),
    "iter_class": (
        "class Count:\n    def __init__(self, n): self.n = n\n    def __iter__(self):\n        i = 0\n        while i < self.n:\n            yield i\n            i += 1\n    def __len__(self): return self.n\n    def __getitem__(self, i): return range(self.n)[i]\n    def __contains__(self, i): return 0 <= i < self.n",
        "assert list(Count(3)) == [0, 1, 2] and len(Count(3)) == 3\nassert Count(5)[1:3] == range(1, 3)\nassert 2 in Count(3) and 5 not in Count(3)\nassert sum(Count(4)) == 6 and max(Count(4)) == 3\na, *b = Count(3)\nassert b == [1, 2]\nassert list(zip(Count(2), Count(2))) == [(0, 0), (1, 1)]\nassert dict(enumerate(Count(2))) == {0: 0, 1: 1}\nassert list(reversed(Count(3))) == [2, 1, 0]",
    ),
    "linked": (
        "class Node:\n    def __init__(self, v, nxt=None): self.v, self.next = v, nxt\ndef reverse(h):\n    p = None\n    while h: h.next, p, h = p, h, h.next\n    return p",
        "h = reverse(Node(1, Node(2, Node(3))))\nout = []\nwhile h is not None:\n    out.append(h.v)\n    h = h.next\nassert out == [3, 2, 1]",
    ),
    "tree": (
        "class Tree:\n    def __init__(self, v, l=None, r=None): self.v, self.l, self.r = v, l, r\ndef depth(t): return 0 if t is None else 1 + max(depth(t.l), depth(t.r))",
        "t = Tree(1, Tree(2, Tree(3)), None)\nassert depth(t) == 3\nassert t.l.l.v == 3 and t.r is None",
    ),
    "inplace_list": (
        "def bubble(a):\n    a.sort()",
        "a = [3, 1, 2]\nbubble(a)\nassert a == [1, 2, 3]",
    ),
    "inplace_np": (
        "def scale(a):\n    a *= 2",
        "import numpy as np\na = np.ones(3)\nscale(a)\nassert (a == 2).all()",
    ),
    "inplace_dict": (
        "def add(d, k):\n    d[k] = d.get(k, 0) + 1",
        "d = {}\nadd(d, 'x'); add(d, 'x')\nassert d == {'x': 2}",
    ),
    "inplace_nested": (
        "def grow(m):\n    m[0].append(1)",
        "m = [[], []]\ngrow(m)\nassert m == [[1], []]",
    ),
    "identity": ("def same(x):\n    return x", "x = [1]\nassert same(x) is x"),
    "copy_not_same": (
        "def copied(x):\n    return list(x)",
        "x = [1]\ny = copied(x)\nassert y == x and y is not x",
    ),
    "print_capture": (
        "def greet(name):\n    print('Hello', name)",
        "import io, contextlib\nbuf = io.StringIO()\nwith contextlib.redirect_stdout(buf):\n    greet('Ada')\nassert buf.getvalue() == 'Hello Ada\\n', repr(buf.getvalue())",
    ),
    "print_mock": (
        "def shout(name):\n    print(name.upper())",
        "from unittest.mock import patch\nwith patch('builtins.print') as p:\n    shout('ada')\np.assert_called_once_with('ADA')",
    ),
    "input_mock": (
        "def ask():\n    return int(input('n? ')) + 1",
        "from unittest.mock import patch\nwith patch('builtins.input', return_value='41'):\n    assert ask() == 42",
    ),
    "helper_mock": (
        "def helper(x): return x + 1\ndef use(x): return helper(x) * 2",
        "from unittest.mock import patch\nwith patch('__main__.helper', return_value=10) as h:\n    assert use(1) == 20\nh.assert_called_once_with(1)",
    ),
    "helper_swap": (
        "def sq1(x): return x * x\ndef sumsq(v): return sum(sq1(x) for x in v)",
        "old = sq1\ncalls = []\ndef sq1(x):\n    calls.append(x)\n    return old(x)\nassert sumsq([1, 2]) == 5\nassert calls == [1, 2], 'sumsq has to use sq1'\nsq1 = old",
    ),
    "helper_del": (
        "def sq2(x): return x * x\ndef sumsq2(v): return sum(sq2(x) for x in v)",
        "old_sq2 = sq2\ndel sq2\ntry:\n    sumsq2([1])\nexcept NameError:\n    pass\nelse:\n    raise AssertionError('sumsq2 has to call sq2')\nfinally:\n    sq2 = old_sq2\n    del old_sq2",
    ),
    "inspect_source": (
        "def loopy(n):\n    return [i for i in range(n)]",
        "import inspect\nassert 'for' in inspect.getsource(loopy)",
    ),
    "inspect_sig": (
        "def sig(a, b=2, *c, d=3):\n    return a",
        "import inspect\nassert list(inspect.signature(sig).parameters) == ['a', 'b', 'c', 'd']",
    ),
    "doc": (
        "def documented(x):\n    '''Return x.'''\n    return x",
        "assert documented.__doc__ and 'Return' in documented.__doc__",
    ),
    "annotations": (
        "def typed(x: int) -> str:\n    return str(x)",
        "assert typed.__annotations__ == {'x': int, 'return': str}",
    ),
    "hints": (
        "def typed2(x: int) -> str:\n    return str(x)",
        "from typing import get_type_hints\nassert get_type_hints(typed2)['return'] is str",
    ),
    "recursion_check": (
        "def fact(n): return 1 if n < 2 else n * fact(n - 1)",
        "assert fact(20) == 2432902008176640000\nassert fact(100) % 101 == 100",
    ),
    "bigint": ("def power(n): return 3 ** n", "assert power(5000) == 3 ** 5000"),
    "nan": (
        "def nanmean(v):\n    import math\n    return math.nan if not v else sum(v) / len(v)",
        "import math\nassert math.isnan(nanmean([]))",
    ),
    "complexn": ("def root(): return 1j ** 2", "assert root() == -1"),
    "setret": (
        "def uniq(v): return set(v)",
        "assert uniq([1, 1, 2]) == {1, 2} and isinstance(uniq([]), set)",
    ),
    "frozenset_dictkey": (
        "def keyed(): return {frozenset({1}): 2, (1, 2): 3, None: 4}",
        "assert keyed()[frozenset({1})] == 2 and keyed()[(1, 2)] == 3",
    ),
    "bytesret": ("def enc(s): return s.encode()", "assert enc('é') == b'\\xc3\\xa9'"),
    "dt": (
        "from datetime import date, timedelta\ndef tomorrow(d): return d + timedelta(days=1)",
        "from datetime import date\nassert tomorrow(date(2026, 12, 31)) == date(2027, 1, 1)",
    ),
    "dec": (
        "from decimal import Decimal\ndef money(): return Decimal('1.10')",
        "from decimal import Decimal\nassert money() == Decimal('1.10')",
    ),
    "frac": (
        "from fractions import Fraction\ndef third(): return Fraction(1, 3)",
        "from fractions import Fraction\nassert third() == Fraction(1, 3) and third() + third() == Fraction(2, 3)",
    ),
    "pathret": (
        "from pathlib import Path\ndef where(): return Path('a') / 'b'",
        "from pathlib import Path\nassert where() == Path('a/b')",
    ),
    "counter": (
        "from collections import Counter\ndef count(s): return Counter(s)",
        "assert count('aab') == {'a': 2, 'b': 1}\nassert count('aab').most_common(1) == [('a', 2)]",
    ),
    "defaultdict": (
        "from collections import defaultdict\ndef group(ws):\n    d = defaultdict(list)\n    for w in ws: d[w[0]].append(w)\n    return d",
        "assert group(['ab', 'ac', 'b']) == {'a': ['ab', 'ac'], 'b': ['b']}",
    ),
    "deque": (
        "from collections import deque\ndef dq(): return deque([1, 2], maxlen=2)",
        "assert list(dq()) == [1, 2] and dq().maxlen == 2",
    ),
    "rangeret": (
        "def evens(n): return range(0, n, 2)",
        "assert list(evens(5)) == [0, 2, 4] and evens(5) == range(0, 5, 2)",
    ),
    "mapret": (
        "def doubled(v): return map(lambda x: 2 * x, v)",
        "assert list(doubled([1, 2])) == [2, 4]",
    ),
    "zipret": ("def pairs(a, b): return zip(a, b)", "assert list(pairs([1], [2])) == [(1, 2)]"),
    "dictkeys": (
        "def ks(d): return d.keys()",
        "assert list(ks({'a': 1})) == ['a'] and ks({'a': 1}) == {'a'}",
    ),
    "func_return": (
        "def adder(n):\n    return lambda x: x + n",
        "assert adder(2)(3) == 5\nassert callable(adder(1))",
    ),
    "func_list": (
        "def funcs(): return [lambda x, k=k: x * k for k in range(3)]",
        "assert [f(2) for f in funcs()] == [0, 2, 4]",
    ),
    "func_arg": (
        "def apply(f, v): return [f(x) for x in v]",
        "assert apply(lambda x: x + 1, [1, 2]) == [2, 3]\nassert apply(str, [1]) == ['1']\nassert apply(len, ['ab']) == [2]",
    ),
    "numeric_grad": (
        "def grad(f, x, h=1e-5): return (f(x + h) - f(x - h)) / (2 * h)",
        "import math\nassert abs(grad(math.sin, 0.0) - 1) < 1e-6\nassert abs(grad(lambda x: x ** 2, 3.0) - 6) < 1e-4",
    ),
    "doctest": (
        "def inc(x):\n    '''\n    >>> inc(1)\n    2\n    '''\n    return x + 1",
        "import doctest\nr = doctest.run_docstring_examples(inc, {'inc': inc})\nf = doctest.DocTestFinder().find(inc, 'inc', globs={'inc': inc})\nassert sum(len(t.examples) for t in f) == 1\nassert all(doctest.DocTestRunner().run(t).failed == 0 for t in f)",
    ),
    "timeit": (
        "def fastsum(n): return n * (n - 1) // 2",
        "import time\nt = time.perf_counter()\nfor i in range(200): fastsum(10 ** 6)\nassert time.perf_counter() - t < 20",  # its course says 0.5: a busy machine exceeds that
    ),
    "threadsafe": (
        "class Acc:\n    def __init__(self): self.n = 0\n    def add(self): self.n += 1",
        "import threading\nacc = Acc()\nts = [threading.Thread(target=acc.add) for _ in range(4)]\n[t.start() for t in ts]; [t.join() for t in ts]\nassert acc.n == 4",
    ),
    "varmany": (
        "m1 = 3\nm2 = [1, 2]\nm3 = 'x'\nm4 = {'a': (1, 2)}\nm5 = None\nm6 = True",
        "assert (m1, m2, m3, m4, m5, m6) == (3, [1, 2], 'x', {'a': (1, 2)}, None, True)",
    ),
    "globals_check": (
        "forbidden = 3",
        "assert 'forbidden' in globals()\nassert globals()['forbidden'] == 3",
    ),
    "dir_check": (
        "defined = 1",
        "try:\n    defined\nexcept NameError:\n    raise AssertionError('not defined')\nassert 'defined' in dir()",
    ),
    "eval_check": ("evald = 5", "assert eval('evald') == 5"),
    "ipython_ns": ("ipy = 6", "assert get_ipython().user_ns['ipy'] == 6"),
    "main_mod": ("mainmod = 7", "import __main__\nassert __main__.mainmod == 7"),
    "file_written": (
        "with open('out.txt', 'w') as f:\n    f.write('hello')",
        "assert open('out.txt').read() == 'hello'",
    ),
    "file_func": (
        "def save(path):\n    with open(path, 'w') as f:\n        f.write('saved')",
        "save('out2.txt')\nassert open('out2.txt').read() == 'saved'",
    ),
    "tmpfile": (
        "def total(path):\n    return sum(int(l) for l in open(path))",
        "import tempfile, os\nwith tempfile.TemporaryDirectory() as d:\n    p = os.path.join(d, 'n.txt')\n    with open(p, 'w') as f: f.write('1\\n2\\n')\n    assert total(p) == 3",
    ),
    "tmpfile2": (
        "def total2(path):\n    return sum(int(l) for l in open(path))",
        "with open('numbers.txt', 'w') as f: f.write('1\\n2\\n')\nassert total2('numbers.txt') == 3",
    ),
    "stringio": (
        "def lines(f):\n    return [l.strip() for l in f]",
        "import io\nassert lines(io.StringIO('a\\nb\\n')) == ['a', 'b']",
    ),
    "sqlite": (
        "import sqlite3\ndef names(con):\n    return [r[0] for r in con.execute('select name from t order by name')]",
        "import sqlite3\ncon = sqlite3.connect(':memory:')\ncon.execute('create table t (name text)')\ncon.executemany('insert into t values (?)', [('b',), ('a',)])\nassert names(con) == ['a', 'b']",
    ),
    "randcheck": (
        "import random\ndef dice(): return random.randint(1, 6)",
        "import random\nrandom.seed(1)\nx = [dice() for _ in range(5)]\nrandom.seed(1)\nassert x == [random.randint(1, 6) for _ in range(5)]",
    ),
    "nprng": (
        "import numpy as np\ndef draw(rng): return rng.normal(size=3)",
        "import numpy as np\nassert np.allclose(draw(np.random.default_rng(1)), np.random.default_rng(1).normal(size=3))",
    ),
    "plot_axes": (
        "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2, 3], [1, 4, 9])\nax.set_title('Squares')\nax.set_xlabel('n')",
        "assert ax.get_title() == 'Squares'\nassert ax.get_xlabel() == 'n'\nline = ax.get_lines()[0]\nassert list(line.get_ydata()) == [1, 4, 9]",
    ),
    "plot_func": (
        "import matplotlib.pyplot as plt\ndef draw_it(ax):\n    ax.plot([1, 2], [3, 4], label='a')\n    ax.legend()",
        "import matplotlib.pyplot as plt\nfig2, ax2 = plt.subplots()\ndraw_it(ax2)\nassert len(ax2.lines) == 1 and ax2.get_legend() is not None",
    ),
    "plot_gca": (
        "import matplotlib.pyplot as plt\ndef hist(v):\n    plt.figure()\n    plt.hist(v, bins=3)\n    return plt.gca()",
        "a = hist([1, 2, 3])\nassert len(a.patches) == 3",
    ),
    "zero_points": ("z = 1", "assert z == 1"),
    "half_points": ("hp = 1", "assert hp == 1"),
    "partial_bool": ("pb = 1", "pb == 1"),
    "partial_float": ("pf = 1", "1.5 if pf == 1 else 0"),
    "partial_np": ("pn = 1", "import numpy as np\nnp.float64(1.5)"),
    "none_expr": ("ne = 1", "assert ne == 1\nNone"),
    "print_expr": ("pe = 1", "print('ok') if pe == 1 else 1/0"),
}
POINTS = {
    "zero_points": 0,
    "half_points": 0.5,
    "partial_bool": 2,
    "partial_float": 2,
    "partial_np": 2,
}
"""Where it is not one."""
PARTIAL = ("partial_float", "partial_np")
"""They earn 1.5 of 2 points, right as they are."""
CAUGHT = {
    "mock_notused": (
        "def mysort(v):\n    out = []\n    for x in v:\n        i = 0\n        while i < len(out) and out[i] < x: i += 1\n        out.insert(i, x)\n    return out",
        "from unittest.mock import patch\nassert mysort([3, 1, 2]) == [1, 2, 3]\nwith patch('builtins.sorted') as s:\n    mysort([3, 1, 2])\ns.assert_not_called()",
        "def mysort(v): return sorted(v)",
    ),
    "mock_del": (
        "def mysum(v):\n    t = 0\n    for x in v: t += x\n    return t",
        "import builtins\nkept = builtins.sum\ndef no_sum(*a): raise AssertionError('do not use sum')\nbuiltins.sum = no_sum\ntry:\n    assert mysum([1, 2]) == 3\nfinally:\n    builtins.sum = kept",
        "def mysum(v): return sum(v)",
    ),
    "shadow_sum": (
        "def mysum2(v):\n    t = 0\n    for x in v: t += x\n    return t",
        "def sum(*a): raise AssertionError('do not use sum')\ntry:\n    assert mysum2([1, 2]) == 3\nfinally:\n    del sum",
        "def mysum2(v): return sum(v)",
    ),
    "np_mock": (
        "import numpy as np\ndef mymean(a): return float(a.sum() / a.size)",
        "import numpy as np\nfrom unittest.mock import patch\nwith patch('numpy.mean', side_effect=AssertionError('no np.mean')):\n    assert mymean(np.array([1., 3.])) == 2",
        "import numpy as np\ndef mymean(a): return float(np.mean(a))",
    ),
    "copy": (
        "def dup(x): return list(x)",
        "x = [1]\ny = dup(x)\nassert y == x and y is not x, 'return a new list'",
        "def dup(x): return x",
    ),
    "copy_mut": (
        "def dup2(x): return list(x)",
        "x = [1]\ny = dup2(x)\ny.append(2)\nassert x == [1], 'the list given was changed'",
        "def dup2(x): return x",
    ),
    "deep": (
        "import copy\ndef dup3(x): return copy.deepcopy(x)",
        "x = [[1]]\ny = dup3(x)\ny[0].append(2)\nassert x == [[1]], 'copy deeply'",
        "def dup3(x): return list(x)",
    ),
    "np_view": (
        "import numpy as np\ndef rows(a): return a[:2].copy()",
        "import numpy as np\na = np.zeros((3, 2))\nb = rows(a)\nb[0] = 1\nassert a.sum() == 0, 'must be a copy'\nassert not np.shares_memory(a, b)",
        "import numpy as np\ndef rows(a): return a[:2]",
    ),
    "quiet": (
        "def quiet(x): return x",
        "import io, contextlib\nb = io.StringIO()\nwith contextlib.redirect_stdout(b):\n    quiet(3)\nassert b.getvalue() == '', 'do not print'",
        "def quiet(x):\n    print(x)\n    return x",
    ),
    "nowarn": (
        "import numpy as np\ndef safe(x): return np.log(np.maximum(x, 1e-9))",
        "import numpy as np, warnings\nwith warnings.catch_warnings():\n    warnings.simplefilter('error')\n    safe(np.array([0.]))",
        "import numpy as np\ndef safe(x): return np.log(x)",
    ),
    "noglobal": (
        "def clean(x):\n    y = x\n    return y",
        "assert clean(4) == 4\nassert 'leak' not in globals(), 'no global variables'",
        "leak = 1\ndef clean(x):\n    global leak\n    leak = x\n    return leak",
    ),
    "detach": (
        "import torch\ndef det(x): return (2 * x).detach()",
        "import torch\ny = det(torch.ones(1, requires_grad=True))\nassert y.grad_fn is None, 'detach it'",
        "import torch\ndef det(x): return 2 * x",
    ),
    "zero_grad": (
        "import torch\ndef step(w):\n    if w.grad is not None: w.grad.zero_()\n    (w * 2).sum().backward()\n    return w.grad.clone()",
        "import torch\nw = torch.ones(1, requires_grad=True)\nstep(w)\nassert step(w).item() == 2, 'gradients add up: zero them'",
        "import torch\ndef step(w):\n    (w * 2).sum().backward()\n    return w.grad.clone()",
    ),
    "nolambda": (
        "def total(v):\n    t = 0\n    for x in v: t += x\n    return t",
        "assert total([1, 2]) == 3\nassert total.__name__ != '<lambda>', 'write a function'",
        "total = lambda v: sum(v)",
    ),
    "lazy": (
        "def lazy(n):\n    for i in range(n):\n        yield i",
        "import types\ng = lazy(3)\nassert not isinstance(g, (list, tuple)), 'must be lazy'\nassert list(g) == [0, 1, 2]",
        "def lazy(n): return list(range(n))",
    ),
    "private": (
        "class Acc:\n    def __init__(self): self.__b = 0\n    def add(self, x): self.__b += x\n    def get(self): return self.__b",
        "a = Acc(); a.add(2)\nassert a.get() == 2\nassert not [n for n in vars(a) if not n.startswith('_')], 'keep the balance private' ",
        "class Acc:\n    def __init__(self): self.b = 0\n    def add(self, x): self.b += x\n    def get(self): return self.b",
    ),
    "hasattr_private": (
        "class Acc2:\n    def __init__(self): self._b = 0\n    def get(self): return self._b",
        "a = Acc2()\nassert a.get() == 0 and not hasattr(a, '_cache')",
        "class Acc2:\n    def __init__(self): self._b = 0; self.__dict__['_cache'] = 1\n    def get(self): return self._b",
    ),
    "slots": (
        "class Pt:\n    __slots__ = ('x',)\n    def __init__(self, x): self.x = x",
        "assert not hasattr(Pt(1), '__dict__'), 'use __slots__'",
        "class Pt:\n    def __init__(self, x): self.x = x",
    ),
    "closed": (
        "def head(p):\n    with open(p) as f: return f.readline()",
        "import builtins, tempfile, os\nfrom unittest.mock import patch, mock_open\nm = mock_open(read_data='a\\nb\\n')\nwith patch('builtins.open', m):\n    assert head('x') == 'a\\n'\nm.return_value.__exit__.assert_called()",
        "keep = []\ndef head(p):\n    f = open(p); keep.append(f)\n    return f.readline()",
    ),
    "untouched_file": (
        "def scan(p): return open(p).read()",
        "import os\nassert scan('data.txt') == 'hi\\n'\nassert not os.path.exists('junk.tmp'), 'leave no files'",
        "import os\ndef scan(p):\n    s = open(p).read()\n    open('junk.tmp', 'w').write(s)\n    return s",
    ),
}
