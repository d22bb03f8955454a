"""Servers that tests start on this machine, in a thread of their own."""
