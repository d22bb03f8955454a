"""What the measurers with a trained model share: choosing factors, loading, and telling of texts that were cut."""

import warnings
from collections.abc import Sequence

from prefactor._validate import check_known
from prefactor.errors import CallError, SettingError
from prefactor.factors.base import Factor
from prefactor.factors.taxonomy import load_taxonomy
from prefactor.llm.whole_texts import WholeTexts

__all__ = ["is_blank", "pick_factors", "ready", "tell_of_cuts"]


def pick_factors(way: str, names: Sequence[str] | None, *, usual: Sequence[str] | None = None) -> tuple[Factor, ...]:
    """Return factors of a way.

    Parameters
    ----------
    way
        Its name, which is that of its file of definitions.
    names
        The factors, in the order wanted.
    usual
        Those wanted where none are named; all by default.

    Raises
    ------
    UnknownNameError
        A name is not that of such a factor.
    SettingError
        A name is given twice, or none is.

    Examples
    --------
    >>> [factor.unit for factor in pick_factors("entailment", ["least_entailed"])]
    ['probability']
    """
    known = {factor.name: factor for factor in load_taxonomy(way)}
    wanted = list(usual or known) if names is None else list(names)
    if not wanted or len(set(wanted)) < len(wanted):
        raise SettingError(f"{way} factors", expected="at least one name, each once", got=wanted)
    return tuple(known[name] for name in check_known(f"{way} factor", wanted, known))


def ready(model: WholeTexts) -> WholeTexts:
    """Load a model, so that what is wrong with it is said before anything is measured.

    Raises
    ------
    MissingExtraError
        The extra ``local`` is not installed.
    SettingError
        The model cannot be loaded or lacks trained weights.
    """
    try:
        model.load()
    except CallError as error:
        raise SettingError(
            "factors", expected=f"a model for {model.feature}", got=model.path, hint=str(error)
        ) from None
    return model


def tell_of_cuts(name: str, cut: int, *, longest: int) -> None:
    """Warn of texts that lost their end, if there are any.

    Parameters
    ----------
    name
        Name of the measurer.
    cut
        How many did.
    longest
        Most tokens that the model reads.
    """
    if cut:
        said = f"{name}: {cut} texts lost their end: the model reads {longest} tokens at most"
        warnings.warn(said, stacklevel=3)


def is_blank(text: str | None) -> bool:
    """Whether there is nothing to read.

    Examples
    --------
    >>> is_blank(None), is_blank(" "), is_blank("a")
    (True, True, False)
    """
    return text is None or not text.strip()
