"""Answers that are alike."""
