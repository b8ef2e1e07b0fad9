"""Our engine and our pages behind nbgrader's own commands and Formgrader's buttons."""
