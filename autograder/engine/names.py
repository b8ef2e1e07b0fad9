"""Which names a cell reads and which it binds, by Python's own symbol tables."""

import builtins
import functools
import symtable
from collections.abc import Iterator

from autograder.assignment.python_text import NOT_PYTHON
from autograder.assignment.symbols import symbol_table

_BUILTINS = frozenset(dir(builtins))


def read_names(source: str) -> frozenset[str]:
    """Global names that `source` reads, whether or not it binds them too.

    raises: one of `NOT_PYTHON`
    """
    return _names(source)[0]


def bound_names(source: str) -> frozenset[str]:
    """Global names that `source` binds; `global` in a function and `:=` in a list bind them too.

    raises: one of `NOT_PYTHON`
    """
    return _names(source)[1]


def assigned_names(source: str) -> frozenset[str]:
    """Those of `bound_names` that are bound by more than an import.

    raises: one of `NOT_PYTHON`
    """
    return frozenset(
        symbol.get_name()
        for scope in _scopes(source)
        for symbol in scope.get_symbols()
        if _binds(scope, symbol) and symbol.is_assigned()
    )


def free_names(source: str) -> frozenset[str]:
    """Global names that `source` reads and neither defines, imports, nor finds in builtins.

    raises: one of `NOT_PYTHON`
    """
    read, bound = _names(source)
    return read - bound - _BUILTINS


def needed_names(source: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]] | None:
    """`read_names`, `free_names` and `bound_names` of a cell; None if Python cannot read it."""
    try:
        return read_names(source), free_names(source), bound_names(source)
    except NOT_PYTHON:
        return None


@functools.lru_cache(maxsize=1000)
def _names(source: str) -> tuple[frozenset[str], frozenset[str]]:
    """What it reads and what it binds; kept, because a class has the same checks again and again."""
    read, bound = set(), set()
    for scope in _scopes(source):
        top = scope.get_type() == "module"
        for symbol in scope.get_symbols():
            if symbol.is_referenced() and (top or symbol.is_global()):
                read.add(symbol.get_name())
            if _binds(scope, symbol):
                bound.add(symbol.get_name())
    return frozenset(read), frozenset(bound)


def _binds(scope: symtable.SymbolTable, symbol: symtable.Symbol) -> bool:
    is_global = scope.get_type() == "module" or symbol.is_declared_global()
    return is_global and (symbol.is_assigned() or symbol.is_imported())


def _scopes(source: str) -> Iterator[symtable.SymbolTable]:
    tables = [symbol_table(source)]
    while tables:
        scope = tables.pop()
        tables.extend(scope.get_children())
        yield scope
