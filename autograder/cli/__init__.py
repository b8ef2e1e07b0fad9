"""The command `autograder`: what it takes and what it prints. Nothing imports it."""
