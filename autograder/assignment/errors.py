"""Errors that a user can meet: one sentence that says what is wrong, where, and what to do."""


class UserError(Exception):
    """A mistake in use or input. The command prints its sentence and exits with `exit_code`.

    exit_code: 2 for wrong use (a missing file, a notebook of another course),
               1 when the work itself found fault (a stale release, a submission refused).
    """

    def __init__(self, sentence: str, exit_code: int = 2) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code
