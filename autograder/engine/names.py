"""Which names a cell reads and which it binds, by Python's own symbol tables."""

import builtins
import symtable
from collections.abc import Iterator


def read_names(source: str) -> frozenset[str]:
    """Global names that `source` reads, whether or not it binds them too.

    raises: SyntaxError
    """
    return frozenset(
        symbol.get_name()
        for scope in _scopes(source)
        for symbol in scope.get_symbols()
        if symbol.is_referenced() and (scope.get_type() == "module" or symbol.is_global())
    )


def bound_names(source: str) -> frozenset[str]:
    """Global names that `source` binds; `global` in a function and `:=` in a list bind them too.

    raises: SyntaxError
    """
    return frozenset(
        symbol.get_name()
        for scope in _scopes(source)
        for symbol in scope.get_symbols()
        if (symbol.is_assigned() or symbol.is_imported())
        and (scope.get_type() == "module" or symbol.is_declared_global())
    )


def free_names(source: str) -> frozenset[str]:
    """Global names that `source` reads and neither defines, imports, nor finds in builtins.

    raises: SyntaxError
    """
    return frozenset(read_names(source) - bound_names(source) - set(dir(builtins)))


def _scopes(source: str) -> Iterator[symtable.SymbolTable]:
    tables = [symtable.symtable(source, "cell", "exec")]
    while tables:
        scope = tables.pop()
        tables.extend(scope.get_children())
        yield scope
