"""An opened results folder: what was explained, its comparisons and texts, and the judges added since.

The one thing in the app that changes; everything that it hands out is immutable.
"""

from pathlib import Path
from threading import Lock

import numpy as np

from prefactor.app.added import AddedJudge, add_judge, keep_judge, read_added, remove_judge
from prefactor.app.comparisons import Chances, Comparisons, read_comparisons
from prefactor.app.results import Results, read_results
from prefactor.app.texts import Texts
from prefactor.errors import SettingError

__all__ = ["Opened"]


class Opened:
    """A results folder that is being looked at.

    Parameters
    ----------
    folder
        What ``prefactor explain --out`` wrote.

    Raises
    ------
    InputFileError
        A file of it is not there, or is none of these.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.texts = Texts(folder)
        self._results = read_results(folder / "results.json")
        self._comparisons = read_comparisons(folder, self._results.factors)
        self._odds: dict[str, Chances] = {}
        self._lock = Lock()
        self.added: dict[str, AddedJudge] = {}
        for one in read_added(folder, self._comparisons):
            self._put(one)

    @property
    def results(self) -> Results:
        """What was explained, with the judges added since."""
        return self._results.beside([one.profile for one in self.added.values()])

    @property
    def comparisons(self) -> Comparisons:
        """The comparisons, with the preferences of the judges added since."""
        return self._comparisons

    def odds(self, judge: str) -> Chances:
        """Return the log-odds for A that a judge's profile gives every comparison, shape (comparisons,).

        A factor that does not apply, or could not be measured, counts as a tie.
        """
        if judge not in self._odds:
            profile = self.results.profile(judge)
            found = np.zeros(len(self._comparisons), dtype=np.float32)
            for column, effect in enumerate(profile.effects if profile else ()):
                if np.isfinite(effect.weight.mean):
                    sign = self._comparisons.signs[:, column]
                    found += np.float32(effect.weight.mean) * ((sign == 1).astype(np.float32) - (sign == -1))
            self._odds[judge] = found
        return self._odds[judge]

    def add(self, content: bytes, *, judge: str) -> AddedJudge:
        """Fit a judge from a file of labels, and keep it in the folder.

        Parameters
        ----------
        content
            The file.
        judge
            Its name.

        Raises
        ------
        SettingError
            The name is taken or none, or the file holds no label that can be used.
        """
        with self._lock:
            if judge in self._results.judges:
                raise SettingError("judge", expected="a name that no judge of the results has", got=judge)
            one = add_judge(content, self._comparisons, judge=judge, settings=self._results.settings)
            keep_judge(self.folder, one, factors=self._results.factors)
            self._put(one)
        return one

    def remove(self, judge: str) -> bool:
        """Take away a judge that was added; return whether there was one of this name."""
        with self._lock:
            there = self.added.pop(judge, None) is not None
            if there:
                remove_judge(self.folder, judge)
                self._comparisons = self._comparisons.without(judge)
                self._odds.pop(judge, None)
        return there

    def _put(self, one: AddedJudge) -> None:
        self.added = {**self.added, one.profile.judge: one}
        self._comparisons = self._comparisons.beside(one.profile.judge, one.preference)
        self._odds.pop(one.profile.judge, None)
