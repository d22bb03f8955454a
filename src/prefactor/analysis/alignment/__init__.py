"""How alike judges are: two by two on the comparisons they share, slice by slice, and all of them together."""

from prefactor.analysis.alignment.gap import align_gap
from prefactor.analysis.alignment.gap_results import FactorGap, Gap, GapTable, Place, RoleProfile
from prefactor.analysis.alignment.judges import align_judges
from prefactor.analysis.alignment.results import (
    Alignment,
    AlignmentSettings,
    Difference,
    DifferenceVerdict,
    Discoveries,
    PairAlignment,
    Similarity,
    SliceAlignment,
    SlicedAlignment,
)
from prefactor.analysis.alignment.roles import WHEN_GENERATING, Roles, find_roles, may_have_gap

__all__ = [
    "WHEN_GENERATING",
    "Alignment",
    "AlignmentSettings",
    "Difference",
    "DifferenceVerdict",
    "Discoveries",
    "FactorGap",
    "Gap",
    "GapTable",
    "PairAlignment",
    "Place",
    "RoleProfile",
    "Roles",
    "Similarity",
    "SliceAlignment",
    "SlicedAlignment",
    "align_gap",
    "align_judges",
    "find_roles",
    "may_have_gap",
]
