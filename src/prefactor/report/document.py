"""An explanation as the document ``results.json``: every number and setting, no text of a prompt or a response.

The names are a contract (``schemas/results-1.json``): within version 1 they are added to, never renamed or removed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from math import isfinite
from typing import Any, Final, TypeAlias, cast

import orjson

from prefactor.analysis.results import Effect, Explanation, Prediction, Profile
from prefactor.config import WHOLE
from prefactor.data.account import Account
from prefactor.report.joint_document import apportionment_document, dependence_document, telling_document

__all__ = [
    "SCHEMA_VERSION",
    "Json",
    "plain_json",
    "profile_document",
    "render_json",
    "results_document",
    "results_schema",
]

SCHEMA_VERSION: Final = "1.0"

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


def render_json(explanation: Explanation) -> bytes:
    """Return ``results.json`` as UTF-8 bytes, indented by two spaces.

    Parameters
    ----------
    explanation
        What was found.
    """
    return orjson.dumps(results_document(explanation), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def results_schema() -> Mapping[str, Json]:
    """Return the JSON Schema (draft 2020-12) that every ``results.json`` follows."""
    text = (files("prefactor.report") / "schemas" / "results-1.json").read_text(encoding="utf-8")
    return cast("Mapping[str, Json]", json.loads(text))


def results_document(explanation: Explanation) -> Mapping[str, Json]:
    """Return the explanation as plain JSON values; numbers that could not be had are None.

    Parameters
    ----------
    explanation
        What was found.
    """
    settings = {name: value for name, value in asdict(explanation.settings).items() if name != "version"}
    labels = {factor.name: factor.label for factor in explanation.factors}
    document = {
        "schema_version": SCHEMA_VERSION,
        "prefactor_version": explanation.settings.version,
        "settings": settings,
        "sources": [asdict(source) for source in explanation.sources],
        "counts": {
            "comparisons": explanation.comparisons,
            "responses": explanation.responses,
            "prompts": explanation.prompts,
        },
        "profiles": [profile_document(profile, labels) for profile in explanation.profiles],
        "agreements": [asdict(agreement) for agreement in explanation.agreements],
        "checks": [{**asdict(check), "shown": check.shown} for check in explanation.checks],
        "factors": [asdict(factor) for factor in explanation.factors],
        "truth": dict(explanation.truth),
        "nearest_published": [asdict(likeness) for likeness in explanation.nearest_published],
        "telling": [telling_document(telling) for telling in explanation.telling],
        "against_annotators": [asdict(one) for one in explanation.against_annotators],
        "pooled": [asdict(pooling) for pooling in explanation.pooled],
        "unmeasured": [asdict(one) for one in explanation.unmeasured],
    }
    return cast("Mapping[str, Json]", plain_json(document))


def profile_document(profile: Profile, labels: Mapping[str, str]) -> Mapping[str, object]:
    """Return one profile as it stands in ``results.json``, before numbers that could not be had become None.

    Parameters
    ----------
    profile
        Of one judge on one slice; the covariance of its weights is kept for the whole only.
    labels
        Words for each factor.
    """
    covariance = profile.covariance if profile.slice == WHOLE else None
    return {
        "judge": profile.judge,
        "kind": profile.kind,
        "slice": profile.slice,
        "n_used": profile.account.used,
        "n_dropped": profile.account.dropped,
        "accuracy": profile.prediction.accuracy.value,
        "factors": [
            {
                **_effect(effect, labels),
                "share": asdict(profile.apportionment.of(effect.factor)),
                "vif": profile.dependence.inflation_of(effect.factor),
            }
            for effect in profile.effects
        ],
        "account": {**_account(profile.account), "inconsistent": profile.inconsistent},
        "both_orders": profile.both_orders,
        "prompts": profile.prompts,
        "a_preferred": asdict(profile.a_preferred),
        "first_preferred": asdict(profile.first_preferred),
        "prediction": _prediction(profile.prediction),
        "fit": asdict(profile.fit),
        "collinear": [asdict(pair) for pair in profile.collinear],
        "apportionment": apportionment_document(profile),
        "dependence": dependence_document(profile),
        "ceiling": asdict(profile.ceiling),
        "self_preference": asdict(profile.self_preference),
        "repetition": asdict(profile.repetition),
        "annotators": asdict(profile.annotators),
        "manipulability": asdict(profile.manipulability),
        "addressed": {**asdict(profile.addressed), "kinds": dict(profile.addressed.kinds)},
        "joint": asdict(profile.joint),
        "unmeasured": [asdict(one) for one in profile.unmeasured],
        "corrections": asdict(profile.corrections),
        "covariance": None if covariance is None else covariance.tolist(),
    }


def _effect(effect: Effect, labels: Mapping[str, str]) -> Mapping[str, object]:
    return {
        "name": effect.factor,
        "label": labels[effect.factor],
        "tau14": asdict(effect.tau14),
        "weight": asdict(effect.weight),
        "probability": asdict(effect.probability),
        "single_weight": asdict(effect.single_weight),
        "single_probability": asdict(effect.single_probability),
        "q_value": effect.q_value,
        "verdict": effect.verdict,
        "absorbed_by": effect.absorbed_by,
        "sentence": effect.sentence,
        "n": {**_account(effect.account), "inapplicable": effect.account.inapplicable},
        "concordant": effect.concordant,
        "discordant": effect.discordant,
    }


def _account(account: Account) -> Mapping[str, object]:
    return {
        "read": account.read,
        "tied": account.tied,
        "unreadable": account.unreadable,
        "missing": account.missing,
        "used": account.used,
    }


def _prediction(prediction: Prediction) -> Mapping[str, object]:
    return {
        "folds": prediction.folds,
        "accuracy": asdict(prediction.accuracy),
        "log_loss": asdict(prediction.log_loss),
        "baselines": {
            "majority": {
                "accuracy": asdict(prediction.majority),
                "log_loss": asdict(prediction.majority_log_loss),
            },
            "length": {"accuracy": asdict(prediction.length), "log_loss": asdict(prediction.length_log_loss)},
        },
    }


def plain_json(value: Any) -> Json:
    """Turn tuples into lists, numbers that are none into None, and lone surrogates into escapes.

    Parameters
    ----------
    value
        Mappings, sequences and plain values.

    Examples
    --------
    >>> plain_json({"value": float("nan"), "names": ("a", "b")})
    {'value': None, 'names': ['a', 'b']}
    """
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): plain_json(part) for name, part in value.items()}
    if isinstance(value, Sequence):
        return [plain_json(part) for part in value]
    return cast("Json", value)
