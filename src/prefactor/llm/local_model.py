"""One model in memory: token ids in, log-probabilities or scores out, in batches with next to no padding.

The only module that touches torch and transformers, which are untyped. Knows token ids, no request and no judge.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from prefactor._optional import load_optional
from prefactor._typing import IntArray
from prefactor.errors import CallError
from prefactor.llm.prefixes import Cluster, batches_by_length, shared_prefixes

__all__ = ["Device", "Library", "LocalModel", "Logits", "Task", "load_library", "load_model", "load_pretrained"]

Task = Literal["text", "score"]
"""What a model is loaded for: to continue texts, or to score them."""

_SHORTEST_PREFIX: Final = 16
"""Shorter prefixes are computed again for every sequence: looking them up costs as much."""

_TOKENS_A_BATCH: Final = {"cpu": 2_048}
_TOKENS_ELSEWHERE: Final = 16_384


@dataclass(frozen=True, slots=True)
class Device:
    """Where a model runs.

    Parameters
    ----------
    name
        As torch knows it: ``"cpu"``, ``"cuda:0"``, ``"mps"``.
    precision
        Type of its numbers: float32 on a processor, bfloat16 elsewhere.
    """

    name: str
    precision: str

    def __str__(self) -> str:
        return f"{self.name} {self.precision}"


@dataclass(frozen=True, slots=True)
class Library:
    """The two packages, and the device that was chosen.

    Parameters
    ----------
    torch, transformers
        The modules.
    device
        Where models run.
    """

    torch: Any
    transformers: Any
    device: Device


def load_library(device: str = "", *, feature: str = "the provider transformers") -> Library:
    """Return torch and transformers, with a device.

    Parameters
    ----------
    device
        Its name; empty for the GPU where there is one, and the processor otherwise.
    feature
        What needs them.

    Raises
    ------
    MissingExtraError
        One of them is not installed.
    """
    torch = load_optional("torch", feature=feature, extra="local")
    transformers = load_optional("transformers", feature=feature, extra="local")
    name = device or ("cuda" if torch.cuda.is_available() else "cpu")
    return Library(torch, transformers, Device(name, "float32" if name.startswith("cpu") else "bfloat16"))


@dataclass(frozen=True, slots=True)
class Logits:
    """What a model says of the next token of each row.

    Parameters
    ----------
    tensor
        Logits, rows x vocabulary.
    cache
        Keys and values of the tokens so far.
    """

    tensor: Any
    cache: Any = None

    def best(self, count: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the ``count`` most probable tokens of each row and their log-probabilities, the best first."""
        values = self.tensor.float().log_softmax(-1)
        top = values.topk(min(count, values.shape[-1]), dim=-1)
        return top.indices.cpu().numpy(), top.values.cpu().double().numpy()

    def row(self, place: int) -> NDArray[np.float64]:
        """Return the log-probabilities of all tokens in one row."""
        found: NDArray[np.float64] = self.tensor[place].float().log_softmax(-1).cpu().double().numpy()
        return found


