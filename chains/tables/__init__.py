"""Answers computed from the rows of a table, without a model. Read ``answer.py`` first."""
