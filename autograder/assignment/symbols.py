"""Python's symbol table of a text, the same on every Python.

Since 3.12 a comprehension has no scope of its own (PEP 709): its variables would be taken for the
cell's. A generator expression still has one, so comprehensions are read as if they were that.
"""

import ast
import symtable

from autograder.assignment.python_text import unparsed


def symbol_table(source: str) -> symtable.SymbolTable:
    """The table of the whole text.

    raises: one of `NOT_PYTHON`
    """
    if "for" not in source:  # cheaper, and most texts are
        return symtable.symtable(source, "cell", "exec")
    tree = ast.parse(source)
    if any(isinstance(node, _COMPREHENSIONS) for node in ast.walk(tree)):
        # Read as it is first: what is wrong in it is to be found in the text as written.
        symtable.symtable(source, "cell", "exec")
        source = unparsed(_AsGenerators().visit(tree))
    return symtable.symtable(source, "cell", "exec")


_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp)


class _AsGenerators(ast.NodeTransformer):
    """Reads `[f(n) for n in numbers]` as `(f(n) for n in numbers)`."""

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        return self._generator(node.elt, node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        return self._generator(node.elt, node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        return self._generator(ast.Tuple([node.key, node.value], ast.Load()), node)

    def _generator(
        self, element: ast.expr, node: ast.ListComp | ast.SetComp | ast.DictComp
    ) -> ast.AST:
        return self.generic_visit(ast.GeneratorExp(element, node.generators))
