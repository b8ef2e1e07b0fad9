"""The ground: an assignment and a submission as values, and where a course keeps its things."""
