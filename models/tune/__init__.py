"""Models of one's own from one's own examples: ``python -m models.tune WHAT``. Nothing here is needed to run the assistant."""