class LocalModel:
    """A model in memory.

    Parameters
    ----------
    model, tokenizer
        Of transformers, the model in its place and in evaluation mode.
    library
        Packages and device.

    Attributes
    ----------
    tokens
        Most tokens of a batch.
    longest
        Most tokens of a sequence that the model takes.
    shares
        Whether prefixes can be shared: every layer keeps the keys and values of all tokens.
    computed
        Tokens that were computed so far, padding included.
    """

    def __init__(self, model: Any, tokenizer: Any, *, library: Library) -> None:
        self.model, self.tokenizer, self.library = model, tokenizer, library
        self._torch = library.torch
        config = model.config.get_text_config()
        self.longest: int = getattr(config, "max_position_embeddings", None) or 1 << 30
        self.tokens = _TOKENS_A_BATCH.get(library.device.name, _TOKENS_ELSEWHERE)
        self.computed = 0
        self._ends: Any = None
        self._head = model.get_output_embeddings()
        self.shares = self._head is not None and self._keeps_all_tokens()
        if self._head is not None:
            self._head.register_forward_pre_hook(self._take_ends)

    def _take_ends(self, _: object, given: tuple[Any, ...]) -> tuple[Any, ...]:
        """Let only the last token of each row into the head: a vocabulary of logits for all others is never made."""
        rows = self._torch.arange(len(self._ends), device=given[0].device)
        return (given[0][rows, self._ends].unsqueeze(1),)

    def _keeps_all_tokens(self) -> bool:
        with self._torch.inference_mode():
            cache = getattr(self.model.base_model(self._tensor([[0, 0]]), use_cache=True), "cache", None)
        layers = getattr(cache, "layers", ())
        plain = self.library.transformers.cache_utils.DynamicLayer
        return bool(layers) and all(type(layer) is plain for layer in layers)

    def _tensor(self, rows: object) -> Any:
        return self._torch.as_tensor(rows, dtype=self._torch.long, device=self.library.device.name)

    def _padded(self, rows: Sequence[IntArray], *, left: bool = False) -> tuple[NDArray[np.int64], IntArray]:
        lengths = np.array([len(row) for row in rows])
        width = int(lengths.max())
        table = np.full((len(rows), width), self.tokenizer.pad_token_id or 0, dtype=np.int64)
        for number, row in enumerate(rows):
            table[number, width - len(row) if left else 0 :][: len(row)] = row
        self.computed += table.size
        return table, lengths

    def next_tokens(self, sequences: Sequence[IntArray]) -> Iterator[tuple[list[int], Logits]]:
        """Yield the places of each batch with what the model says of the token that follows each sequence.

        Sequences that begin alike have their prefix computed once, where that saves a tenth or more.

        Parameters
        ----------
        sequences
            Token ids, each of at least one.
        """
        clusters = [Cluster(0, (place,)) for place in range(len(sequences))]
        if self.shares:
            clusters = shared_prefixes(sequences, least=_SHORTEST_PREFIX)
        alone = [cluster.members[0] for cluster in clusters if not cluster.prefix]
        for part in batches_by_length([len(sequences[place]) for place in alone], tokens=self.tokens):
            places = [alone[number] for number in part]
            yield from self._halving(places, lambda places: self._whole(sequences, places))
        together = [cluster for cluster in clusters if cluster.prefix]
        for part in batches_by_length([cluster.prefix for cluster in together], tokens=self.tokens):
            yield from self._with_prefixes(sequences, [together[number] for number in part])

    def _halving(self, places: list[int], compute: Callable[[list[int]], Logits]) -> Iterator[tuple[list[int], Logits]]:
        """Compute a batch, in halves where the device's memory is too small for it."""
        try:
            found = compute(places)
        except self._torch.OutOfMemoryError:
            if len(places) == 1:
                what = f"one sequence is too long for the memory of {self.library.device.name}"
                raise CallError("bad request", what, retryable=False) from None
            half = len(places) // 2
            self.tokens = max(1, self.tokens // 2)
            yield from self._halving(places[:half], compute)
            yield from self._halving(places[half:], compute)
            return
        yield places, found

    def _whole(self, sequences: Sequence[IntArray], places: Sequence[int]) -> Logits:
        # Padding stands behind the tokens of a row, where a causal model cannot see it: no mask is needed.
        table, lengths = self._padded([sequences[place] for place in places])
        return self._forward(table, lengths - 1)

    def _forward(self, table: NDArray[np.int64], ends: IntArray, **further: Any) -> Logits:
        with self._torch.inference_mode():
            self._ends = self._tensor(ends)
            found = self.model(input_ids=self._tensor(table), **{"use_cache": False, **further})
        return Logits(found.logits[:, 0], found.cache)

    def _with_prefixes(
        self, sequences: Sequence[IntArray], clusters: Sequence[Cluster]
    ) -> Iterator[tuple[list[int], Logits]]:
        """Compute the prefixes of clusters, and then what follows them in each member."""
        table, lengths = self._padded([sequences[each.members[0]][: each.prefix] for each in clusters])
        with self._torch.inference_mode():
            cache = self.model.base_model(input_ids=self._tensor(table), use_cache=True).cache
        prefix_of = {place: number for number, each in enumerate(clusters) for place in each.members}
        members = list(prefix_of)
        sizes = [len(sequences[place]) for place in members]
        for part in batches_by_length(sizes, tokens=self.tokens):
            places = [members[number] for number in part]
            yield from self._halving(
                places, lambda places: self._suffixes(sequences, places, prefix_of, (cache, lengths))
            )

    def _suffixes(
        self,
        sequences: Sequence[IntArray],
        places: Sequence[int],
        prefix_of: dict[int, int],
        prefixes: tuple[Any, IntArray],
    ) -> Logits:
        cache, lengths = prefixes
        rows = [prefix_of[place] for place in places]
        begun = lengths[rows]
        table, ends = self._padded([sequences[place][start:] for place, start in zip(places, begun, strict=True)])
        width = int(begun.max())
        mask = np.ones((len(rows), width + table.shape[1]), dtype=np.int64)
        mask[:, :width] = np.arange(width) < begun[:, None]
        positions = np.minimum(begun[:, None] + np.arange(table.shape[1]), self.longest - 1)
        fresh = self.library.transformers.DynamicCache()
        with self._torch.inference_mode():
            for number, layer in enumerate(cache.layers):
                taken = (each[:, :, :width].index_select(0, self._tensor(rows)) for each in (layer.keys, layer.values))
                fresh.update(*taken, number)
        return self._forward(
            table,
            ends - 1,
            attention_mask=self._tensor(mask),
            position_ids=self._tensor(positions),
            cache=fresh,
            use_cache=True,
        )

    def begin(self, sequences: Sequence[IntArray]) -> tuple[Logits, NDArray[np.int64]]:
        """Read sequences that are to be continued together; return the first logits and the mask of their tokens."""
        table, lengths = self._padded(sequences, left=True)
        mask = (np.arange(table.shape[1]) >= table.shape[1] - lengths[:, None]).astype(np.int64)
        return self._go_on(table, mask, None), mask

    def follow(self, logits: Logits, tokens: IntArray, *, mask: NDArray[np.int64]) -> Logits:
        """Read one more token in every row; ``mask`` covers it."""
        self.computed += len(tokens)
        return self._go_on(tokens[:, None], mask, logits.cache)

    def keep(self, logits: Logits, rows: IntArray) -> Logits:
        """Go on with some of the rows only."""
        chosen = self._tensor(rows)
        with self._torch.inference_mode():
            logits.cache.batch_select_indices(chosen)
            return Logits(logits.tensor.index_select(0, chosen), logits.cache)

    def _go_on(self, table: NDArray[np.int64], mask: NDArray[np.int64], cache: Any) -> Logits:
        positions = np.maximum(mask.cumsum(1) - 1, 0)[:, -table.shape[1] :]
        ends = np.full(len(table), table.shape[1] - 1)
        further = {"cache": cache} if cache is not None else {}
        return self._forward(
            table,
            ends,
            attention_mask=self._tensor(mask),
            position_ids=self._tensor(positions),
            use_cache=True,
            **further,
        )

    def scores(self, sequences: Sequence[IntArray]) -> Iterator[tuple[list[int], NDArray[np.float64]]]:
        """Yield the places of each batch with the outputs of the classification head: rows x labels.

        Parameters
        ----------
        sequences
            Token ids, each of at least one.
        """
        for places in batches_by_length([len(each) for each in sequences], tokens=self.tokens):
            for part, found in self._halving(places, lambda places: self._scored(sequences, places)):
                yield part, found.tensor.float().cpu().double().numpy()

    def _scored(self, sequences: Sequence[IntArray], places: Sequence[int]) -> Logits:
        table, lengths = self._padded([sequences[place] for place in places])
        config = self.model.config.get_text_config()
        declared = config.pad_token_id
        # The head looks for the last token that is no padding: a model that declares none gets one that does not occur.
        used = set(np.unique(table).tolist()) if declared is None else set()
        padding = (
            next(number for number in range(len(used) + 1) if number not in used) if declared is None else declared
        )
        mask = (np.arange(table.shape[1]) < lengths[:, None]).astype(np.int64)
        table = np.where(mask == 1, table, padding)
        try:
            config.pad_token_id = padding
            with self._torch.inference_mode():
                return Logits(self.model(input_ids=self._tensor(table), attention_mask=self._tensor(mask)).logits)
        finally:
            config.pad_token_id = declared


def load_model(path: str, task: Task, *, library: Library) -> LocalModel:
    """Load a model, from a folder or by its name.

    Parameters
    ----------
    path
        Folder, or name of a model that transformers finds.
    task
        What it is loaded for.
    library
        Packages and device.

    Raises
    ------
    CallError
        It cannot be loaded, or is to give scores and gives more than one.
    """
    kinds = library.transformers
    kind = kinds.AutoModelForCausalLM if task == "text" else kinds.AutoModelForSequenceClassification
    model, tokenizer, _ = load_pretrained(path, kind, library=library)
    if task == "score" and model.config.num_labels != 1:
        what = f"one score for each answer is expected; the head of {path} has {model.config.num_labels} outputs"
        raise CallError("bad request", what, retryable=False)
    return LocalModel(model, tokenizer, library=library)


def load_pretrained(path: str, kind: Any, *, library: Library) -> tuple[Any, Any, tuple[str, ...]]:
    """Return a model in its place and in evaluation mode, its tokenizer, and the weights that its files lack.

    Parameters
    ----------
    path
        Folder, or name of a model that transformers finds.
    kind
        Class of transformers.
    library
        Packages and device.

    Raises
    ------
    CallError
        It cannot be loaded.
    """
    kinds = library.transformers
    bars = kinds.utils.logging
    shown = bars.is_progress_bar_enabled()
    try:
        bars.disable_progress_bar()
        tokenizer = kinds.AutoTokenizer.from_pretrained(path)
        precision = getattr(library.torch, library.device.precision)
        model, loaded = kind.from_pretrained(path, dtype=precision, output_loading_info=True)
        return model.to(library.device.name).eval(), tokenizer, tuple(sorted(loaded["missing_keys"]))
    except Exception as error:  # noqa: BLE001 -- whatever the library raises, this model cannot be asked
        said = " ".join(str(error).split())[:300]
        raise CallError("not found", f"{path} cannot be loaded: {said}", retryable=False) from None
    finally:
        if shown:
            bars.enable_progress_bar()
