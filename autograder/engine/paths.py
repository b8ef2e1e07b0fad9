"""Where things lie inside the jail."""

DATA = "/course"
"""The assignment's data files, read-only."""
HOME = "/tmp/home"
WORK = "/tmp/work"
"""The folder that a notebook runs in; each process has its own."""
