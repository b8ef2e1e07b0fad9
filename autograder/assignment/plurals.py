"""Nouns that fit their number: "1 page", "2 pages"."""


def plural(number: float, noun: str) -> str:
    """The noun for a number of them, which may be points and so 0.5: "page", "pages"."""
    return noun if number == 1 else f"{noun}s"


def counted(number: float, noun: str) -> str:
    """A number and its noun."""
    return f"{number:g} {plural(number, noun)}"
