"""Whether a check's last expression is a score, told from its text alone.

`points`, `sum(f(x) == y for x, y in cases)`: if such a one comes to an array, because an answer
returned one where a number was wanted, that is no text or picture shown at the end of a check.
"""

import ast

from autograder.assignment.python_text import NOT_PYTHON

_COUNT = ("sum", "len", "round", "int", "float", "min", "max", "abs")
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv)


def ends_with_score(source: str) -> bool:
    """Whether the last expression of a check can be meant as nothing but a number."""
    try:
        body = ast.parse(source).body
    except NOT_PYTHON:
        return False
    if not body or not isinstance(body[-1], ast.Expr):
        return False
    counters = {
        target.id
        for node in ast.walk(ast.Module(body, []))
        if isinstance(node, ast.Assign) and _is_number(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return _is_score(body[-1].value, counters)


def _is_score(node: ast.expr, counters: set[str]) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in _COUNT
    if isinstance(node, ast.BinOp) and isinstance(node.op, _ARITHMETIC):
        return all(
            isinstance(side, ast.Compare) or _is_score(side, counters)
            for side in (node.left, node.right)
        )
    if isinstance(node, ast.IfExp):
        return _is_score(node.body, counters) and _is_score(node.orelse, counters)
    if isinstance(node, ast.Name):
        return node.id in counters
    return _is_number(node)


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)
