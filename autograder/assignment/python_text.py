"""Python's text: what reading it may raise, and a tree's text where `ast.unparse` has none."""

import ast
import copy
import re

NOT_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What Python raises that reads a text which is none of its own, or is nested too deep."""


_MAGIC = re.compile(r"^([ \t]*)(%.*)$", re.MULTILINE)


def without_magics(source: str) -> tuple[str, list[str]]:
    """A cell with `pass` in place of its lines that are IPython's, `%timeit x`; and those lines.

    A line of Python may begin with `%`, too: ask only of what is not Python as it stands.
    """
    return _MAGIC.sub(r"\1pass", source), [found[2] for found in _MAGIC.finditer(source)]


def unparsed(tree: ast.AST) -> str:
    """A tree's text.

    Before 3.12 the braces of an f-string could hold no backslash, so `ast.unparse` raises
    ValueError where it would escape a character in them, as in `f"{'\u00a0'}"`. Such a text comes
    with its f-strings as calls of `format`, which read and bind the same names.

    raises: one of `NOT_PYTHON` if it is nested too deep, or has a number of thousands of digits
    """
    try:
        return ast.unparse(tree)
    except ValueError:
        return ast.unparse(_AsFormat().visit(copy.deepcopy(tree)))


class _AsFormat(ast.NodeTransformer):
    """Reads `f"{name!r:>{width}} m"` as `'{!r:>{}} m'.format(name, width)`."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        values: list[ast.expr] = []
        template = self._template(node, values)
        call = ast.Call(ast.Attribute(ast.Constant(template), "format", ast.Load()), values, [])
        return ast.copy_location(call, node)

    def _template(self, node: ast.JoinedStr, values: list[ast.expr]) -> str:
        """The text with a field for each value, in the order in which `format` counts them."""
        text = ""
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                values.append(self.visit(part.value))
                conversion = f"!{chr(part.conversion)}" if part.conversion != -1 else ""
                spec = part.format_spec
                below = self._template(spec, values) if isinstance(spec, ast.JoinedStr) else ""
                text += f"{{{conversion}{':' if spec else ''}{below}}}"
            elif isinstance(part, ast.Constant):
                text += str(part.value).replace("{", "{{").replace("}", "}}")
        return text
