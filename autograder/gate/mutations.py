"""Small changes to a Python tree, each a mistake that somebody might make: what mutants are made of.

Annotations, docstrings, f-strings and the words of errors, assertions and prints are left alone.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.gate.mutated_calls import changed_call, changed_size
from autograder.gate.mutated_functions import changed_function, changed_in_place, only_binder
from autograder.grading.data_flow import root_name

Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef
Edit = tuple[str, Sequence[ast.AST]]
"""A kind of change, and what takes the place of a node."""

_TALKS = frozenset({"print", "warn", "warnings", "logging", "logger", "log"})
_UNREAD = {
    ast.FunctionDef: ("returns", "decorator_list", "type_params"),
    ast.AsyncFunctionDef: ("returns", "decorator_list", "type_params"),
    ast.ClassDef: ("bases", "decorator_list", "type_params"),
    ast.arg: ("annotation",),
    ast.AnnAssign: ("annotation",),
    ast.Assert: ("msg",),
    ast.Raise: ("exc", "cause"),
    ast.JoinedStr: ("values",),
    ast.match_case: ("pattern",),
    ast.ExceptHandler: ("type",),
}
_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitXor: (ast.BitAnd,),
    ast.LShift: (ast.RShift,),
    ast.RShift: (ast.LShift,),
}
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_MODE = re.compile(r"[\w-]*")
"""A word that chooses what a function does; what is longer is text, or a formula."""
_AXES = frozenset({"axis", "dim", "axes", "dims"})


@dataclass(frozen=True)
class Place:
    """Where a node is: in a field of its holder, or at an index of the list there.

    scope: the innermost function around it, or the module
    """

    holder: ast.AST
    field: str
    index: int | None
    scope: Scope

    def with_there(self, nodes: Sequence[ast.AST]) -> Any:
        """What the holder's field is if these nodes take the place of the one there."""
        if self.index is None:
            (node,) = nodes
            return node
        there = list(getattr(self.holder, self.field))
        there[self.index : self.index + 1] = nodes
        return there


@dataclass(frozen=True)
class Change:
    """One change: what a field of a node becomes, and the line where that is."""

    kind: str
    line: int
    holder: ast.AST
    field: str
    value: Any


def changes(tree: ast.Module) -> Iterator[Change]:
    """Every change to a tree, in the order of its text; the tree itself stays as it is."""
    line = 1
    for node, place in _places(tree, tree):
        line = getattr(node, "lineno", line)
        for kind, nodes in _instead(node, place):
            yield Change(kind, line, place.holder, place.field, place.with_there(nodes))
        for kind, field, value in _within(node):
            yield Change(kind, line, node, field, value)


def _places(node: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Place]]:
    """The nodes below one that may be changed, each with its place."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        scope = node
    unread = _UNREAD.get(type(node), ())
    for field, value in ast.iter_fields(node):
        if field in unread:
            continue
        for index, child in enumerate(value) if isinstance(value, list) else ((None, value),):
            if not isinstance(child, ast.AST) or _is_words(child):
                continue
            yield child, Place(node, field, index, scope)
            if _signed(child) is None:
                yield from _places(child, scope)


def _is_words(node: ast.AST) -> bool:
    """Whether a statement is a docstring, or only says something."""
    if not isinstance(node, ast.Expr):
        return False
    value = node.value
    return isinstance(value, ast.Constant) or (
        isinstance(value, ast.Call)
        and (root_name(value.func) in _TALKS or getattr(value.func, "attr", "") in _TALKS)
    )


def _instead(node: ast.AST, place: Place) -> Iterator[Edit]:
    """What might be in a node's place."""
    if isinstance(node, ast.stmt):
        yield from _changed_statement(node, place)
    elif isinstance(node, ast.Constant) or _signed(node) is not None:
        axis = getattr(place.holder, "arg", "") in _AXES
        kind = "axis" if axis else "constant"
        yield from ((kind, [other]) for other in _constants(node, place, axis or _of_shape(place)))
    elif isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.UAdd):
        yield "operator", [node.operand]
    elif isinstance(node, ast.BoolOp):
        yield from (("boolean", [value]) for value in node.values)
    elif isinstance(node, ast.Call):
        yield from changed_call(node)
    elif isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        yield "call", [node.value]
    if isinstance(node, ast.expr):
        if place.field in ("test", "ifs") and not isinstance(
            node, ast.Compare | ast.UnaryOp | ast.Constant
        ):
            yield "condition", [ast.UnaryOp(ast.Not(), node)]
        if isinstance(place.holder, ast.Slice) and place.field in ("lower", "upper"):
            yield from (("slice", [moved]) for moved in _moved(node))
        if not (isinstance(place.holder, ast.Subscript) and getattr(node, "attr", "") == "shape"):
            yield from changed_size(node)


