"""Reads ``results.json`` back into the frozen results it was written from, as far as the app shows them.

Knows no page and no comparison.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import nan
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import numpy as np
import orjson

from prefactor.analysis.evidence import Ceiling
from prefactor.analysis.joint_results import (
    NO_DEPENDENCE,
    Apportionment,
    Dependence,
    FactorShare,
    GroupShare,
    IndistinguishableFactors,
)
from prefactor.analysis.results import Agreement, CheckOutcome, Effect, Fit, Prediction, Profile, Settings
from prefactor.config import WHOLE
from prefactor.data.account import Account
from prefactor.errors import InputFileError
from prefactor.factors.base import Factor
from prefactor.report.naming import Names
from prefactor.stats.estimate import Estimate, Weight

__all__ = ["Near", "Results", "read_profile", "read_results"]

T = TypeVar("T")

_HINT: Final = "name a folder that 'prefactor explain --out' wrote"


@dataclass(frozen=True, slots=True)
class Near:
    """A published judge that a judge is near to.

    Parameters
    ----------
    judge, published
        Their names.
    similarity
        Correlation of their weights.
    """

    judge: str
    published: str
    similarity: Estimate


@dataclass(frozen=True, slots=True)
class Results:
    """What ``results.json`` says.

    Parameters
    ----------
    profiles
        Of every judge on every slice.
    factors, checks, agreements
        As in the explanation.
    near
        Published judges that judges are near to, and why there are none.
    settings
        What produced it.
    comparisons, responses, prompts
        How many there are.
    files
        Names of the logs.
    """

    profiles: tuple[Profile, ...]
    factors: tuple[Factor, ...]
    checks: tuple[CheckOutcome, ...]
    agreements: tuple[Agreement, ...]
    near: tuple[Near, ...]
    settings: Settings
    comparisons: int
    responses: int
    prompts: int
    files: tuple[str, ...]

    @property
    def names(self) -> Names:
        """What factors are called."""
        return Names({factor.name: factor for factor in self.factors})

    @property
    def judges(self) -> tuple[str, ...]:
        """Names of the judges, in the order of the log."""
        return tuple(dict.fromkeys(profile.judge for profile in self.profiles))

    @property
    def slices(self) -> tuple[str, ...]:
        """Names of the slices, the whole first."""
        return tuple(dict.fromkeys((WHOLE, *(profile.slice for profile in self.profiles))))

    def profile(self, judge: str, *, on: str = WHOLE) -> Profile | None:
        """Return the profile of a judge on a slice, None where there is none."""
        return next((one for one in self.profiles if (one.judge, one.slice) == (judge, on)), None)

    def beside(self, profiles: Sequence[Profile]) -> "Results":
        """Return the same with profiles of further judges."""
        return replace(self, profiles=(*self.profiles, *profiles))


def read_results(path: Path) -> Results:
    """Read ``results.json``.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    InputFileError
        It is not there, or is none of these.
    """
    try:
        document = orjson.loads(path.read_bytes())
        return _results(document)
    except OSError as error:
        raise InputFileError(str(path), expected="results.json", got=error.strerror or "none", hint=_HINT) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        got = f"something else ({type(error).__name__}: {error})"
        raise InputFileError(str(path), expected="results.json of prefactor", got=got[:200], hint=_HINT) from error


def _results(document: Mapping[str, Any]) -> Results:
    settings = {**document["settings"], "version": document["prefactor_version"]}
    return Results(
        profiles=tuple(read_profile(one) for one in document["profiles"]),
        factors=tuple(_filled(Factor, _tupled(one)) for one in document["factors"]),
        checks=tuple(_filled(CheckOutcome, one) for one in document["checks"]),
        agreements=tuple(
            _filled(Agreement, {**one, "agreement": _estimate(one["agreement"])}) for one in document["agreements"]
        ),
        near=tuple(
            Near(one["judge"], near["judge"], _estimate(near["similarity"]))
            for one in document.get("nearest_published", [])
            for near in one["near"]
        ),
        settings=_filled(Settings, _tupled(settings)),
        comparisons=document["counts"]["comparisons"],
        responses=document["counts"]["responses"],
        prompts=document["counts"]["prompts"],
        files=tuple(source["file"] for source in document["sources"]),
    )


def read_profile(document: Mapping[str, Any]) -> Profile:
    """Return a profile from its place in ``results.json``, with what the app shows of it.

    Parameters
    ----------
    document
        As :func:`prefactor.report.document.profile_document` makes it.
    """
    covariance = document.get("covariance")
    return Profile(
        judge=document["judge"],
        kind=document["kind"],
        slice=document["slice"],
        account=_account(document["account"]),
        inconsistent=document["account"]["inconsistent"],
        both_orders=document["both_orders"],
        prompts=document["prompts"],
        a_preferred=_estimate(document["a_preferred"]),
        effects=tuple(_effect(one) for one in document["factors"]),
        prediction=_prediction(document["prediction"]),
        fit=_filled(Fit, document["fit"]),
        collinear=(),
        apportionment=_apportionment(document),
        dependence=_dependence(document.get("dependence")),
        ceiling=_filled(Ceiling, {key: _estimated(one) for key, one in document.get("ceiling", {}).items()}),
        covariance=None if covariance is None else np.array(covariance, dtype=np.float64),
    )


def _effect(one: Mapping[str, Any]) -> Effect:
    return Effect(
        factor=one["name"],
        account=_account(one["n"]),
        concordant=one["concordant"],
        discordant=one["discordant"],
        tau14=_estimate(one["tau14"]),
        q_value=_number(one["q_value"]),
        weight=_weight(one["weight"]),
        probability=_estimate(one["probability"]),
        single_weight=_weight(one["single_weight"]),
        single_probability=_estimate(one["single_probability"]),
        verdict=one["verdict"],
        absorbed_by=one["absorbed_by"],
        sentence=one["sentence"],
    )


def _prediction(one: Mapping[str, Any]) -> Prediction:
    majority, length = one["baselines"]["majority"], one["baselines"]["length"]
    return Prediction(
        accuracy=_estimate(one["accuracy"]),
        log_loss=_estimate(one["log_loss"]),
        majority=_estimate(majority["accuracy"]),
        length=_estimate(length["accuracy"]),
        majority_log_loss=_estimate(majority["log_loss"]),
        length_log_loss=_estimate(length["log_loss"]),
        folds=one["folds"],
    )


def _apportionment(document: Mapping[str, Any]) -> Apportionment:
    one = document["apportionment"]
    return Apportionment(
        explained=_estimate(one["explained"]),
        chance=_number(one["chance"]),
        factors=tuple(
            FactorShare(each["name"], _estimate(each.get("share")), monte_carlo=nan) for each in document["factors"]
        ),
        groups=tuple(
            GroupShare(each["name"], tuple(each["factors"]), _estimate(each["share"])) for each in one["groups"]
        ),
        orders=one["orders"],
        reason=one["reason"],
    )


def _dependence(one: Mapping[str, Any] | None) -> Dependence:
    if one is None:
        return NO_DEPENDENCE
    groups = tuple(
        IndistinguishableFactors(
            factors=tuple(each["factors"]),
            against=tuple(each["against"]),
            weight=_estimate(each["weight"]),
            probability=_estimate(each["probability"]),
            share=_estimate(each["share"]),
            sentence=each["sentence"],
        )
        for each in one["indistinguishable"]
    )
    return replace(NO_DEPENDENCE, indistinguishable=groups)


def _account(one: Mapping[str, Any]) -> Account:
    return _filled(Account, one)


def _estimate(one: Mapping[str, Any] | None) -> Estimate:
    return Estimate(*(_number((one or {}).get(name)) for name in ("value", "low", "high")))


def _estimated(value: object) -> object:
    return _estimate(value) if isinstance(value, Mapping) else value


def _weight(one: Mapping[str, Any]) -> Weight:
    return Weight(*(_number(one.get(name)) for name in ("mean", "sd", "low", "high")))


def _number(value: object) -> float:
    return nan if value is None else float(cast("float", value))


def _filled(kind: type[T], values: Mapping[str, Any]) -> T:
    """Make a dataclass from the values that it has fields for; a later minor version may have written more."""
    known = {field.name for field in fields(cast("Any", kind))}
    return kind(**{name: value for name, value in values.items() if name in known})


def _tupled(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        name: tuple(tuple(part) if isinstance(part, list) else part for part in value)
        if isinstance(value, list)
        else value
        for name, value in values.items()
    }
