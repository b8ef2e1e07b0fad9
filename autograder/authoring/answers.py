"""The shape of answers and hidden checks: what the release leaves of them is a stub, or a comment."""

import ast
from collections.abc import Iterator
from itertools import chain

from autograder.assignment.notebook import HIDDEN_MARK, Cell, Kind
from autograder.assignment.python_text import NOT_PYTHON
from autograder.authoring import marks
from autograder.authoring.findings import Finding, Source
from autograder.authoring.marks import HIDDEN, SCHEME, SOLUTION, Region, own_comments

_PAIR = {Kind.ANSWER: SOLUTION, Kind.CHECK: HIDDEN, Kind.WRITTEN: SOLUTION}
Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def marks_and_shapes(source: Source) -> Iterator[Finding]:
    """The first fault of each cell: a wrong mark makes others look wrong."""
    for cell in source.assignment.cells:
        node = source.notebook.cells[cell.index]
        code = node.cell_type == "code" and _is_python(cell.source)
        task = cell.kind is Kind.WRITTEN and SCHEME.begin in cell.source
        allowed = SCHEME if task else _PAIR.get(cell.kind)
        found = chain(marks.problems(cell.source, allowed, code), _shape(cell, code))
        if said := next(found, ""):
            yield source.found(cell, said)


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except NOT_PYTHON:
        return False
    return True


def _shape(cell: Cell, code: bool) -> Iterator[str]:
    if cell.kind is Kind.ANSWER:
        yield from answer_faults(cell.source)
    elif cell.kind is Kind.WRITTEN:
        yield from _written_faults(cell.source)
    elif code:
        yield from _hidden_faults(cell)


def answer_faults(source: str) -> Iterator[str]:
    """What keeps an answer from being released as its signature, its docstring and a stub."""
    tree = ast.parse(source)
    found = marks.regions(source, SOLUTION)
    if not found:
        yield "an answer needs ### BEGIN SOLUTION … ### END SOLUTION around its solution"
        return
    beside = [node for node in tree.body if not isinstance(node, Scope)] or tree.body[1:]
    if beside:
        line = _start(beside[0])
        yield f"line {line} stands beside the answer; its cell defines one function or class, no more"
        return
    for region in found:
        yield from _region_faults(source, tree, region)


def scopes_of(tree: ast.Module) -> Iterator[tuple[str, Scope]]:
    """The functions and classes whose bodies may end with a solution, by their dotted names."""
    for node in tree.body:
        if isinstance(node, Scope):
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                for each in node.body:
                    if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
                        yield f"{node.name}.{each.name}", each


def solved_scopes(source: str) -> Iterator[str]:
    """Dotted names of the functions and classes that a stub must end once it is released."""
    tree = ast.parse(source)
    for region in marks.regions(source, SOLUTION):
        if owners := list(_owners(tree, region)):
            yield owners[0][0]


def _owners(tree: ast.Module, region: Region) -> Iterator[tuple[str, Scope]]:
    """The functions and classes that hold a region, with statements of their bodies in it."""
    for name, scope in scopes_of(tree):
        if _start(scope) < region.begin and any(_is_in(node, region) for node in scope.body):
            yield name, scope


def _region_faults(source: str, tree: ast.Module, region: Region) -> Iterator[str]:
    owner = next((scope for _, scope in _owners(tree, region)), None)
    if owner is None or any(_is_cut(node, region) for node in owner.body):
        yield (
            f"lines {region.begin} to {region.end} do not hold whole statements of a function's "
            "body; put the marks around all that the student writes"
        )
        return
    lines = source.split("\n")
    inside = [node for node in owner.body if _is_in(node, region)]
    for number in (region.begin, region.end):
        indent = len(lines[number - 1]) - len(lines[number - 1].lstrip())
        if indent != inside[0].col_offset:
            yield (
                f"line {number} indents `{lines[number - 1].strip()}` by {indent} and the solution "
                f"by {inside[0].col_offset}; the stub takes the mark's place, so they must agree"
            )
    if above := _not_given(source, owner, region):
        yield (
            f"line {above} stands above {SOLUTION.begin} and would be released; move it between "
            "the marks, or into a setup cell"
        )
    following = [
        _start(node)
        for node in tree.body[0].body  # type: ignore[attr-defined]  # one function or class
        if isinstance(node, Scope) and _start(node) > region.end
    ]
    last = min(following) - 1 if following and owner is not tree.body[0] else len(lines)
    for number in range(region.end + 1, last + 1):
        if lines[number - 1].strip():
            yield f"line {number} stands below {SOLUTION.end}; a function ends with its solution"
            return


