"""What a piece of Python binds, changes and hands over, told from its text."""

import ast
import builtins
from collections.abc import Iterator

from autograder.assignment.python_text import NOT_PYTHON, unparsed

FRESH_METHODS = frozenset({
    "copy", "clone", "item", "tolist", "sum", "mean", "max", "min", "all", "any", "std", "var",
    "array", "deepcopy", "astype", "stack", "cat", "concatenate",
})  # fmt: skip
BUILTINS = frozenset(dir(builtins))
_CHANGERS = frozenset({
    "shuffle", "copyto", "put", "place", "putmask", "fill_diagonal", "heapify", "heappush",
    "heappop", "heappushpop", "heapreplace", "insort", "insort_left", "insort_right", "setitem",
    "delitem", "iadd", "iconcat",
})  # fmt: skip
_MUTATORS = frozenset({
    "append", "extend", "insert", "pop", "popitem", "remove", "clear", "sort", "reverse",
    "update", "setdefault", "add", "discard", "appendleft", "extendleft", "popleft", "rotate",
    "difference_update", "intersection_update", "symmetric_difference_update",
})  # fmt: skip
_ARRAY_METHODS = frozenset(
    {"fill", "itemset", "partition", "put", "resize", "setfield", "setflags"}
)
FRESH = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.JoinedStr, ast.Constant, ast.Lambda)


def deciding_nodes(statement: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a statement, without the words that a failure is told in."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.Assert):
            waiting.append(node.test)
        elif not isinstance(node, ast.Raise) and not (
            isinstance(node, ast.Call) and root_name(node.func) == "print"
        ):
            waiting.extend(ast.iter_child_nodes(node))


def scopes(body: list[ast.stmt]) -> Iterator[list[ast.AST]]:
    """What decides in each function, and in the check outside of its functions."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    waiting: list[list[ast.AST]] = [list(body)]
    while waiting:
        nodes = list[ast.AST]()
        inside = waiting.pop()
        while inside:
            node = inside.pop()
            if isinstance(node, functions):
                waiting.append([*node.body] if isinstance(node.body, list) else [node.body])
            elif isinstance(node, ast.Assert):
                inside.append(node.test)
            else:
                nodes.append(node)
                inside.extend(ast.iter_child_nodes(node))
        yield nodes


def loops_around(scope: list[ast.AST]) -> dict[int, ast.stmt]:
    """The outermost loop around each node that has one, by the node's id."""
    found: dict[int, ast.stmt] = {}
    for loop in scope:
        if isinstance(loop, ast.For | ast.While):
            for node in ast.walk(loop):
                found.setdefault(id(node), loop)
    return found


def bound_within(name: str, loop: ast.stmt) -> bool:
    """Whether a loop makes a name anew each time."""
    return any(name in names_in(target) for node in ast.walk(loop) for target, _ in bindings(node))


def made_anew(name: str, scope: list[ast.AST]) -> Iterator[int]:
    """Lines at which a name gets a value that nothing else has."""
    for node in scope:
        if isinstance(node, ast.Assign):
            for target, value in bindings(node):
                fresh = isinstance(value, FRESH) or (
                    isinstance(value, ast.Call)
                    and isinstance(value.func, ast.Attribute)
                    and value.func.attr in FRESH_METHODS
                )
                if isinstance(target, ast.Name) and target.id == name and fresh:
                    yield node.lineno


def aliases(name: str, scope: list[ast.AST]) -> set[str]:
    """Names whose values may be, or hold, the same object."""
    bound = {one for node in scope for target, _ in bindings(node) for one in names_in(target)}
    found, before = {name}, 0
    while len(found) > before:
        before = len(found)
        for node in scope:
            for target, value in bindings(node):
                if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr):
                    names = {*names_in(target)}
                    others = bound.intersection(handed_over(value))
                    if (names | others) & found and others:
                        found |= names | others
    return found


