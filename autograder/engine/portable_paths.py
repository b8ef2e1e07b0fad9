"""Where things lie in the folder of a process of the portable engine."""

HOME = "home"
WORK = "work"
"""The folder that a notebook runs in; `roles.settle` makes it and the home beside it."""
TEXT = "text"
"""The file that takes what is written below Python."""
