"""From an assignment and a submission to a result, on this machine or on many."""
