"""Wrong answers that need no knowledge of the exercise, and pass many a check all the same.

`np.allclose(np.empty(0), x)` is true, a loop over nothing fails nowhere, NaN is neither above nor
below a threshold, and an object may say that it equals everything.
"""

import ast
from collections.abc import Iterator

from autograder.gate.mutants import Mutant
from autograder.gate.mutated_calls import FIRST_SEEN, FIRST_SEEN_SOURCE

KIND = "universal"
VALUES = {
    "None": "None",
    "1": "1",
    "an empty array": "np.empty(0)",
    "NaN": "float('nan')",
    "an object that equals everything": "_Equal()",
}
"""What a function returns whatever its arguments, by what it is called."""
SPOILED = """
def _spoiled(value, part, bad):
    parts = list(value.items() if isinstance(value, dict) else enumerate(value))
    assert part < len(parts), 'the part is not there'
    kept = [(key, bad if place == part else one) for place, (key, one) in enumerate(parts)]
    return dict(kept) if isinstance(value, dict) else tuple(one for _, one in kept)
"""
"""Puts a value in the place of a part of a tuple, list or dict."""
_EQUAL = """
class _Equal:
    def _yes(self, *others):
        return True
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __contains__ = _yes
    __hash__ = object.__hash__
    def _self(self, *others, **named):
        return self
    __call__ = __getitem__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _self
    __truediv__ = __rtruediv__ = __matmul__ = __pow__ = __neg__ = __abs__ = __round__ = _self
    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return self
    def __len__(self):
        return 1
    def __iter__(self):
        return iter([])
    def __float__(self):
        return 0.0
    def __int__(self):
        return 0
    __index__ = __int__
"""
_ZEROS = """
def _zeros(value):
    if isinstance(value, (list, tuple)):
        return type(value)(map(_zeros, value))
    if isinstance(value, dict):
        return {key: _zeros(one) for key, one in value.items()}
    if isinstance(value, (bool, str)):
        return type(value)()
    if callable(value):
        return lambda *given, **named: _zeros(value(*given, **named))
    try:
        return value * 0
    except Exception:
        return None
"""
_Returning = ast.FunctionDef | ast.AsyncFunctionDef


def universal(source: str, *, body_runs: bool = True) -> tuple[Mutant, ...]:
    """An answer's universal wrong answers: one of its functions returns what is wrong.

    body_runs: whether those are among them for which the right answer runs first, as for zeros
               of the right shape
    raises: one of `NOT_PYTHON` if the answer is not plain Python
    """
    tree = ast.parse(source)
    found: dict[str, Mutant] = {}
    for number, function in enumerate(functions(tree)):
        for edit, text in _wrong(source, tree, number, function, body_runs):
            name = _full_name(tree, function)
            found.setdefault(text, Mutant(KIND, function.lineno, f"+ {name} {edit}", text))
    return tuple(found.values())


def _wrong(
    source: str, tree: ast.Module, number: int, function: _Returning, body_runs: bool
) -> Iterator[tuple[str, str]]:
    """How a function is wrong, in words, and the answer in which it is."""
    for what, value in VALUES.items():
        yield f"returns {what}", _with_help(returning(source, number, value))
    named = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    if given := [one.arg for one in named if one.arg not in ("self", "cls")]:
        yield "returns its first argument", returning(source, number, given[0])
    if not body_runs:
        return
    yield (
        "returns zeros of the right shapes",
        _ZEROS + _calling(source, number, "_zeros"),
    )
    if given:
        yield (
            "returns what it returned the first time",
            FIRST_SEEN_SOURCE + _calling(source, number, FIRST_SEEN),
        )
    for part in range(parts(function)):
        for what, value in VALUES.items():
            text = spoiled(source, number, part, value)
            yield f"returns {what} as part {part + 1} of the result", _with_help(text)


def functions(tree: ast.Module) -> Iterator[_Returning]:
    """Those of an answer, and the methods of its classes, that return something."""
    for node in tree.body:
        for each in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(each, _Returning) and list(returns(each)):
                yield each


def returns(function: _Returning) -> Iterator[ast.Return]:
    """Its own returns of a value; not those of functions inside it."""
    inner = {
        id(node)
        for below in ast.walk(function)
        if isinstance(below, _Returning | ast.Lambda) and below is not function
        for node in ast.walk(below)
    }
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None and id(node) not in inner:
            yield node


def parts(function: _Returning) -> int:
    """How many values it returns together; 0 if it returns one, or not always as many."""
    sizes = {
        len(node.value.elts)
        if isinstance(node.value, ast.Tuple)
        else len(node.value.keys)
        if isinstance(node.value, ast.Dict)
        else 0
        for node in returns(function)
    }
    return sizes.pop() if len(sizes) == 1 else 0


def returning(answer: str, number: int, value: str) -> str:
    """The answer, one of its functions cut down to its docstring and a value."""
    tree = ast.parse(answer)
    function = list(functions(tree))[number]
    told = function.body[:1] if ast.get_docstring(function) else []
    function.body = [*told, *ast.parse(f"import numpy as np\nreturn {value}").body]
    return ast.unparse(tree)


def spoiled(answer: str, number: int, part: int, value: str) -> str:
    """The answer, a value in place of one part of what one of its functions returns."""
    text = _calling(answer, number, "_spoiled", f", {part}, {value}")
    return f"import numpy as np\n{SPOILED}\n{text}"


def _calling(answer: str, number: int, name: str, more: str = "") -> str:
    """The answer, one of its functions returning what `name` makes of its value."""
    tree = ast.parse(answer)
    for node in returns(list(functions(tree))[number]):
        assert node.value is not None
        said = f"{name}({ast.unparse(node.value)}{more})"
        node.value = ast.parse(said, mode="eval").body
    return ast.unparse(tree)


def _with_help(text: str) -> str:
    """The answer with what it needs above it."""
    return f"{_EQUAL}\n{text}" if "_Equal()" in text else text


def _full_name(tree: ast.Module, function: _Returning) -> str:
    """`f`, or `C.f` for a method."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            for each in node.body:
                if (each.lineno, getattr(each, "name", "")) == (function.lineno, function.name):
                    return f"{node.name}.{function.name}"
    return function.name
