"""The class's books: what came and what a person said is kept; all else is worked out from it."""
