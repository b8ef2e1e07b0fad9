"""Eighty minimal pairs of an answer and its check, after checks that courses use, and wrong answers.

PAIRS: name -> (answer, check); each passes under stock nbgrader. WRONG: name -> an answer that is
wrong. Some rely on what is above them, as in a notebook.
"""

PAIRS = {
    "check_import_then_answer_method": (
        "class Box:\n    def keep(self, xs):\n        self.xs = copy(xs)\n        return self.xs",
        "from copy import copy\nassert Box().keep([1, 2]) == [1, 2]",
    ),
    "check_import_then_later_cell_a": (
        "total = 3",
        "import statistics as st\nassert st.mean([total]) == 3",
    ),
    "check_import_then_later_cell_b": ("middle = st.median([1, 2, 9])", "assert middle == 2"),
    "check_def_then_later_cell_a": (
        "base = 10",
        "def grow(x):\n    return x + 1\nassert grow(base) == 11",
    ),
    "check_def_then_later_cell_b": ("more = grow(base)", "assert more == 11"),
    "inspect_argspec": (
        "def area(width, height=2):\n    return width * height",
        "import inspect\nassert inspect.getfullargspec(area).args == ['width', 'height']",
    ),
    "inspect_signature": (
        "def area2(width, height=2):\n    return width * height",
        "import inspect\nassert list(inspect.signature(area2).parameters) == ['width', 'height']",
    ),
    "inspect_source": (
        "def loopless(n):\n    return sum(range(n))",
        "import inspect\nassert 'for ' not in inspect.getsource(loopless)",
    ),
    "code_object": (
        "def addone(n):\n    m = n + 1\n    return m",
        "assert addone.__code__.co_argcount == 1",
    ),
    "axes_lines_color": (
        "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2], [3, 4], color='green')",
        "assert ax.lines[0].get_color() == 'green'\nassert ax.lines[0]._color == 'green'",
    ),
    "axes_children_class": (
        "fig2, ax2 = plt.subplots()\nbars = ax2.bar([1, 2], [3, 4])",
        "import matplotlib\nrects = [c for c in ax2.get_children() if c.__class__ == matplotlib.patches.Rectangle]\nassert len(rects) == 3",
    ),
    "axes_isinstance": (
        "fig3, ax3 = plt.subplots()",
        "import matplotlib\nassert isinstance(ax3, matplotlib.axes.Axes)",
    ),
    "plt_gca_in_check": (
        "plt.figure()\nplt.plot([1, 2, 3], [4, 5, 6]);",
        "plt.figure() if False else None\nassert callable(plt.gca)",
    ),
    "file_written_by_answer": (
        "with open('made.txt', 'w') as f:\n    f.write('hello')",
        "assert open('made.txt').read() == 'hello'",
    ),
    "file_exists": (
        "import os\nos.makedirs('made_dir', exist_ok=True)",
        "import os\nassert os.path.isdir('made_dir')",
    ),
    "module_written_by_answer": (
        "with open('mymod.py', 'w') as f:\n    f.write('def one():\\n    return 1\\n')",
        "import mymod\nassert mymod.one() == 1",
    ),
    "mock_input": (
        "def ask():\n    return 'hi ' + input('name? ')",
        "from unittest import mock\nwith mock.patch('builtins.input', return_value='bo'):\n    assert ask() == 'hi bo'",
    ),
    "mock_input_side_effect": (
        "def ask_two():\n    return [input(), input()]",
        "from unittest import mock\nwith mock.patch('builtins.input', side_effect=['a', 'b']):\n    assert ask_two() == ['a', 'b']",
    ),
    "rebind_input": (
        "def ask3():\n    return input()",
        "import builtins\nold = builtins.input\nbuiltins.input = lambda *a: 'x'\ntry:\n    assert ask3() == 'x'\nfinally:\n    builtins.input = old",
    ),
    "patch_stdout": (
        "def hello():\n    print('hello')",
        "import io, unittest.mock\nwith unittest.mock.patch('sys.stdout', new_callable=io.StringIO) as out:\n    hello()\nassert out.getvalue() == 'hello\\n'",
    ),
    "redirect_stdout": (
        "def hello2():\n    print('hello')",
        "import io, contextlib\nbuf = io.StringIO()\nwith contextlib.redirect_stdout(buf):\n    hello2()\nassert buf.getvalue() == 'hello\\n'",
    ),
    "assign_sys_stdout": (
        "def hello3():\n    print('hello')",
        "import io, sys\nold = sys.stdout\nsys.stdout = io.StringIO()\nhello3()\ngot = sys.stdout.getvalue()\nsys.stdout = old\nassert got == 'hello\\n'",
    ),
    "mock_global_function": (
        "def roll():\n    return 4\ndef twice():\n    return roll() + roll()",
        "from unittest import mock\nwith mock.patch('__main__.roll', return_value=1):\n    assert twice() == 2",
    ),
    "mock_module_function": (
        "import random\ndef coin():\n    return random.random() < 0.5",
        "from unittest import mock\nwith mock.patch('random.random', return_value=0.1):\n    assert coin()",
    ),
    "import_is_the_answer": (
        "from math import gcd as common",
        "assert 'common' in dir()\nassert common(4, 6) == 2",
    ),
    "own_exception_caught": (
        "class Negative(ValueError):\n    pass\ndef root(x):\n    if x < 0:\n        raise Negative(x)\n    return x ** 0.5",
        "try:\n    root(-1)\nexcept Negative:\n    pass\nelse:\n    assert False",
    ),
    "own_exception_base": (
        "class Wrong(Exception):\n    pass",
        "assert issubclass(Wrong, Exception)\nassert Wrong.__base__ is Exception",
    ),
    "own_exception_raised_by_check": (
        "class Bad(Exception):\n    pass",
        "try:\n    raise Bad(1)\nexcept Bad:\n    pass",
    ),
    "subclass_in_check": (
        "class Shape:\n    def area(self):\n        raise NotImplementedError\n    def double(self):\n        return 2 * self.area()",
        "class Unit(Shape):\n    def area(self):\n        return 1\nassert Unit().double() == 2",
    ),
    "isinstance_own_class": (
        "class A:\n    pass\nclass B(A):\n    pass\nb = B()",
        "assert isinstance(b, A) and isinstance(b, B)\nassert issubclass(B, A)",
    ),
    "class_dict": (
        "class C:\n    def __init__(self):\n        self.x = 1\n        self.__y = 2",
        "assert vars(C()) == {'x': 1, '_C__y': 2}\nassert 'x' in C().__dict__",
    ),
    "operators_own_class": (
        "class V:\n    def __init__(self, x):\n        self.x = x\n    def __add__(self, o):\n        return V(self.x + o.x)\n    def __eq__(self, o):\n        return self.x == o.x\n    def __repr__(self):\n        return f'V({self.x})'",
        "assert V(1) + V(2) == V(3)\nassert repr(V(1)) == 'V(1)'\nassert len({1: V(1)}) == 1",
    ),
    "setattr_on_instance": (
        "class W:\n    def __init__(self):\n        self.n = 0\n    def show(self):\n        return self.n",
        "w = W()\nw.n = 5\nassert w.show() == 5",
    ),
    "decorator": (
        "def noisy(f):\n    def inner(*a):\n        return f(*a) + 1\n    return inner",
        "@noisy\ndef three():\n    return 3\nassert three() == 4",
    ),
    "generator": (
        "def count():\n    n = 0\n    while True:\n        yield n\n        n += 1",
        "import types, itertools\nassert isinstance(count(), types.GeneratorType)\nassert list(itertools.islice(count(), 3)) == [0, 1, 2]",
    ),
    "isfunction": (
        "def plain():\n    return 1",
        "import types\nassert isinstance(plain, types.FunctionType)",
    ),
    "lambda_argument": (
        "def apply_twice(f, x):\n    return f(f(x))",
        "seen = []\nassert apply_twice(lambda v: seen.append(v) or v + 1, 0) == 2\nassert seen == [0, 1]",
    ),
    "capture_magic": ("%%capture shown\nprint('captured')", "assert 'captured' in shown.stdout"),
    "in_history": ("word = 'abc'", "assert any(\"word = 'abc'\" in cell for cell in In)"),
    "out_history": ("6 * 7", "assert 42 in Out.values()"),
    "underscore": ("40 + 2", "assert _ == 42"),
    "get_ipython_user_ns": ("flag = True", "assert get_ipython().user_ns['flag'] is True"),
    "globals_lookup": (
        "speed = 12",
        "assert globals()['speed'] == 12\nassert 'speed' in globals()",
    ),
    "locals_lookup": ("speed2 = 12", "assert 'speed2' in locals()"),
    "getattr_main": ("speed3 = 12", "import __main__\nassert __main__.speed3 == 12"),
    "eval_name": ("speed4 = 12", "for name in ['speed4']:\n    assert eval(name) == 12"),
    "writefile_magic": (
        "%%writefile conf.txt\nvalue=1",
        "assert 'value=1' in open('conf.txt').read()",
    ),
    "bash_magic": (
        "%%bash\necho hi > from_bash.txt",
        "assert open('from_bash.txt').read().strip() == 'hi'",
    ),
    "shell_assign": ("lines = !echo one", "assert lines == ['one']"),
    "df_type": (
        "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2], 'b': ['x', 'y']})",
        "assert type(df) == pd.DataFrame\nassert isinstance(df, pd.DataFrame)",
    ),
    "df_frame_equal": (
        "df1 = pd.DataFrame({'a': [1, 2]})",
        "pd.testing.assert_frame_equal(df1, pd.DataFrame({'a': [1, 2]}))",
    ),
    "df_equals": (
        "df2 = pd.DataFrame({'a': [1, 2]})",
        "assert df2.equals(pd.DataFrame({'a': [1, 2]}))\nassert df2['a'].equals(pd.Series([1, 2], name='a'))",
    ),
    "df_compare_sum": (
        "df3 = pd.DataFrame({'a': [1, 2], 'g': ['x', 'x']})",
        "assert (df3['a'] == pd.Series([1, 2])).all()\nassert df3.groupby('g')['a'].sum().to_dict() == {'x': 3}",
    ),
    "df_numpy_testing": (
        "df4 = pd.DataFrame({'a': [1., 2.]})",
        "import numpy as np\nnp.testing.assert_allclose(df4['a'], [1, 2])\nnp.testing.assert_array_equal(df4.values, [[1], [2]])",
    ),
    "df_function": (
        "def tidy(d):\n    return d.dropna()",
        "import numpy as np\nout = tidy(pd.DataFrame({'a': [1, np.nan]}))\nassert isinstance(out, pd.DataFrame) and out.shape == (1, 1)\npd.testing.assert_frame_equal(out, pd.DataFrame({'a': [1.0]}))",
    ),
    "groupby_type": (
        "gr = pd.DataFrame({'a': [1], 'g': [2]}).groupby('g')",
        "assert isinstance(gr, pd.core.groupby.DataFrameGroupBy)",
    ),
    "datetime_column": (
        "dates = pd.to_datetime(pd.Series(['2020-01-01']))",
        "assert str(dates.dtype).startswith('datetime64')\nassert dates[0] == pd.Timestamp('2020-01-01')",
    ),
    "sympy_expr": (
        "import sympy\nx = sympy.Symbol('x')\nexpr = (x + 1) ** 2",
        "import sympy\nassert sympy.simplify(expr - (sympy.Symbol('x') ** 2 + 2 * sympy.Symbol('x') + 1)) == 0\nassert isinstance(expr, sympy.Expr)",
    ),
    "sklearn_model": (
        "from sklearn.linear_model import LinearRegression\nimport numpy as np\nmodel = LinearRegression().fit(np.arange(4).reshape(-1, 1), np.arange(4))",
        "from sklearn.linear_model import LinearRegression\nassert isinstance(model, LinearRegression)\nassert abs(model.coef_[0] - 1) < 1e-6\nassert model.predict([[2]])[0] > 1.9",
    ),
    "sklearn_utils_on_model": (
        "from sklearn.tree import DecisionTreeClassifier\nclf = DecisionTreeClassifier(max_depth=2).fit([[0], [1]], [0, 1])",
        "from sklearn.utils.validation import check_is_fitted\nfrom sklearn.metrics import accuracy_score\ncheck_is_fitted(clf)\nassert accuracy_score([0, 1], clf.predict([[0], [1]])) == 1\nassert clf.get_params()['max_depth'] == 2",
    ),
    "networkx_graph": (
        "import networkx as nx\ng = nx.Graph()\ng.add_edge(1, 2)",
        "import networkx as nx\nassert isinstance(g, nx.Graph)\nassert nx.shortest_path(g, 1, 2) == [1, 2]",
    ),
    "pil_image": (
        "from PIL import Image\npic = Image.new('L', (2, 2))",
        "import numpy as np\nassert pic.size == (2, 2)\nassert np.array(pic).shape == (2, 2)",
    ),
    "torch_module": (
        "import torch\nnet = torch.nn.Linear(2, 1)",
        "import torch\nassert isinstance(net, torch.nn.Module)\nassert net(torch.zeros(3, 2)).shape == (3, 1)\nassert sum(p.numel() for p in net.parameters()) == 3",
    ),
    "numpy_dtype_isinstance": (
        "import numpy as np\narr = np.arange(3.0)\ns = arr.sum()",
        "import numpy as np\nassert isinstance(arr, np.ndarray) and isinstance(s, np.floating) and isinstance(s, float)",
    ),
    "collections_types": (
        "from collections import Counter, defaultdict, namedtuple, OrderedDict\nc = Counter('aab')\nP = namedtuple('P', 'x y')\np = P(1, 2)\nd = defaultdict(list, a=[1])",
        "from collections import Counter, defaultdict\nassert isinstance(c, Counter) and c == Counter('aab') and c.most_common(1) == [('a', 2)]\nassert p.x == 1 and p == (1, 2) and isinstance(p, tuple)\nassert isinstance(d, defaultdict) and d == {'a': [1]}",
    ),
    "dataclass_enum": (
        "from dataclasses import dataclass\nfrom enum import Enum\n@dataclass\nclass D:\n    x: int\nclass E(Enum):\n    A = 1",
        "import dataclasses\nassert D(1) == D(1) and dataclasses.is_dataclass(D)\nassert E.A.value == 1 and E['A'] is E.A and len(list(E)) == 1",
    ),
    "seeded_random": (
        "import random\ndef dice():\n    return random.randint(1, 6)",
        "import random\nrandom.seed(3)\na = dice()\nrandom.seed(3)\nassert a == random.randint(1, 6)",
    ),
    "answer_reads_check_variable": (
        "def scaled(v):\n    return v * FACTOR",
        "FACTOR = 3\nassert scaled(2) == 6",
    ),
    "sqlite_file": (
        "import sqlite3\ncon = sqlite3.connect('t.db')\ncon.execute('create table t (n int)')\ncon.execute('insert into t values (7)')\ncon.commit()",
        "import sqlite3\nassert sqlite3.connect('t.db').execute('select n from t').fetchone()[0] == 7",
    ),
    "sqlite_connection": (
        "import sqlite3\nmem = sqlite3.connect(':memory:')\nmem.execute('create table t (n int)')\nmem.execute('insert into t values (7)')",
        "import pandas as pd\nassert pd.read_sql('select n from t', mem)['n'].tolist() == [7]",
    ),
    "raises_helper": (
        "def strict(n):\n    if n < 0:\n        raise ValueError('negative')\n    return n",
        "import unittest\nwith unittest.TestCase().assertRaises(ValueError):\n    strict(-1)\nimport pytest\nwith pytest.raises(ValueError, match='negative'):\n    strict(-1)",
    ),
    "doctest": (
        "def sq(n):\n    '''Square.\n\n    >>> sq(3)\n    9\n    '''\n    return n * n",
        "assert sq.__doc__ and '>>>' in sq.__doc__\nassert sq.__name__ == 'sq'",
    ),
    "annotations": (
        "def typed(n: int) -> str:\n    return str(n)",
        "import typing\nassert typed.__annotations__ == {'n': int, 'return': str}",
    ),
    "function_attribute": (
        "def counter():\n    counter.n += 1\n    return counter.n\ncounter.n = 0",
        "counter.n = 5\nassert counter() == 6",
    ),
    "recursion_replaced": (
        "def fact(n):\n    return 1 if n < 2 else n * fact(n - 1)",
        "real = fact\ncalls = []\ndef fact(n):\n    calls.append(n)\n    return real(n)\nfact(3)\nassert calls == [3, 2, 1], calls\nfact = real",
    ),
    "sys_modules": (
        "import json",
        "import sys\nassert 'json' in globals() and 'json' in sys.modules",
    ),
    "cell_source_via_In": (
        "squares = [n * n for n in range(4)]",
        "assert 'for n in range' in In[-2] or any('for n in range' in c for c in In)",
    ),
    "async_answer": (
        "async def later(n):\n    return n + 1",
        "import asyncio, inspect\nassert inspect.iscoroutinefunction(later)\nassert (await later(1)) == 2",
    ),
    "identity": ("one = [1]\nother = one", "assert one is other\nassert id(one) == id(other)"),
    "time_it": (
        "def quick(n):\n    return n * 2",
        "import time\nt = time.perf_counter()\nfor i in range(2000):\n    quick(i)\nassert time.perf_counter() - t < 0.1",
    ),
}

