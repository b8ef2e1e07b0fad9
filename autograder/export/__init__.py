"""Marks out: for learning management systems and Gradescope."""
