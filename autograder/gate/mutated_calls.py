"""Changes to calls: arguments swapped, copies not made, ranges too short, sizes taken for fixed."""

import ast
from collections.abc import Iterator

FIRST_SEEN = "_first_seen"
FIRST_SEEN_SOURCE = f"""\
def {FIRST_SEEN}(value, seen=[]):
    seen.append(value)
    return seen[0]
"""
"""What a hard-coded value is: the one of the first time, which the example had."""

_DROPPED = frozenset({
    "detach", "clone", "copy", "deepcopy", "contiguous", "eval", "train", "zero_grad",
    "requires_grad_", "stop_gradient", "sorted", "reversed", "set", "unique", "abs", "fabs",
    "absolute", "sqrt", "square", "exp", "expm1", "log", "log1p", "tanh", "sigmoid", "relu",
    "softmax", "clip", "clamp", "round", "floor", "ceil", "sign", "transpose", "swapaxes",
    "permute", "flip", "lower", "upper", "strip", "cumsum", "squeeze", "normalize", "ravel",
})  # fmt: skip
"""Functions and methods that are easily forgotten: what they are called on is used as it is."""
_OTHER = {
    "min": "max",
    "max": "min",
    "argmin": "argmax",
    "argmax": "argmin",
    "minimum": "maximum",
    "maximum": "minimum",
    "any": "all",
    "all": "any",
    "sum": "mean",
    "mean": "sum",
    "zeros": "ones",
    "ones": "zeros",
    "zeros_like": "ones_like",
    "ones_like": "zeros_like",
    "floor": "ceil",
    "ceil": "floor",
    "var": "std",
    "std": "var",
}
_OTHER_BUILTIN = frozenset({"min", "max", "any", "all"})
_COMMUTE = frozenset({
    "max", "min", "maximum", "minimum", "add", "multiply", "allclose", "isclose", "equal",
    "array_equal", "gcd", "hypot", "logaddexp", "isinstance", "getattr", "hasattr", "setattr",
})  # fmt: skip
"""Swapping their arguments changes nothing, or is no mistake that somebody makes."""


def changed_call(node: ast.Call) -> Iterator[tuple[str, list[ast.AST]]]:
    """What might be in a call's place: kinds and nodes."""
    name = _name(node)
    if name in _DROPPED and (bare := _bare(node)) is not None:
        yield "call", [bare]
    if name in _OTHER and (isinstance(node.func, ast.Attribute) or name in _OTHER_BUILTIN):
        yield "function", [_with(node, func=_renamed(node.func, _OTHER[name]))]
    if name == "range" and not node.keywords:
        for n, bound in enumerate(node.args[:2]):
            if not isinstance(bound, ast.Constant | ast.UnaryOp | ast.Starred):
                for operator in (ast.Add(), ast.Sub()):
                    moved = ast.BinOp(bound, operator, ast.Constant(1))
                    yield "slice", [_with(node, args=[*node.args[:n], moved, *node.args[n + 1 :]])]
    if name not in _COMMUTE:
        for n in range(len(node.args) - 1):
            first, second = node.args[n : n + 2]
            if not isinstance(first, ast.Starred) and not isinstance(second, ast.Starred):
                swapped = [*node.args[:n], second, first, *node.args[n + 2 :]]
                yield "arguments", [_with(node, args=swapped)]


def changed_size(node: ast.expr) -> Iterator[tuple[str, list[ast.AST]]]:
    """A size that is read from the data, as if it were always that of the first call."""
    if isinstance(node, ast.Subscript):
        is_size = _is_shape(node.value)
    elif isinstance(node, ast.Call):
        is_size = bool(node.args) and _name(node) in ("len", "size")
    else:
        is_size = _is_shape(node)
    if is_size and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        yield "size", [ast.Call(ast.Name(FIRST_SEEN, ast.Load()), [node], [])]


def _is_shape(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "shape"


def _name(node: ast.Call) -> str:
    """The last part of what is called: `clip` in `np.clip(x, 0, 1)`."""
    return str(getattr(node.func, "attr", getattr(node.func, "id", "")))


def _bare(node: ast.Call) -> ast.expr | None:
    """What a call works on: its first argument, or what the method belongs to."""
    if node.args and (isinstance(node.func, ast.Name) or _is_module(node.func)):
        first = node.args[0]
        return None if isinstance(first, ast.Starred) else first
    if isinstance(node.func, ast.Attribute) and not _is_module(node.func):
        return node.func.value
    return None


def _is_module(function: ast.expr) -> bool:
    """Whether a function is looked up in a module, as its usual names tell."""
    while isinstance(function, ast.Attribute):
        function = function.value
    return isinstance(function, ast.Name) and function.id in _MODULES


_MODULES = frozenset({
    "np", "numpy", "torch", "tf", "tensorflow", "keras", "F", "nn", "math", "copy", "jnp", "jax",
    "scipy", "ops", "functional", "random", "cmath", "statistics", "pd", "K",
})  # fmt: skip


def _renamed(function: ast.expr, name: str) -> ast.expr:
    if isinstance(function, ast.Attribute):
        return ast.Attribute(function.value, name, ast.Load())
    return ast.Name(name, ast.Load())


def _with(
    node: ast.Call, *, func: ast.expr | None = None, args: list[ast.expr] | None = None
) -> ast.Call:
    return ast.Call(func or node.func, node.args if args is None else args, node.keywords)
