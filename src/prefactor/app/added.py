"""A judge added from a file of labels: fitted with the settings of the study, and kept in the results folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import nan
from pathlib import Path
from typing import Final

import numpy as np
import orjson
import polars as pl

from prefactor._typing import FloatArray, IntArray
from prefactor.analysis.profiles import fit_profile
from prefactor.analysis.results import Profile, Settings
from prefactor.analysis.units import JudgeUnits
from prefactor.app.comparisons import Chances, Comparisons
from prefactor.app.labels_file import read_labels
from prefactor.app.results import read_profile
from prefactor.config import WHOLE
from prefactor.errors import SettingError
from prefactor.factors.base import Factor
from prefactor.report.document import plain_json, profile_document

__all__ = ["FOLDER", "AddedJudge", "add_judge", "file_name", "keep_judge", "read_added", "remove_judge"]

FOLDER: Final = "added"
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class AddedJudge:
    """A judge that was added.

    Parameters
    ----------
    profile
        On all comparisons; no slice is fitted and no check is made.
    preference
        P(A preferred) on every comparison, NaN where there is none.
    account
        Rows of the file by what became of them, in words.
    """

    profile: Profile
    preference: Chances
    account: Mapping[str, int]


def add_judge(content: bytes, comparisons: Comparisons, *, judge: str, settings: Settings) -> AddedJudge:
    """Fit a judge from a file of labels.

    Parameters
    ----------
    content
        The file, see :func:`prefactor.app.labels_file.read_labels`.
    comparisons
        What the labels are of.
    judge
        Name of the judge.
    settings
        Of the study: interval, prior, seed and thresholds are the same for all judges.

    Raises
    ------
    SettingError
        There is no name, or no label that can be used.
    """
    if not judge.strip() or len(judge) > _LONGEST_NAME:
        raise SettingError("judge", expected=f"a name of 1 to {_LONGEST_NAME} characters", got=judge)
    labels = read_labels(content)
    ids = pl.Series("comparison_id", list(labels.preferences), dtype=pl.String)
    given = pl.DataFrame({"comparison_id": ids, "preference": list(labels.preferences.values())})
    table = comparisons.table.select("comparison_id", "prompt_id")
    joined = table.join(given, on="comparison_id", how="left", maintain_order="left")
    preference = joined["preference"].fill_null(nan).to_numpy().astype(np.float64)
    used = np.flatnonzero(~np.isnan(preference)).astype(np.int64)
    if not used.size:
        example = ", ".join(table["comparison_id"].head(2).to_list())
        raise SettingError(
            "labels", expected=f"ids of comparisons of these results ({example}, ...)", got=list(labels.preferences)[:2]
        )
    units = _units(judge, used, preference[used], prompts=table["prompt_id"])
    profile = fit_profile(units, comparisons.signs, factors=comparisons.factors, settings=settings, slice_name=WHOLE)
    account = {
        "rows": labels.rows,
        "used": int(used.size),
        "unreadable": labels.unreadable,
        "averaged with another of the same comparison": labels.repeated,
        "of comparisons that are not in these results": len(labels.preferences) - int(used.size),
    }
    return AddedJudge(profile, preference.astype(np.float32), account)


def _units(judge: str, used: IntArray, preference: FloatArray, *, prompts: pl.Series) -> JudgeUnits:
    none = np.zeros(used.size, dtype=np.bool_)
    counts = np.zeros(used.size, dtype=np.int64)
    return JudgeUnits(
        judge=judge,
        kind="unknown",
        comparison=used,
        prompt=prompts.rank("dense").to_numpy().astype(np.int64)[used],
        preference=preference,
        missing=none,
        weight=np.ones(used.size),
        both_orders=none,
        inconsistent=none,
        first_preferred=counts,
        ordered=counts,
    )


def file_name(judge: str) -> str:
    """Return a name for files of a judge, whatever its own name holds."""
    return sha256(judge.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def keep_judge(folder: Path, one: AddedJudge, *, factors: Sequence[Factor]) -> None:
    """Write what is known of an added judge into the results folder.

    Parameters
    ----------
    folder
        The results folder.
    one
        The judge.
    factors
        The factors of the study.
    """
    place = folder / FOLDER / file_name(one.profile.judge)
    place.parent.mkdir(exist_ok=True)
    labels = {factor.name: factor.label for factor in factors}
    document = {"account": one.account, "profile": profile_document(one.profile, labels)}
    pl.DataFrame({"preference": one.preference}).write_parquet(place.with_suffix(".parquet"))
    place.with_suffix(".json").write_bytes(orjson.dumps(plain_json(document), option=orjson.OPT_INDENT_2))


def remove_judge(folder: Path, judge: str) -> None:
    """Remove the files of an added judge."""
    for suffix in (".json", ".parquet"):
        (folder / FOLDER / file_name(judge)).with_suffix(suffix).unlink(missing_ok=True)


def read_added(folder: Path, comparisons: Comparisons) -> list[AddedJudge]:
    """Read the judges that were added before; those of other comparisons are left aside.

    Parameters
    ----------
    folder
        The results folder.
    comparisons
        Its comparisons.
    """
    found = []
    for path in sorted((folder / FOLDER).glob("*.json")):
        document = orjson.loads(path.read_bytes())
        preference = pl.read_parquet(path.with_suffix(".parquet"))["preference"].to_numpy()
        profile = read_profile(document["profile"])
        names = tuple(effect.factor for effect in profile.effects)
        if len(preference) == len(comparisons) and names == tuple(one.name for one in comparisons.factors):
            found.append(AddedJudge(profile, preference, document["account"]))
    return found
