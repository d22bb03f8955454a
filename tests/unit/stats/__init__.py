"""Statistics, and their slow, plain twins."""
