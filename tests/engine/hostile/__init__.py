"""A class of honest students and attackers, for the tests of grading."""
