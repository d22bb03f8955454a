"""Asking models: requests become calls and replies, with fences around texts of unknown origin.

What is asked, and what a reply means, is for those above.
"""
