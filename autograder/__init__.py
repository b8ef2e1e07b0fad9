"""Release, check and grade notebooks: the harness of the deep-learning course."""

__version__ = "0.1.0"
