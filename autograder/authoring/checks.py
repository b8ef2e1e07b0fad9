"""What makes a check one: it is read-only, it can fail, and where it fails it says why."""

import ast
import math
from collections.abc import Iterator

from autograder.assignment.notebook import EXPLORE_TAG, Kind, marks_of
from autograder.authoring.findings import Finding, Source
from autograder.engine.names import bound_names, free_names
from autograder.engine.scores import ends_with_score

_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def checks(source: Source) -> Iterator[Finding]:
    """Tags and locks, asserts and their messages, and the names that a check reads."""
    yield from _graded_cells_are_run(source)
    yield from _checks_can_fail(source)
    yield from _checks_are_black_boxes(source)


def _graded_cells_are_run(source: Source) -> Iterator[Finding]:
    for cell in source.assignment.cells:
        node = source.notebook.cells[cell.index]
        marks = marks_of(node)
        if cell.kind is Kind.EXPLORE and (marks.get("grade") or marks.get("solution")):
            kind = "a check" if marks.get("grade") else "an answer"
            yield source.found(
                cell,
                f"is {kind} tagged `{EXPLORE_TAG}`, which grading does not run; remove the tag",
            )
        points = marks.get("points", 0)
        number = isinstance(points, int | float) and math.isfinite(points) and points >= 0
        if marks.get("grade") and not number:
            said = "empty" if points is None else f"`{points}`"
            yield source.found(
                cell, f"has points that are no number ({said}); give it some in Create Assignment"
            )
        if cell.kind is Kind.CHECK and not marks.get("locked"):
            yield source.found(cell, "is a check that is not locked; lock it (read-only)")


def _checks_can_fail(source: Source) -> Iterator[Finding]:
    """An assert about the check's own data cannot fail for a student: it needs no message."""
    answers: set[str] = set()
    for cell in source.assignment.cells:
        if cell.kind is Kind.ANSWER:
            answers |= cell.declares
        if cell.kind is not Kind.CHECK:
            continue
        tree = ast.parse(cell.source)
        asserts = [node for node in ast.walk(tree) if isinstance(node, ast.Assert)]
        if not asserts and not ends_with_score(cell.source):
            yield source.found(
                cell, "has neither an assert nor, as its last line, an expression that is a score"
            )
        silent = [node for node in asserts if node.msg is None]
        touched = touched_names(tree, answers) if silent else frozenset()
        functions = {id(each) for node in ast.walk(tree) if _is_function(node)
                     for each in ast.walk(node)}  # fmt: skip
        for node in sorted(silent, key=lambda node: node.lineno):
            if id(node) in functions or not touched.isdisjoint(reads(node.test)):
                yield source.found(
                    cell,
                    f"the assert in line {node.lineno} has no message; say what was expected, "
                    "what came and why",
                )


def _checks_are_black_boxes(source: Source) -> Iterator[Finding]:
    """A check reads only what an exercise above it declares, and what setup cells define."""
    known: set[str] = set()
    starred = False
    for cell in source.assignment.cells:
        if cell.kind in (Kind.SETUP, Kind.ANSWER, Kind.CHECK) and (module := _starred(cell.source)):
            starred = True
            yield source.found(
                cell, f"imports `*` from {module}, so that nobody can tell what; name what it needs"
            )
        if cell.kind is Kind.SETUP:
            known |= bound_names(cell.source)
        elif cell.kind is Kind.ANSWER:
            known |= cell.declares
        elif cell.kind is Kind.CHECK:
            for name in sorted(free_names(cell.source) - known if not starred else ()):
                yield source.found(cell, f"reads `{name}`, which no exercise declares")


def _starred(source: str) -> str:
    """The module of which a cell imports every name, or nothing."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            return f"{'.' * node.level}{node.module or ''}"
    return ""


def touched_names(tree: ast.Module, answers: set[str]) -> frozenset[str]:
    """The answers, and the names of a check whose values may depend on what an answer did."""
    touched = set(answers)
    nodes = list(ast.walk(tree))
    modules = {
        alias.asname or alias.name.partition(".")[0]
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    while True:
        before = len(touched)
        for node in nodes:
            touched |= _spread(node, touched) - modules
        if len(touched) == before:
            return frozenset(touched)


def _spread(node: ast.AST, touched: set[str]) -> set[str]:
    """Names to which one statement or expression hands on what is touched."""

    def hit(*parts: ast.AST | None) -> bool:
        return any(part is not None and not touched.isdisjoint(reads(part)) for part in parts)

    found: set[str] = set()
    if isinstance(node, ast.Assign):
        for target in node.targets:
            found |= _assigned(target, node.value, touched)
    elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and hit(node.value):
        found |= _bound(node.target)
    elif hit(*_deciding(node)):
        found |= _bound(node)
    elif isinstance(node, ast.withitem) and hit(node.context_expr):
        found |= _bound(node.optional_vars) if node.optional_vars else set()
    elif _is_function(node) and hit(node):
        found.add(getattr(node, "name", ""))
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value  # `seen.append(answer(1))`
        if isinstance(call.func, ast.Attribute) and hit(*call.args, *call.keywords):
            found |= _owner(call.func)
    return found


def _deciding(node: ast.AST) -> list[ast.AST]:
    """What decides which of the statements below run, and how often."""
    if isinstance(node, ast.For | ast.AsyncFor):
        return [node.iter]
    if isinstance(node, ast.If | ast.While):
        return [node.test]
    if isinstance(node, ast.Match):
        return [node.subject]
    return [*node.body] if isinstance(node, ast.Try) else []


def _assigned(target: ast.expr, value: ast.expr, touched: set[str]) -> set[str]:
    """`a, b = f(x), 1` hands on to a alone."""
    if (
        isinstance(target, ast.Tuple)
        and isinstance(value, ast.Tuple)
        and len(target.elts) == len(value.elts)
        and not any(isinstance(each, ast.Starred) for each in (*target.elts, *value.elts))
    ):
        pairs = zip(target.elts, value.elts, strict=True)
        return set().union(*(_assigned(one, other, touched) for one, other in pairs))
    return _bound(target) if not touched.isdisjoint(reads(value)) else set()


def _bound(node: ast.AST) -> set[str]:
    """Names that are assigned, or assigned into, anywhere in it; those of comprehensions are not."""
    found: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            found.add(each.id)
        elif isinstance(each, ast.Subscript | ast.Attribute) and isinstance(each.ctx, ast.Store):
            found |= _owner(each)
        elif isinstance(each, ast.ExceptHandler) and each.name:
            found.add(each.name)
    return found - _of_comprehensions(node)


def _owner(node: ast.expr) -> set[str]:
    """The name at the beginning of `name.part[0]`."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _of_comprehensions(node: ast.AST) -> set[str]:
    return {
        name.id
        for each in ast.walk(node)
        if isinstance(each, ast.comprehension)
        for name in ast.walk(each.target)
        if isinstance(name, ast.Name)
    }


def reads(node: ast.AST, bound: frozenset[str] = frozenset()) -> Iterator[str]:
    """Names that are read in it and not bound by a comprehension, a lambda or a function in it."""
    if isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Load) and node.id not in bound:
            yield node.id
        return
    if isinstance(node, _COMPREHENSIONS):
        bound |= _of_comprehensions(node)
    elif isinstance(node, ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef):
        bound |= {each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)}
        bound |= _bound(node) if not isinstance(node, ast.Lambda) else set()
    for child in ast.iter_child_nodes(node):
        yield from reads(child, bound)


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