WRONG = {
    "check_import_then_answer_method": "class Box:\n    def keep(self, xs):\n        self.xs = copy(xs)\n        return []",
    "check_import_then_later_cell_a": "total = 4",
    "check_import_then_later_cell_b": "middle = st.mean([1, 2, 9])",
    "check_def_then_later_cell_a": "base = 11",
    "check_def_then_later_cell_b": "more = grow(grow(base))",
    "inspect_argspec": "def area(wide, high=2):\n    return wide * high",
    "inspect_signature": "def area2(wide, height=2):\n    return wide * height",
    "inspect_source": "def loopless(n):\n    total = 0\n    for k in range(n):\n        total += k\n    return total",
    "code_object": "def addone(n, m=1):\n    return n + m",
    "axes_lines_color": "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2], [3, 4], color='red')",
    "axes_children_class": "fig2, ax2 = plt.subplots()\nbars = ax2.bar([1, 2, 3], [3, 4, 5])",
    "axes_isinstance": "fig3, ax3 = plt.subplots()\nax3 = fig3",
    "plt_gca_in_check": "class plt:\n    figure = gca = None",
    "file_written_by_answer": "with open('made.txt', 'w') as f:\n    f.write('bye')",
    "file_exists": "import os\nos.makedirs('another_dir', exist_ok=True)",
    "module_written_by_answer": "with open('mymod.py', 'w') as f:\n    f.write('def one():\\n    return 2\\n')",
    "mock_input": "def ask():\n    return 'hello ' + input('name? ')",
    "mock_input_side_effect": "def ask_two():\n    return [input()]",
    "rebind_input": "def ask3():\n    return input() + '!'",
    "patch_stdout": "def hello():\n    print('goodbye')",
    "redirect_stdout": "def hello2():\n    print('goodbye')",
    "assign_sys_stdout": "def hello3():\n    print('goodbye')",
    "mock_global_function": "def roll():\n    return 4\ndef twice():\n    return 2 * roll() + 1",
    "mock_module_function": "import random\ndef coin():\n    return random.random() > 0.5",
    "import_is_the_answer": "from math import lcm as common",
    "own_exception_caught": "class Negative(ValueError):\n    pass\ndef root(x):\n    return abs(x) ** 0.5",
    "own_exception_base": "class Wrong(ValueError):\n    pass",
    "own_exception_raised_by_check": "class Bad:\n    def __init__(self, why):\n        self.why = why",
    "subclass_in_check": "class Shape:\n    def area(self):\n        raise NotImplementedError\n    def double(self):\n        return 3 * self.area()",
    "isinstance_own_class": "class A:\n    pass\nclass B:\n    pass\nb = B()",
    "class_dict": "class C:\n    def __init__(self):\n        self.x = 1\n        self.y = 2",
    "operators_own_class": "class V:\n    def __init__(self, x):\n        self.x = x\n    def __add__(self, o):\n        return V(self.x - o.x)\n    def __eq__(self, o):\n        return self.x == o.x\n    def __repr__(self):\n        return f'V({self.x})'",
    "setattr_on_instance": "class W:\n    def __init__(self):\n        self.n = 0\n    def show(self):\n        return 0",
    "decorator": "def noisy(f):\n    def inner(*a):\n        return f(*a) + 2\n    return inner",
    "generator": "def count():\n    n = 1\n    while True:\n        yield n\n        n += 1",
    "isfunction": "class plain:\n    pass",
    "lambda_argument": "def apply_twice(f, x):\n    return f(x)",
    "capture_magic": "%%capture shown\nprint('something else')",
    "in_history": "word = 'abd'",
    "out_history": "6 * 8",
    "underscore": "40 + 3",
    "get_ipython_user_ns": "flag = False",
    "globals_lookup": "speed = 13",
    "locals_lookup": "speed_2 = 12",
    "getattr_main": "speed3 = 13",
    "eval_name": "speed4 = 13",
    "writefile_magic": "%%writefile conf.txt\nvalue=2",
    "bash_magic": "%%bash\necho ho > from_bash.txt",
    "shell_assign": "lines = !echo two",
    "df_type": "import pandas as pd\ndf = {'a': [1, 2], 'b': ['x', 'y']}",
    "df_frame_equal": "df1 = pd.DataFrame({'a': [1, 3]})",
    "df_equals": "df2 = pd.DataFrame({'a': [1, 3]})",
    "df_compare_sum": "df3 = pd.DataFrame({'a': [2, 2], 'g': ['x', 'x']})",
    "df_numpy_testing": "df4 = pd.DataFrame({'a': [1., 3.]})",
    "df_function": "def tidy(d):\n    return d.fillna(0)",
    "groupby_type": "gr = pd.DataFrame({'a': [1], 'g': [2]})",
    "datetime_column": "dates = pd.Series(['2020-01-01'])",
    "sympy_expr": "import sympy\nx = sympy.Symbol('x')\nexpr = (x + 2) ** 2",
    "sklearn_model": "from sklearn.linear_model import LinearRegression\nimport numpy as np\nmodel = LinearRegression().fit(np.arange(4).reshape(-1, 1), 3 * np.arange(4))",
    "sklearn_utils_on_model": "from sklearn.tree import DecisionTreeClassifier\nclf = DecisionTreeClassifier(max_depth=2)",
    "networkx_graph": "import networkx as nx\ng = nx.Graph()\ng.add_edge(1, 3)",
    "pil_image": "from PIL import Image\npic = Image.new('L', (2, 3))",
    "torch_module": "import torch\nnet = torch.nn.Linear(3, 1)",
    "numpy_dtype_isinstance": "import numpy as np\narr = np.arange(3.0)\ns = 3",
    "collections_types": "from collections import Counter, defaultdict, namedtuple, OrderedDict\nc = Counter('ab')\nP = namedtuple('P', 'x y')\np = P(1, 2)\nd = defaultdict(list, a=[1])",
    "dataclass_enum": "from enum import Enum\nclass D:\n    def __init__(self, x):\n        self.x = x\nclass E(Enum):\n    A = 1",
    "seeded_random": "import random\ndef dice():\n    return 7 - random.randint(1, 6) * 0",
    "answer_reads_check_variable": "def scaled(v):\n    return v * FACTOR + 1",
    "sqlite_file": "import sqlite3\ncon = sqlite3.connect('t.db')\ncon.execute('create table t (n int)')\ncon.execute('insert into t values (8)')\ncon.commit()",
    "sqlite_connection": "import sqlite3\nmem = sqlite3.connect(':memory:')\nmem.execute('create table t (n int)')\nmem.execute('insert into t values (8)')",
    "raises_helper": "def strict(n):\n    if n < 0:\n        raise TypeError('negative')\n    return n",
    "doctest": "def sq(n):\n    return n * n",
    "annotations": "def typed(n):\n    return str(n)",
    "function_attribute": "def counter():\n    return 1\ncounter.n = 0",
    "recursion_replaced": "def fact(n):\n    out = 1\n    for k in range(2, n + 1):\n        out *= k\n    return out",
    "sys_modules": "jason = 3",
    "cell_source_via_In": "squares = list(map(lambda n: n * n, range(4)))",
    "async_answer": "async def later(n):\n    return n + 2",
    "identity": "one = [1]\nother = [1]",
    "time_it": "import time\ndef quick(n):\n    time.sleep(0.001)\n    return n * 2",
}