def _not_given(source: str, owner: Scope, region: Region) -> int:
    """The first line above a solution that is no docstring, import or `super().__init__`; or 0.

    Whatever else a body begins with is likelier a part of the solution than given code. Methods
    above the solution of a class are given.
    """
    above = [node for node in owner.body if _start(node) < region.begin]
    loose = [
        _start(node)
        for node in above
        if not (
            isinstance(node, ast.Import | ast.ImportFrom)
            or (isinstance(node, Scope) and isinstance(owner, ast.ClassDef))
            or (node is owner.body[0] and ast.get_docstring(owner) is not None)
            or ast.unparse(node).startswith("super().__init__(")
        )
    ]
    methods = [node for node in above if isinstance(node, Scope)]
    loose += [
        number
        for number in own_comments(source)
        if owner.lineno < number < region.begin
        and not any(_start(node) <= number <= _end(node) for node in methods)
    ]
    return min(loose, default=0)


def _start(node: ast.stmt) -> int:
    decorators = node.decorator_list if isinstance(node, Scope) else []
    return min([node.lineno, *(each.lineno for each in decorators)])


def _end(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _is_in(node: ast.stmt, region: Region) -> bool:
    return region.begin < _start(node) and _end(node) < region.end


def _is_cut(node: ast.stmt, region: Region) -> bool:
    return any(_start(node) < line <= _end(node) for line in (region.begin, region.end))


def _written_faults(source: str) -> Iterator[str]:
    for pair in (SOLUTION, SCHEME):
        found = marks.regions(source, pair)
        if len(found) > 1:
            yield f"line {found[1].begin} begins a second region; a written answer has one"
        elif found and pair is SOLUTION:
            for number, line in enumerate(source.split("\n")[found[0].end :], found[0].end + 1):
                if line.strip():
                    yield f"line {number} stands below {pair.end} and would be released; remove it"
                    return


def _hidden_faults(cell: Cell) -> Iterator[str]:
    """A hidden check is its comment, then one region to its end; elsewhere there is neither."""
    lines = [(n, line) for n, line in enumerate(cell.source.split("\n"), 1) if line.strip()]
    comments = own_comments(cell.source)
    said = [n for n, line in lines if n in comments and _says_hidden(line)]
    found = marks.regions(cell.source, HIDDEN)
    if cell.kind is not Kind.CHECK:
        if said:
            yield f"line {said[0]} says `{HIDDEN_MARK}`, but the cell is not a check with points"
        return
    if not said and not found:
        return
    number, first = lines[0]
    if said[:1] != [number] or not _says_exactly(first):
        yield f"line {number} must be `{HIDDEN_MARK}`, or `{HIDDEN_MARK}: what it looks at`"
    elif len(said) > 1:
        yield f"line {said[1]} says `{HIDDEN_MARK}` again; only a check's first line does"
    elif not found:
        yield f"a hidden check needs {HIDDEN.begin} … {HIDDEN.end} below its comment"
    elif len(found) > 1 or found[0].begin != lines[1][0] or found[0].end != lines[-1][0]:
        loose = next(n for n, _ in lines[1:] if not found[0].begin <= n <= found[0].end)
        yield (
            f"line {loose} stands outside the hidden region and would be released; a hidden check "
            "is its comment and one region"
        )


def _says_hidden(line: str) -> bool:
    words = line.strip("# \t").lower()
    return words.startswith(("hidden check", "hidden test", "hidden-check", "hidden_check"))


def _says_exactly(line: str) -> bool:
    return line.rstrip() == HIDDEN_MARK or line.startswith(f"{HIDDEN_MARK}: ")
