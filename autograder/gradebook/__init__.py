"""nbgrader's gradebook: the one writer, the readers, late penalties entered, history."""
