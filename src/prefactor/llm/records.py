"""What is asked of a language model and what comes back, the same for every provider. Knows no network."""

from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

__all__ = ["Message", "Reply", "Request", "Sampling", "TokenChoice", "Usage"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat.

    Parameters
    ----------
    role
        Who speaks.
    content
        What is said.
    """

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a reply is drawn.

    Parameters
    ----------
    temperature
        At least 0; 0 takes the most probable token.
    max_tokens
        Most tokens of a reply, at least 1.
    top_p
        Mass of the tokens to draw from, in (0, 1]; None leaves it to the server.
    seed
        Where the server takes one; None is none.
    stop
        Texts that end the reply.
    """

    temperature: float = 0.0
    max_tokens: int = 512
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One call to a model.

    Parameters
    ----------
    model
        Name of the model, as the server knows it.
    messages
        The chat so far; empty where ``prompt`` is to be continued as plain text.
    prompt
        Plain text to be continued; empty for a chat.
    sampling
        How the reply is drawn.
    top_logprobs
        How many alternatives with their log-probabilities are wanted for every token of the reply; 0 for none.
    schema
        JSON Schema that the reply must follow, as JSON text; empty for none.
    extra
        Further fields for the server, as JSON text of an object; empty for none.
    wants
        ``"text"``, or ``"score"`` for a reward: one number for the last message, an answer, in place of a text. Only
        providers that say they give scores are asked for those.
    """

    model: str
    messages: tuple[Message, ...] = ()
    prompt: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    top_logprobs: int = 0
    schema: str = ""
    extra: str = ""
    wants: Literal["text", "score"] = "text"

    def to_bytes(self) -> bytes:
        """Return the request as canonical JSON: equal requests give equal bytes, now and in later versions."""
        sampling = self.sampling
        wants = {} if self.wants == "text" else {"wants": self.wants}
        return orjson.dumps(
            {
                **wants,
                "extra": self.extra,
                "messages": [{"content": each.content, "role": each.role} for each in self.messages],
                "model": self.model,
                "prompt": self.prompt,
                "sampling": {
                    "max_tokens": sampling.max_tokens,
                    "seed": sampling.seed,
                    "stop": sampling.stop,
                    "temperature": sampling.temperature,
                    "top_p": sampling.top_p,
                },
                "schema": self.schema,
                "top_logprobs": self.top_logprobs,
            }
        )


@dataclass(frozen=True, slots=True)
class TokenChoice:
    """One token of a reply, with what it was chosen from.

    Parameters
    ----------
    token
        Its text.
    logprob
        Its natural log-probability.
    alternatives
        The most probable tokens in its place, itself included, with their log-probabilities, the most probable first.
    """

    token: str
    logprob: float
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of a call.

    Parameters
    ----------
    input_tokens, output_tokens
        Read and written.
    cached_tokens
        Part of the read ones that the server had in its own cache.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered.

    Parameters
    ----------
    text
        The answer.
    finish
        Why it ended: ``"stop"``, ``"length"`` where it was cut off, ``"refusal"``, or the server's word.
    tokens
        Its tokens with their log-probabilities; empty where none were asked for or the server gives none.
    usage
        Tokens of the call.
    model
        The model that answered, in the server's words.
    """

    text: str
    finish: str = "stop"
    tokens: tuple[TokenChoice, ...] = ()
    usage: Usage = field(default_factory=Usage)
    model: str = ""

    def to_bytes(self) -> bytes:
        """Return the reply as JSON."""
        return orjson.dumps(self)

    @classmethod
    def from_bytes(cls, content: bytes) -> "Reply":
        """Return the reply that :meth:`to_bytes` wrote.

        Examples
        --------
        >>> reply = Reply("B", tokens=(TokenChoice("B", -0.1, (("B", -0.1), ("A", -2.4))),))
        >>> Reply.from_bytes(reply.to_bytes()) == reply
        True
        """
        found: dict[str, Any] = orjson.loads(content)
        tokens = tuple(
            TokenChoice(one["token"], one["logprob"], tuple((text, value) for text, value in one["alternatives"]))
            for one in found["tokens"]
        )
        return cls(found["text"], found["finish"], tokens, Usage(**found["usage"]), found["model"])
