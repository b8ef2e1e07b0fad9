"""The grading engine: student code in a jail, checks in a process that no line of it reaches."""
