"""Tests of factors that take a model to measure."""
