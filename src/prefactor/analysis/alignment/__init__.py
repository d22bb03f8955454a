"""How alike judges are: two by two on the comparisons they share, slice by slice, and all of them together."""

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

__all__ = [
    "Alignment",
    "AlignmentSettings",
    "Difference",
    "DifferenceVerdict",
    "Discoveries",
    "PairAlignment",
    "Similarity",
    "SliceAlignment",
    "SlicedAlignment",
    "align_judges",
]
