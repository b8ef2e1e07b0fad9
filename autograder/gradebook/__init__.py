"""nbgrader's gradebook: the one writer, the readers, late policy, history."""
