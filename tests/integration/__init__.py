"""Whole jobs: the command line, asking models over real connections, runs that are killed."""
