"""Models that read texts whole: pooled states, outputs of a classification head, the first token of a reply.

Reads in batches sorted by length; knows no factor. Loaded when first needed, and again in another process.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import RLock
from typing import Any, Final, Literal

import numpy as np

from prefactor._typing import FloatArray
from prefactor.errors import CallError
from prefactor.llm.local_model import Library, load_library, load_pretrained
from prefactor.llm.prefixes import batches_by_length

__all__ = ["Head", "WholeTexts", "Windows"]

Head = Literal["states", "classes", "first token"]
"""What a model gives: the sum of the states of all tokens of a text, with their number; a value for each class; a value
for each token that a reply may begin with."""

_KINDS: Final = {
    "states": "AutoModel",
    "classes": "AutoModelForSequenceClassification",
    "first token": "AutoModelForSeq2SeqLM",
}
_TOKENS_A_BATCH: Final = {"cpu": 4_096}
_TOKENS_ELSEWHERE: Final = 65_536

Row = dict[str, list[int]]
"""Token ids, and their types where the model has such."""


@dataclass(frozen=True, slots=True)
class Windows:
    """Texts as a model reads them: whole where they are short enough, otherwise window by window.

    Parameters
    ----------
    rows
        The windows.
    owners
        For each window the place of its text, ascending.
    """

    rows: list[Row]
    owners: list[int]


@dataclass(frozen=True, slots=True)
class _Loaded:
    library: Library
    model: Any
    tokenizer: Any
    longest: int


class WholeTexts:
    """A model that reads texts whole; it is loaded when it is first needed.

    Parameters
    ----------
    path
        Folder, or name of a model that transformers finds.
    head
        What it gives.
    feature
        What needs it, as the subject of a message.
    longest
        Most tokens of a text, where the model itself sets no lower limit.
    device
        As torch knows it; empty for the GPU where there is one, and the processor otherwise.

    Attributes
    ----------
    computed
        Tokens that were computed so far, padding included.
    cut
        Texts that lost their end so far, because they are longer than the model reads.
    """

    def __init__(self, path: str, head: Head, *, feature: str, longest: int = 1_024, device: str = "") -> None:
        self.path, self.head, self.feature, self.device = path, head, feature, device
        self._longest = longest
        # One reader at a time: a tokenizer keeps the limits of its last call.
        self._lock = RLock()
        self._found: _Loaded | None = None
        self.computed = self.cut = 0

    def __reduce__(self) -> tuple[Callable[..., "WholeTexts"], tuple[object, ...]]:
        return _unloaded, (self.path, self.head, self.feature, self._longest, self.device)

    def _load(self) -> _Loaded:
        with self._lock:
            if self._found is None:
                self._found = self._read()
            return self._found

    def _read(self) -> _Loaded:
        library = load_library(self.device, feature=self.feature)
        kind = getattr(library.transformers, _KINDS[self.head])
        model, tokenizer, missing = load_pretrained(self.path, kind, library=library)
        if missing and self.head != "states":
            what = f"{self.path} has no trained weights for this use: {', '.join(missing)[:200]}"
            raise CallError("bad request", what, retryable=False)
        if not tokenizer.is_fast:
            raise CallError("bad request", f"{self.path} has no fast tokenizer", retryable=False)
        if self.head == "states" and model.config.is_encoder_decoder:
            model = model.get_encoder()
        limits = [self._longest]
        if (positions := _positions(model)) is not None:
            limits += [positions, tokenizer.model_max_length]
        return _Loaded(library, model, tokenizer, min(limits))

    def load(self) -> None:
        """Load the model now.

        Raises
        ------
        MissingExtraError
            The extra ``local`` is not installed.
        CallError
            It cannot be loaded, or lacks trained weights.
        """
        self._load()

    @property
    def longest(self) -> int:
        """Most tokens of a text."""
        return self._load().longest

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the outputs."""
        config = self._load().model.config
        return tuple(str(config.id2label[place]) for place in range(config.num_labels))

    @property
    def special(self) -> tuple[str, ...]:
        """Tokens that mean something to the model, as they would stand in a text."""
        return tuple(self._load().tokenizer.all_special_tokens)

    def token(self, word: str) -> int | None:
        """Return the first token of a word; None where the model does not know it."""
        tokenizer = self._load().tokenizer
        ids = tokenizer(word, add_special_tokens=False)["input_ids"]
        return int(ids[0]) if ids and ids[0] != tokenizer.unk_token_id else None

    def shortened(self, texts: Sequence[str], *, tokens: int) -> tuple[list[str], int]:
        """Return texts that have so many tokens at most, special ones apart, and how many lost their end."""
        if not texts:
            return [], 0
        whole = [_readable(text) for text in texts]
        with self._lock:
            encoded = self._load().tokenizer(
                whole,
                add_special_tokens=False,
                split_special_tokens=True,
                return_offsets_mapping=True,
                verbose=False,
            )
        ends = [offsets[tokens - 1][1] if len(offsets) > tokens else None for offsets in encoded["offset_mapping"]]
        return [text[:end] for text, end in zip(whole, ends, strict=True)], self._cut(end is not None for end in ends)

    def beginnings(self, texts: Sequence[str], *, special: bool = False) -> tuple[list[Row], int]:
        """Return one row for each text, and how many lost their end.

        Parameters
        ----------
        texts
            The texts.
        special
            Whether special tokens that stand in the texts are read as such.
        """
        windows = self.windows(texts, special=special)
        counts = Counter(windows.owners)
        rows = dict(zip(reversed(windows.owners), reversed(windows.rows), strict=True))
        return [rows[place] for place in range(len(texts))], self._cut(count > 1 for count in counts.values())

    def _cut(self, cut: Iterable[bool]) -> int:
        count = sum(cut)
        with self._lock:
            self.cut += count
        return count

    def windows(
        self, texts: Sequence[str], seconds: Sequence[str] | None = None, *, overlap: int = 0, special: bool = False
    ) -> Windows:
        """Return texts as rows; of long ones, windows that overlap.

        Parameters
        ----------
        texts
            The texts.
        seconds
            What stands behind each of them, whole in every window.
        overlap
            Tokens that a window shares with the one before.
        special
            Whether special tokens that stand in the texts are read as such.
        """
        if not texts:
            return Windows([], [])
        with self._lock:
            loaded = self._load()
            encoded = loaded.tokenizer(
                [_readable(text) for text in texts],
                None if seconds is None else [_readable(text) for text in seconds],
                truncation=True if seconds is None else "only_first",
                max_length=loaded.longest,
                stride=overlap,
                return_overflowing_tokens=True,
                split_special_tokens=not special,
            )
        names = [name for name in ("input_ids", "token_type_ids") if name in encoded]
        rows = [dict(zip(names, row, strict=True)) for row in zip(*(encoded[name] for name in names), strict=True)]
        return Windows(rows, list(encoded["overflow_to_sample_mapping"]))

    def classes(self, rows: Sequence[Row]) -> FloatArray:
        """Return the outputs of the classification head, shape (rows, classes)."""
        return self._outputs(rows, lambda loaded, given: loaded.model(**given).logits)

    def first_tokens(self, rows: Sequence[Row], tokens: Sequence[int]) -> FloatArray:
        """Return how much speaks for each of some tokens as the first of the reply, shape (rows, tokens), in logits."""

        def compute(loaded: _Loaded, given: dict[str, Any]) -> Any:
            start = loaded.model.config.decoder_start_token_id
            begun = loaded.library.torch.full_like(given["input_ids"][:, :1], start)
            return loaded.model(**given, decoder_input_ids=begun, use_cache=False).logits[:, 0, list(tokens)]

        return self._outputs(rows, compute)

    def pooled(self, texts: Sequence[str]) -> FloatArray:
        """Return the mean state over all tokens of each text, at length 1, shape (texts, size of a state)."""
        windows = self.windows(texts)

        def compute(loaded: _Loaded, given: dict[str, Any]) -> Any:
            states = loaded.model(**given).last_hidden_state.float()
            return (states * given["attention_mask"].unsqueeze(-1)).sum(1)

        sums = self._outputs(windows.rows, compute)
        found = np.zeros((len(texts), sums.shape[1]))
        # The mean is the sum but for its length, which is made 1.
        np.add.at(found, windows.owners, sums)
        lengths: FloatArray = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.maximum(lengths, 1e-12))

    def _outputs(self, rows: Sequence[Row], compute: Callable[[_Loaded, dict[str, Any]], Any]) -> FloatArray:
        if not rows:
            return np.empty((0, 1))
        with self._lock:
            loaded = self._load()
            most = _TOKENS_A_BATCH.get(loaded.library.device.name, _TOKENS_ELSEWHERE)
            found: list[FloatArray | None] = [None] * len(rows)
            for places in batches_by_length([len(row["input_ids"]) for row in rows], tokens=most):
                values = self._batch(loaded, [rows[place] for place in places], compute)
                for place, value in zip(places, values, strict=True):
                    found[place] = value
        return np.array(found, dtype=np.float64)

    def _batch(
        self, loaded: _Loaded, rows: Sequence[Row], compute: Callable[[_Loaded, dict[str, Any]], Any]
    ) -> FloatArray:
        """Compute a batch, in halves where the device's memory is too small for it."""
        torch = loaded.library.torch
        try:
            with torch.inference_mode():
                values = compute(loaded, self._padded(loaded, rows))
            return np.asarray(values.float().cpu().double().numpy())
        except torch.OutOfMemoryError:
            if len(rows) == 1:
                what = f"one text is too long for the memory of {loaded.library.device.name}"
                raise CallError("bad request", what, retryable=False) from None
        half = len(rows) // 2
        return np.concatenate([self._batch(loaded, part, compute) for part in (rows[:half], rows[half:])])

    def _padded(self, loaded: _Loaded, rows: Sequence[Row]) -> dict[str, Any]:
        lengths = np.array([len(row["input_ids"]) for row in rows])
        shape = (len(rows), int(lengths.max()))
        tables = {name: np.zeros(shape, dtype=np.int64) for name in rows[0]}
        tables["input_ids"] += loaded.tokenizer.pad_token_id or 0
        for number, row in enumerate(rows):
            for name, values in row.items():
                tables[name][number, : len(values)] = values
        tables["attention_mask"] = (np.arange(shape[1]) < lengths[:, None]).astype(np.int64)
        self.computed += int(np.prod(shape))
        device = loaded.library.device.name
        return {name: loaded.library.torch.as_tensor(table, device=device) for name, table in tables.items()}


def _readable(text: str) -> str:
    """Return a text that a tokenizer takes: lone surrogates have no bytes."""
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _unloaded(path: str, head: Head, feature: str, longest: int, device: str) -> WholeTexts:
    return WholeTexts(path, head, feature=feature, longest=longest, device=device)


def _positions(model: Any) -> int | None:
    """Return how many positions a model has; None where it reads texts of any length (T5)."""
    most = getattr(model.config, "max_position_embeddings", None)
    if most is None:
        return None
    table = getattr(getattr(model.base_model, "embeddings", None), "position_embeddings", None)
    padding = getattr(table, "padding_idx", None)
    # RoBERTa and its kin spend the first positions on padding.
    return int(most) if padding is None else int(most) - padding - 1
