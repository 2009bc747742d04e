"""Models of one's own from one's own examples: ``python -m models.tune WHAT``. The assistant runs without any of it."""
