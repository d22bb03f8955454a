"""Graders: whether an answer agrees with a key, by rules of the text or by asking models.

Rules need no model; a model grades with the key before it or without.
"""

from prefactor.graders.base import AUTOMATIC, GRADERS, Grader, grade_all, make_grader

__all__ = ["AUTOMATIC", "GRADERS", "Grader", "grade_all", "make_grader"]
