"""feedback-forensics' own significance of traits: from counts, and from a table of votes as its app reads it."""

import numpy as np
import pandas as pd
from feedback_forensics.app.metrics import compute_annotator_metrics, get_binom_significance

from prefactor._typing import FloatArray

SIGNIFICANT = 0.05
"""Its tables grey out a trait from this p-value on."""


def p_values(signs: FloatArray, labels: FloatArray) -> FloatArray:
    """Return its p-value of every trait, from the counts of agreement, disagreement and neither."""
    found = []
    for column in signs.T:
        agree = int(np.count_nonzero(column * (labels - 0.5) > 0))
        disagree = int(np.count_nonzero(column * (labels - 0.5) < 0))
        neither = len(labels) - agree - disagree
        counts = pd.Series({"Agree": agree, "Disagree": disagree, "Not applicable": neither})
        found.append(get_binom_significance(counts)["p_value"])
    return np.array(found)


def table_p_values(signs: FloatArray, labels: FloatArray) -> FloatArray:
    """Return the p-values of the table that it shows, from its votes up."""
    names = [f"t{number}" for number in range(signs.shape[1])]
    votes = pd.DataFrame(
        {
            name: np.where(column > 0, "text_a", np.where(column < 0, "text_b", "Not applicable"))
            for name, column in zip(names, signs.T, strict=True)
        }
    )
    votes["judge"] = np.where(labels > 0.5, "text_a", "text_b")
    shown = {name: {"annotator_in_row_name": name} for name in names}
    metrics = compute_annotator_metrics(votes.astype("category"), shown, names, "judge")["metrics"]
    return np.array([metrics["strength"][name]["p_value"] for name in names])
