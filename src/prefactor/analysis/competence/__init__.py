"""Whether evaluators know what they grade: answering beside grading, and what verdicts follow.

``assess`` takes questions with a key, answers and verdicts on them.
"""

from prefactor.analysis.competence.assess import assess
from prefactor.analysis.competence.conclude import RULE
from prefactor.analysis.competence.results import Competence, CompetenceSettings, Evaluator

__all__ = ["RULE", "Competence", "CompetenceSettings", "Evaluator", "assess"]
