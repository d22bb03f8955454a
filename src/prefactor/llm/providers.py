"""The table of providers, and making one from what a user typed: ``NAME`` or ``NAME:PLACE``.

Knows names and import paths only; a provider's module, and any client it needs, is imported when it is asked for.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from prefactor.llm.base import Provider
from prefactor.registry import Registry

__all__ = ["PROVIDERS", "ProviderOptions", "make_provider"]


@dataclass(frozen=True, slots=True)
class ProviderOptions:
    """How a provider is reached.

    Parameters
    ----------
    place
        What stands behind the colon of ``NAME:PLACE``: the file of a scripted model, the device of a local one, the
        endpoint of a served reward model.
    base_url
        Address of the server; empty for the provider's own.
    key_variable
        Name of the environment variable that holds the key; empty for the provider's usual one. The key itself is
        never an option.
    """

    place: str = ""
    base_url: str = ""
    key_variable: str = ""


PROVIDERS: Final[Registry[Callable[[ProviderOptions], Provider]]] = Registry(
    "provider",
    {
        "openai": "prefactor.llm.openai_compatible:openai_provider",
        "anthropic": "prefactor.llm.anthropic:anthropic_provider",
        "litellm": "prefactor.llm.litellm_provider:litellm_provider",
        "transformers": "prefactor.llm.transformers_local:transformers_provider",
        "reward-server": "prefactor.llm.reward_server:reward_server_provider",
        "scripted": "prefactor.llm.script_file:scripted_provider",
    },
)
"""Providers by name: each a function of the options."""


def make_provider(spec: str, *, options: ProviderOptions | None = None) -> Provider:
    """Return the provider that ``spec`` names.

    Parameters
    ----------
    spec
        ``"NAME"`` or ``"NAME:PLACE"``, such as ``"scripted:answers.toml"``.
    options
        How it is reached; ``place`` is taken from ``spec``.

    Raises
    ------
    UnknownNameError
        There is no such provider.

    Examples
    --------
    >>> make_provider("scriptd:answers.toml")
    Traceback (most recent call last):
    ...
    prefactor.errors.UnknownNameError: unknown provider 'scriptd'; did you mean 'scripted'?
    """
    name, _, place = spec.partition(":")
    return PROVIDERS[name](replace(options or ProviderOptions(), place=place))
