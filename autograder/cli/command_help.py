"""How `--help` shows a command: `-h` beside it, and no Python types where a name says it all."""

from collections.abc import Callable
from typing import Any, TypeVar

from typer import Typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

HELP_NAMES = ("-h", "--help")

Function = TypeVar("Function", bound=Callable[..., Any])


class _Argument(TyperArgument):
    """An argument: its name stands before its help, and needs no `<list[str]>` beside it."""

    def display_type_rich(self, ctx: Any) -> str | None:
        return None


def _shown(parameters: list[Any]) -> list[Any]:
    """The parameters, without the type of arguments and of flags, which is always `<bool>`."""
    for parameter in parameters:
        if isinstance(parameter, TyperArgument):
            parameter.__class__ = _Argument
        elif parameter.is_flag:
            parameter.metavar = ""
    return parameters


class Command(TyperCommand):
    """A command, shown as above."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _shown(super().get_params(ctx))


class Group(TyperGroup):
    """The command `autograder` itself, shown as above."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _shown(super().get_params(ctx))


def command(app: Typer, example: str, panel: str | None = None) -> Callable[[Function], Function]:
    """Make a function a command of `app`.

    example: what its help ends with, without "autograder"; the first word is the command's name
    panel:   heading in the list of commands
    """
    return app.command(
        example.split()[0],
        cls=Command,
        epilog=f"Example: autograder {example}",
        rich_help_panel=panel,
    )