def changes_its_parameter(node: ast.AST) -> ast.AST | None:
    """A function that changes one of its parameters in place."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return None
    named = node.args
    parameters = {one.arg for one in (*named.posonlyargs, *named.args, *named.kwonlyargs)}
    parameters.discard("self")
    body = node.body if isinstance(node.body, list) else [node.body]
    for statement in body:
        for inside in ast.walk(statement):
            targets = [*changed_in_place(inside)]
            if isinstance(inside, ast.AugAssign) and isinstance(inside.target, ast.Name):
                targets = []  # of a number: a new one
            if any(root_name(target) in parameters for target in targets):
                return node
    return None


def bindings(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """(target, value) of what a node binds."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if (
                isinstance(target, ast.Tuple)
                and isinstance(node.value, ast.Tuple)
                and len(target.elts) == len(node.value.elts)
            ):
                yield from zip(target.elts, node.value.elts, strict=True)
            else:
                yield target, node.value
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
        yield node.target, node.value
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        rows = node.iter.elts if isinstance(node.iter, ast.Tuple | ast.List) else [node.iter]
        for row in rows:
            pairs = [(node.target, row)]
            if (
                isinstance(node.target, ast.Tuple)
                and isinstance(row, ast.Tuple)
                and len(node.target.elts) == len(row.elts)
            ):
                pairs = list(zip(node.target.elts, row.elts, strict=True))
            yield from pairs
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        yield node.optional_vars, node.context_expr


def changed_in_place(node: ast.AST) -> Iterator[ast.expr]:
    """What a node changes in place."""
    if isinstance(node, ast.Assign | ast.Delete):
        for target in node.targets:
            for one in ast.walk(target):
                if isinstance(one, ast.Subscript | ast.Attribute) and not isinstance(
                    one.ctx, ast.Load
                ):
                    yield one.value
    elif isinstance(node, ast.AugAssign):
        yield node.target.value if not isinstance(node.target, ast.Name) else node.target
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function = node.value.func
        if isinstance(function, ast.Attribute):
            if function.attr in _CHANGERS or root_name(function.value) in BUILTINS:
                yield from node.value.args[:1]
            else:
                yield function.value
        elif isinstance(function, ast.Name) and function.id in _CHANGERS:
            yield from node.value.args[:1]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        in_place = node.func.attr.endswith("_") and not node.func.attr.startswith("_")
        if in_place or node.func.attr in _MUTATORS:
            yield node.func.value
    elif isinstance(node, ast.keyword) and node.arg == "out":
        yield node.value


def calls_a_method(node: ast.AST) -> bool:
    """Whether a statement calls a method that no list, dict or array has."""
    call = node.value if isinstance(node, ast.Expr) else None
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and not any(hasattr(kind, call.func.attr) for kind in (list, dict, set, bytearray))
        and call.func.attr not in _ARRAY_METHODS
    )


def handed_over(argument: ast.AST) -> Iterator[str]:
    """Names in an argument whose values the answer gets, not values made of them."""
    if isinstance(argument, FRESH):
        return
    if isinstance(argument, ast.Name):
        yield argument.id
    elif isinstance(argument, ast.Call):
        if isinstance(argument.func, ast.Attribute) and argument.func.attr not in FRESH_METHODS:
            yield from handed_over(argument.func.value)
    elif isinstance(argument, ast.Subscript | ast.Attribute):
        yield from handed_over(argument.value)
    elif isinstance(argument, ast.IfExp):
        yield from handed_over(argument.body)
        yield from handed_over(argument.orelse)
    elif isinstance(argument, ast.List | ast.Tuple | ast.Set | ast.Dict | ast.Starred):
        for child in ast.iter_child_nodes(argument):
            yield from handed_over(child)


def names_any_of(node: ast.AST, words: frozenset[str]) -> bool:
    """Whether an attribute, a keyword or a name in `node` is one of the words."""
    return any(
        (isinstance(one, ast.Attribute) and one.attr in words)
        or (isinstance(one, ast.keyword) and one.arg in words)
        or (isinstance(one, ast.Name) and one.id in words)
        for one in ast.walk(node)
    )


def conjuncts(node: ast.expr) -> Iterator[ast.AST]:
    """Calls that have to say yes for a condition to hold."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for value in node.values:
            yield from conjuncts(value)
    elif isinstance(node, ast.Call):
        yield node
        if isinstance(node.func, ast.Name) and node.func.id == "all" and node.args:
            inside = node.args[0]
            if isinstance(inside, ast.GeneratorExp | ast.ListComp):
                yield from conjuncts(inside.elt)
    elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.Is | ast.In):
        yield node.left
        yield from node.comparators


def root_name(node: ast.AST) -> str:
    """The name that an expression begins with, as `x` in `x[0].y(1)`; empty if there is none."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call | ast.Starred):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def names_in(target: ast.AST) -> Iterator[str]:
    """Names that a target binds."""
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def shortened(node: ast.AST) -> str:
    """Its text in one line of at most 60 characters; dots for what is too deep or long to write."""
    try:
        text = " ".join(unparsed(node).split())
    except NOT_PYTHON:
        return "..."
    return text if len(text) <= 60 else text[:57] + "..."
