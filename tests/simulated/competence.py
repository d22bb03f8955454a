"""A finding about answerers and evaluators with one text in every place that is not ours."""

from dataclasses import replace

import numpy as np

from prefactor.analysis.competence import Competence, CompetenceSettings, assess
from simulated.evaluators import Planted, plant

__all__ = ["found_with"]


def found_with(text: str = "", *, questions: int = 60) -> Competence:
    """Return what is found of planted evaluators, ``text`` standing in all names, questions, keys and answers."""
    plain = plant(np.random.default_rng(3), Planted(0.7, 0.9, 0.6), questions=questions)
    made = replace(
        plain,
        questions=tuple(
            replace(each, text=f"{each.text} {text}", columns={f"half{text}": f"{place % 2}{text}"})
            for place, each in enumerate(plain.questions)
        ),
        answers=tuple(
            replace(each, answerer=each.answerer + text, text=f"{each.text} {text}") for each in plain.answers
        ),
        verdicts=tuple(
            replace(each, answerer=each.answerer + text, evaluator=each.evaluator + text, chance=0.75)
            for each in plain.verdicts
        ),
    )
    settings = CompetenceSettings(
        slices=(f"half{text}",), evaluators=("exact",), factors=("lexical:words,characters",), bootstraps=50
    )
    return assess(made, settings)
