"""The part of ``results.json`` that says what factors do together: shares, dependence, attributions."""

from collections.abc import Mapping
from dataclasses import asdict

from prefactor.analysis.joint_results import Attribution
from prefactor.analysis.results import Profile, TellingComparison

__all__ = ["apportionment_document", "dependence_document", "telling_document"]


def apportionment_document(profile: Profile) -> Mapping[str, object]:
    """Return what the factors explain, and each group's share; a factor's share stands with the factor.

    Parameters
    ----------
    profile
        Of one judge on one slice.
    """
    found = profile.apportionment
    return {
        "explained": asdict(found.explained),
        "chance": found.chance,
        "groups": [
            {"name": one.group, "factors": list(one.factors), "share": asdict(one.share)} for one in found.groups
        ],
        "orders": found.orders,
        "monte_carlo": max((one.monte_carlo for one in found.factors), default=float("nan")),
        "reason": found.reason,
    }


def dependence_document(profile: Profile) -> Mapping[str, object]:
    """Return how far the factors go together; a factor's variance inflation stands with the factor.

    Parameters
    ----------
    profile
        Of one judge on one slice.
    """
    found = profile.dependence
    return {
        "condition_number": found.condition_number,
        "condition_indices": list(found.condition_indices),
        "prior_shares": list(found.prior_shares),
        "decided": found.decided,
        "indistinguishable": [asdict(group) for group in found.indistinguishable],
    }


def telling_document(telling: TellingComparison) -> Mapping[str, object]:
    """Return what moved the verdict on one comparison, without its texts.

    Parameters
    ----------
    telling
        The comparison.
    """
    return {
        "judge": telling.judge,
        "comparison": telling.comparison,
        "preference": telling.preference,
        "predicted": telling.predicted,
        "attributions": [_attribution(part) for part in telling.attributions],
    }


def _attribution(part: Attribution) -> Mapping[str, object]:
    return {"factors": list(part.factors), "log_odds": asdict(part.value)}
