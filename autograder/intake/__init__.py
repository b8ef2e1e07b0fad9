"""Submissions in: the exchange, downloads of learning management systems, and who handed them in."""
