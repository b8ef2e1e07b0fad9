"""Changes that need to know the function around them: its parameters, and who binds a name."""

import ast
import copy
from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef


def changed_function(node: Function) -> Iterator[list[ast.stmt]]:
    """Bodies in which a parameter is not used: it is its default, or else 1.

    Not where a parameter without a default is an array or a function: that fails at once.
    """
    told = 1 if ast.get_docstring(node, clean=False) is not None else 0
    for name, default in _parameters(node):
        if default is None and _is_more_than_a_number(name, node):
            continue
        if _reads(name, node.body):
            fixed = ast.Assign(
                [ast.Name(name, ast.Store())], default or ast.Constant(1), lineno=node.lineno
            )
            yield [*node.body[:told], fixed, *node.body[told:]]


def changed_in_place(node: ast.stmt, scope: ast.AST) -> Iterator[list[ast.AST]]:
    """`y = f(x + 1)` that changes the parameter `x`: `x += 1`, then `y = f(x)`."""
    if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    for expression in _evaluated_once(node):
        left = expression.left
        if isinstance(left, ast.Name) and _is_array(left.id, scope):
            target = ast.Name(left.id, ast.Store())
            rest = _Replacing(expression, left).visit(copy.deepcopy(node))
            in_place = ast.AugAssign(target, expression.op, expression.right)
            same = isinstance(rest, ast.Assign) and ast.unparse(rest) == f"{left.id} = {left.id}"
            yield [in_place] if same else [in_place, rest]


def _evaluated_once(node: ast.stmt) -> Iterator[ast.BinOp]:
    """The operations of a simple statement that are no part of a loop, a condition or a lambda."""
    if not isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return | ast.Expr):
        return
    waiting: list[ast.AST] = [node]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, ast.BinOp):
            yield one
        if not isinstance(one, _LATER):
            waiting += ast.iter_child_nodes(one)


_LATER = (
    ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.IfExp, ast.BoolOp,
)  # fmt: skip


class _Replacing(ast.NodeTransformer):
    """Puts a name in the place of one operation, in a copy: it is known by where it stands."""

    def __init__(self, operation: ast.BinOp, name: ast.Name) -> None:
        self._place, self._name = _place(operation), name

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        return self._name if _place(node) == self._place else self.generic_visit(node)


def _place(node: ast.BinOp) -> tuple[int, int, int | None, int | None]:
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


def only_binder(node: ast.stmt, scope: ast.AST) -> bool:
    """Whether without a statement a name is read unbound: that fails at once, and tests nothing.

    It is, too, where only a statement further down binds it, as `n += 1` does.
    """
    binds = {n.id for n in _names(node) if isinstance(n.ctx, ast.Store)}
    arguments = getattr(scope, "args", None)
    given = {n.arg for n in ast.walk(arguments) if isinstance(n, ast.arg)} if arguments else set()
    read_first: dict[str, bool] = dict.fromkeys(given, False)
    later: list[ast.AST] = []
    waiting: list[ast.AST] = [*ast.iter_child_nodes(scope)]
    for part in waiting:
        for name, reads in _uses(part, node, later):
            read_first.setdefault(name, reads)
        if part is waiting[-1]:  # bodies of functions run once the names around them are bound
            waiting += later
            later.clear()
    return any(read_first.get(name) for name in binds)


def _uses(node: ast.AST, without: ast.stmt, later: list[ast.AST]) -> Iterator[tuple[str, bool]]:
    """Names in the order in which Python comes to them, each with whether it is read there.

    later: takes up the functions in it, whose bodies run when they are called
    """
    if node is without:
        return
    if isinstance(node, ast.Name):
        yield node.id, not isinstance(node.ctx, ast.Store)
        return
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield node.target.id, True
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.name, False
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        later += ast.iter_child_nodes(node)
        return
    parts = [*ast.iter_child_nodes(node)]
    if isinstance(node, _VALUE_FIRST):
        parts.sort(key=lambda part: part is not node.value)
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        parts.sort(key=lambda part: part is not node.iter)
    elif isinstance(node, _COMPREHENSIONS):
        parts.sort(key=lambda part: not isinstance(part, ast.comprehension))
    for part in parts:
        yield from _uses(part, without, later)


_VALUE_FIRST = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.NamedExpr)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _parameters(node: Function) -> Iterator[tuple[str, ast.expr | None]]:
    """Names and defaults; not of `self` and `cls`."""
    arguments = [*node.args.posonlyargs, *node.args.args]
    missing = [None] * (len(arguments) - len(node.args.defaults))
    pairs = [*zip(arguments, [*missing, *node.args.defaults], strict=True)]
    pairs += zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    return ((one.arg, default) for one, default in pairs if one.arg not in ("self", "cls"))


def _names(node: ast.AST) -> Iterator[ast.Name]:
    return (one for one in ast.walk(node) if isinstance(one, ast.Name))


def _reads(name: str, body: list[ast.stmt]) -> bool:
    return any(
        one.id == name and isinstance(one.ctx, ast.Load) for part in body for one in _names(part)
    )


def _is_array(name: str, function: Function) -> bool:
    """Whether a name is a parameter that the function treats as an array."""
    return name in {one for one, _ in _parameters(function)} and _is_more_than_a_number(
        name, function
    )


def _is_more_than_a_number(name: str, function: Function) -> bool:
    """Whether something is asked of a parameter that no number has."""

    def is_it(node: ast.AST | None) -> bool:
        return isinstance(node, ast.Name) and node.id == name

    return any(
        (isinstance(node, ast.Attribute | ast.Subscript | ast.Starred) and is_it(node.value))
        or (isinstance(node, ast.For | ast.comprehension) and is_it(node.iter))
        or (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.MatMult)
            and (is_it(node.left) or is_it(node.right))
        )
        or (
            isinstance(node, ast.Call)
            and (
                is_it(node.func)
                or (getattr(node.func, "id", "") in _OF_MANY and any(map(is_it, node.args)))
            )
        )
        for node in ast.walk(function)
    )


_OF_MANY = frozenset({"len", "zip", "enumerate", "sum", "list", "tuple", "sorted", "set", "dict"})