def _moved(bound: ast.expr) -> Iterator[ast.AST]:
    """A bound, one further and one less; a number is changed as a constant."""
    if _signed(bound) is None and not isinstance(bound, ast.Constant):
        for operator in (ast.Add(), ast.Sub()):
            yield ast.BinOp(bound, operator, ast.Constant(1))


def _within(node: ast.AST) -> Iterator[tuple[str, str, Any]]:
    """What one of a node's own fields might be: its kind, the field, the value."""
    if isinstance(node, ast.BinOp | ast.AugAssign):
        yield from (("operator", "op", other()) for other in _OPERATORS[type(node.op)])
    elif isinstance(node, ast.BoolOp):
        yield "boolean", "op", ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.Compare):
        for n, op in enumerate(node.ops):
            for other in _COMPARISONS[type(op)]:
                yield "comparison", "ops", [*node.ops[:n], other(), *node.ops[n + 1 :]]
    elif isinstance(node, ast.Call):
        for n, keyword in enumerate(node.keywords):
            if keyword.arg is not None:
                yield "keyword", "keywords", node.keywords[:n] + node.keywords[n + 1 :]
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from (("parameter", "body", body) for body in changed_function(node))


def _changed_statement(node: ast.stmt, place: Place) -> Iterator[Edit]:
    if isinstance(node, ast.With | ast.AsyncWith):
        yield "statement", [*node.body]
    elif not isinstance(
        node,
        ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
        | ast.Global | ast.Nonlocal | ast.Pass | ast.Try,
    ) and not (_alone_in_block(place) or only_binder(node, place.scope)):  # fmt: skip
        alone = place.index is not None and len(getattr(place.holder, place.field)) == 1
        yield "statement", [ast.Pass()] if alone else []
    if isinstance(node, ast.AugAssign):
        yield "operator", [ast.Assign([node.target], node.value, lineno=node.lineno)]
    yield from (("in place", nodes) for nodes in changed_in_place(node, place.scope))
    if isinstance(node, ast.For | ast.AsyncFor):
        yield from (("swap", [_for(node, swapped)]) for swapped in swaps(node.target))
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        if not isinstance(node.value, ast.Tuple):  # that would be the same, swapped twice
            for swapped in swaps(node.targets[0]):
                yield "swap", [ast.Assign([swapped], node.value, lineno=node.lineno)]
    elif isinstance(node, ast.Return) and node.value is not None:
        yield from (("swap", [ast.Return(swapped)]) for swapped in swaps(node.value))


def _for(node: ast.For | ast.AsyncFor, target: ast.expr) -> ast.stmt:
    return type(node)(target, node.iter, node.body, node.orelse, lineno=node.lineno)


def swaps(node: ast.expr) -> Iterator[ast.expr]:
    """A tuple, two neighbors in it swapped."""
    if isinstance(node, ast.Tuple):
        for n in range(len(node.elts) - 1):
            first, second = node.elts[n : n + 2]
            if not isinstance(first, ast.Starred) and not isinstance(second, ast.Starred):
                yield ast.Tuple([*node.elts[:n], second, first, *node.elts[n + 2 :]], node.ctx)


def _alone_in_block(place: Place) -> bool:
    """Whether to drop a statement is to drop the `if` or the loop around it."""
    holder = place.holder
    return (
        isinstance(holder, ast.If | ast.For | ast.While)
        and place.field == "body"
        and len(holder.body) == 1
        and not holder.orelse
    )


def _signed(node: ast.AST) -> int | float | None:
    """The number that a minus and a constant make; None if it is something else."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = getattr(node.operand, "value", None)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return -value
    return None


def _of_shape(place: Place) -> bool:
    """Whether a node says which part of a shape is meant."""
    holder = place.holder
    return isinstance(holder, ast.Subscript) and getattr(holder.value, "attr", "") == "shape"


def _constants(node: ast.AST, place: Place, is_axis: bool) -> Iterator[ast.AST]:
    """What might be in a constant's place.

    is_axis: whether it numbers an axis: 1 and -1 are the same one of two
    """
    value = _signed(node) if isinstance(node, ast.UnaryOp) else getattr(node, "value", None)
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        others: tuple[float, ...] = (value + 1, value - 1, type(value)(0), -value)
        if is_axis:
            others = tuple(one for one in others[:2] if (one < 0) is (value < 0))
        elif isinstance(place.holder, ast.Subscript):
            others = others[:2]  # of a pair, 1 and -1 are the same
        elif isinstance(place.holder, ast.arguments):
            others = others[:1]  # one tells whether a check leaves the argument out
        for other in dict.fromkeys(one for one in others if one != value):
            yield ast.parse(repr(other), mode="eval").body
    elif (
        isinstance(value, str)
        and _MODE.fullmatch(value)
        and isinstance(place.holder, ast.Compare | ast.Call | ast.keyword | ast.arguments)
    ):
        yield ast.Constant("" if value else "other")
