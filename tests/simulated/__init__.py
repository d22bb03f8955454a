"""Logs with known truth, made for tests."""
