"""A class graded: what is new goes to the workers, what comes back is written down."""
