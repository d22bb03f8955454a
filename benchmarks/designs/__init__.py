"""Simulated data sets whose truth is known, one file per topic; ``benchmarks/coverage.py`` runs them."""
