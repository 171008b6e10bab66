"""Long seeded trials, one question a file: ``QUESTION`` and ``figures()``."""
