"""Judges: one file per way of getting preferences from a model. Knows requests and replies, no analysis."""
