"""Machine-made wrong answers: an answer with one small mistake in it, every one that is known."""

import ast
import contextlib
from dataclasses import dataclass
from types import CodeType

from autograder.gate.mutated_calls import FIRST_SEEN_SOURCE
from autograder.gate.mutations import Change, changes


@dataclass(frozen=True)
class Mutant:
    """An answer with a mistake.

    kind:   of mistake, such as "comparison"
    line:   where it is in the answer's cell, from 1
    edit:   what people are shown: `- old` and `+ new`, either of which may be missing
    source: the whole answer
    """

    kind: str
    line: int
    edit: str
    source: str


def mutants(source: str) -> tuple[Mutant, ...]:
    """All mutants of an answer, in the order of its text, no two that do the same.

    raises: one of `NOT_PYTHON` if the answer is not plain Python
    """
    tree = ast.parse(source)
    original = ast.unparse(tree)
    found: list[Mutant] = []
    seen = {_code_of(original)}
    for change in changes(tree):
        text = _with(change, tree)
        code = _code_of(text)
        if code and code not in seen:
            seen.add(code)
            whole = f"{FIRST_SEEN_SOURCE}\n{text}" if change.kind == "size" else text
            found.append(Mutant(change.kind, change.line, edit(original, text), whole))
    return tuple(found)


def edit(original: str, changed: str) -> str:
    """What differs between two texts of code: the first line that went, and what came instead.

    Indentation does not count, so that to unwrap a block is to drop its head.
    """
    old, new = (
        [line.strip() for line in text.split("\n") if line.strip()] for text in (original, changed)
    )
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    lines = [f"- {old[0]}{' …' if len(old) > 1 else ''}"] if old else []
    return "\n".join([*lines, f"+ {'; '.join(new)}"] if new else lines)


def _with(change: Change, tree: ast.Module) -> str:
    """The tree's text with a change, which is undone."""
    before = getattr(change.holder, change.field)
    setattr(change.holder, change.field, change.value)
    try:
        return ast.unparse(tree)
    finally:
        setattr(change.holder, change.field, before)


def _code_of(text: str) -> str:
    """What Python makes of a text, the same for texts that do the same; empty if it cannot."""
    with contextlib.suppress(SyntaxError, ValueError):
        compile(text, "answer", "exec")
        tree = ast.fix_missing_locations(_Summed().visit(ast.parse(text)))
        return repr(_told(compile(tree, "answer", "exec")))
    return ""


def _told(code: CodeType) -> tuple[object, ...]:
    """All of a code object but its lines."""
    constants = [_told(one) if isinstance(one, CodeType) else one for one in code.co_consts]
    return (
        code.co_name, code.co_code, constants, code.co_names, code.co_varnames, code.co_cellvars,
        code.co_freevars, code.co_flags, code.co_argcount, code.co_kwonlyargcount,
        code.co_posonlyargcount, getattr(code, "co_exceptiontable", b""),
    )  # fmt: skip


class _Summed(ast.NodeTransformer):
    """Reads `n + 1 + 1` and `n + 3 - 1` as `n + 2`, and `n - 1` as `n + -1`."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if (more := _whole(node.right)) is None or not isinstance(node.op, ast.Add | ast.Sub):
            return node
        total = more if isinstance(node.op, ast.Add) else -more
        left = node.left
        if (
            isinstance(left, ast.BinOp)
            and isinstance(left.op, ast.Add)
            and (before := _whole(left.right)) is not None
        ):
            left, total = left.left, total + before
        return ast.BinOp(left, ast.Add(), ast.Constant(total))


def _whole(node: ast.expr) -> int | None:
    """The whole number that an expression is, or None."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        number = _whole(node.operand)
        return None if number is None else -number
    return None
