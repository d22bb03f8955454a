"""Turns rows into a dataset as they come: distinct texts once, comparisons joined across files, big texts on disk.

Knows rows and tables; knows neither files' formats nor what texts are measured for.
"""

from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import polars as pl

from prefactor.config import SPILL_BYTES
from prefactor.data.dataset import RESERVED_COLUMNS, Dataset, SourceCount
from prefactor.data.preference import Order, flip
from prefactor.data.prompt_clusters import cluster_prompts
from prefactor.data.records import ColumnValue, Row, Verdict
from prefactor.data.spill import SpillFolder
from prefactor.data.text import repair

__all__ = ["Collector"]

_CHUNK_ROWS: Final = 50_000
_SWAPPED: Final[dict[Order, Order]] = {"ab": "ba", "ba": "ab"}

_RESPONSES: Final = {"index": pl.UInt32, "response_id": pl.String, "prompt": pl.UInt32, "text": pl.String}
_PROMPTS: Final = {
    "index": pl.UInt32,
    "prompt_id": pl.String,
    "prompt": pl.String,
    "system": pl.String,
    "source": pl.String,
    "reference": pl.String,
    "conversation": pl.List(pl.Struct({"role": pl.String, "content": pl.String})),
}
_COMPARISONS: Final = {
    "comparison_id": pl.String,
    "prompt": pl.UInt32,
    "response_a": pl.UInt32,
    "response_b": pl.UInt32,
    "model_a": pl.String,
    "model_b": pl.String,
}
_PREFERENCES: Final = {
    "comparison": pl.UInt32,
    "judge": pl.String,
    "kind": pl.String,
    "preference": pl.Float64,
    "problem": pl.String,
    "order": pl.String,
    "weight": pl.Float64,
    "annotator": pl.String,
}


@dataclass(slots=True)
class _Table:
    """Rows on their way into a frame, in chunks; a chunk goes to disk when texts are big."""

    schema: dict[str, Any]
    rows: list[tuple[object, ...]] = field(default_factory=list)
    chunks: list[pl.DataFrame] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)

    def close_chunk(self, file: Path | None = None) -> None:
        if not self.rows:
            return
        chunk = pl.DataFrame(self.rows, schema=self.schema, orient="row")
        self.rows = []
        if file is None:
            self.chunks.append(chunk)
        else:
            chunk.write_parquet(file, compression="zstd", compression_level=1, row_group_size=4096)
            self.files.append(file)

    def frame(self) -> pl.DataFrame:
        self.close_chunk()
        return pl.concat(self.chunks) if self.chunks else pl.DataFrame(schema=self.schema)

    def lazy(self) -> pl.LazyFrame:
        if not self.files:
            return self.frame().lazy()
        return pl.scan_parquet(self.files)


class Collector:
    """Collects rows of any number of files into one :class:`Dataset`.

    The same answer to the same prompt is one response; the same two responses by the same two models are one
    comparison, whichever of them a row calls A: the first row decides, and later verdicts are turned round to match.
    Where rows differ in it, A is in the end the one with the smaller id, so that their order does not matter.
    An objective label is counted once per comparison however many files repeat it.

    Parameters
    ----------
    spill_bytes
        Text held in memory before responses are written to a temporary folder.
    """

    def __init__(self, *, spill_bytes: int = SPILL_BYTES) -> None:
        self._spill_bytes = spill_bytes
        self._held_bytes = 0
        self._folder: SpillFolder | None = None
        self._prompts: dict[bytes, int] = {}
        self._responses: dict[bytes, int] = {}
        self._comparisons: dict[tuple[int, int, str | None, str | None], int] = {}
        self._labels: set[tuple[int, str, float | None]] = set()
        self._both_ways: set[int] = set()
        self._verdicts = 0
        self._turned_verdicts: list[int] = []
        self._tables = {
            "prompts": _Table(_PROMPTS),
            "responses": _Table(_RESPONSES),
            "comparisons": _Table(_COMPARISONS),
            "preferences": _Table(_PREFERENCES),
        }
        self._columns: list[pl.DataFrame] = []
        self._pending: list[tuple[int, dict[str, ColumnValue]]] = []
        self._sources: list[SourceCount] = []
        self._repaired = 0
        self._rows = 0

    def close_source(self, file: str, recognised: str, *, bad_rows: int = 0) -> None:
        """Say that the rows added since the last call, or since the start, are those of one file.

        Parameters
        ----------
        file, recognised
            Where they come from, and what that was recognised as.
        bad_rows
            Number of its rows that were passed over.
        """
        rows = self._rows - sum(source.rows for source in self._sources)
        repaired = self._repaired - sum(source.repaired for source in self._sources)
        self._sources.append(SourceCount(file, recognised, rows, bad_rows, repaired))

    def add(self, row: Row) -> None:
        """Add one row."""
        self._rows += 1
        prompt, prompt_key = self._prompt(row)
        response_a, key_a = self._response(row.response_a, prompt, prompt_key)
        response_b, key_b = self._response(row.response_b, prompt, prompt_key)
        key = (response_a, response_b, row.model_a, row.model_b)
        swapped = (response_b, response_a, row.model_b, row.model_a)
        turned = key not in self._comparisons and swapped in self._comparisons
        known = turned or key in self._comparisons
        if not known:
            number = self._comparisons[key] = len(self._comparisons)
            table = self._tables["comparisons"]
            table.rows.append((_comparison_id(key_a, key_b, key[2:]), prompt, *key))
            if len(table.rows) >= _CHUNK_ROWS:
                table.close_chunk()
        else:
            number = self._comparisons[swapped if turned else key]
            if turned:
                self._both_ways.add(number)
        if row.columns:
            self._pending.append((number, row.columns))
            if len(self._pending) >= _CHUNK_ROWS:
                self._close_columns()
        for verdict in row.verdicts:
            self._verdict(verdict, number, turned=turned)
        if self._held_bytes > self._spill_bytes:
            self._spill()

    def finish(self) -> Dataset:
        """Return the dataset; the collector must not be used afterwards."""
        if self._folder is not None:
            self._spill()
        comparisons, preferences = self._settle_sides()
        prompts = self._tables["prompts"].lazy()
        return Dataset(
            comparisons=self._with_columns(comparisons),
            preferences=preferences,
            responses=self._tables["responses"].lazy(),
            prompts=prompts,
            n_responses=len(self._responses),
            n_prompts=len(self._prompts),
            sources=tuple(self._sources),
            spill=self._folder,
            prompt_clusters=cluster_prompts(prompts),
        )

    def _settle_sides(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return comparisons and preferences with the sides settled, where rows called either response A."""
        comparisons, preferences = (self._tables[name].frame() for name in ("comparisons", "preferences"))
        if not self._both_ways:
            return comparisons, preferences
        ids, known = list(self._responses), list(self._comparisons)
        renamed = {}
        for number in self._both_ways:
            first, second, *models = known[number]
            sides = (ids[first], models[0] or ""), (ids[second], models[1] or "")
            if sides[0] > sides[1]:
                renamed[number] = _comparison_id(ids[second], ids[first], (models[1], models[0]))
        turned = pl.Series([number in renamed for number in range(len(comparisons))], dtype=pl.Boolean)
        new_ids = pl.Series([renamed.get(number) for number in range(len(comparisons))], dtype=pl.String)
        swap = {f"{name}_{side}": f"{name}_{other}" for name in ("response", "model") for side, other in ("ab", "ba")}
        comparisons = comparisons.with_columns(
            new_ids.fill_null(comparisons["comparison_id"]).alias("comparison_id"),
            *(pl.when(turned).then(other).otherwise(name).alias(name) for name, other in swap.items()),
        )
        as_read = pl.Series("", self._turned_verdicts, dtype=pl.UInt32)
        opposite = pl.int_range(len(preferences), eager=True).is_in(as_read.implode())
        turn = turned.gather(preferences["comparison"]) ^ opposite
        return comparisons, preferences.with_columns(
            pl.when(turn).then(1 - pl.col("preference")).otherwise("preference").alias("preference"),
            pl.when(turn).then(pl.col("order").replace(_SWAPPED)).otherwise("order").alias("order"),
        )

    def _text(self, text: str) -> tuple[str, bytes]:
        mended, encoded, changed = repair(text)
        self._repaired += changed
        return mended, encoded

    def _optional_text(self, text: str | None) -> str | None:
        return None if text is None else self._text(text)[0]

    def _prompt(self, row: Row) -> tuple[int, bytes]:
        text, encoded = self._text(row.prompt)
        digest = blake2b(encoded, digest_size=10)
        system, source = self._optional_text(row.system), self._optional_text(row.source)
        conversation = None
        if row.conversation is not None:
            conversation = [{"role": role, "content": self._text(said)[0]} for role, said in row.conversation]
        if system is not None or source is not None or conversation is not None:
            digest.update(repr((system, source, conversation)).encode())
        key = digest.digest()
        number = self._prompts.get(key)
        if number is None:
            number = self._prompts[key] = len(self._prompts)
            reference = self._optional_text(row.reference)
            entry = (number, key.hex(), text, system, source, reference, conversation)
            self._tables["prompts"].rows.append(entry)
            self._held_bytes += len(encoded) + len(source or "") + len(reference or "")
        return number, key

    def _response(self, response: str, prompt: int, prompt_key: bytes) -> tuple[int, bytes]:
        text, encoded = self._text(response)
        key = blake2b(encoded, digest_size=10, key=prompt_key).digest()
        number = self._responses.get(key)
        if number is None:
            number = self._responses[key] = len(self._responses)
            self._tables["responses"].rows.append((number, key.hex(), prompt, text))
            self._held_bytes += len(encoded)
        return number, key

    def _verdict(self, verdict: Verdict, comparison: int, *, turned: bool) -> None:
        preference = verdict.preference
        if verdict.kind == "label":
            for_a = flip(preference) if turned and preference is not None else preference
            label = (comparison, verdict.judge, for_a)
            if label in self._labels:
                return
            self._labels.add(label)
        if turned:
            # Turned round at the end, once or not at all: twice would change the last bit of a preference.
            self._turned_verdicts.append(self._verdicts)
        self._verdicts += 1
        table = self._tables["preferences"]
        table.rows.append(
            (
                comparison,
                verdict.judge,
                verdict.kind,
                preference,
                verdict.problem,
                verdict.order,
                float(verdict.weight),
                verdict.annotator,
            )
        )
        if len(table.rows) >= _CHUNK_ROWS:
            table.close_chunk()

    def _spill(self) -> None:
        if self._folder is None:
            self._folder = SpillFolder()
        for name in ("prompts", "responses"):
            table = self._tables[name]
            table.close_chunk(self._folder.path / f"{name}-{len(table.files):06d}.parquet")
        self._held_bytes = 0

    def _close_columns(self) -> None:
        if not self._pending:
            return
        names = list(dict.fromkeys(name for _, columns in self._pending for name in columns))
        frame = {"comparison": pl.Series([number for number, _ in self._pending], dtype=pl.UInt32)}
        for name in names:
            label = f"{name}_" if name in RESERVED_COLUMNS else name
            frame[label] = pl.Series([columns.get(name) for _, columns in self._pending], strict=False)
        self._columns.append(pl.DataFrame(frame))
        self._pending = []

    def _with_columns(self, comparisons: pl.DataFrame) -> pl.DataFrame:
        self._close_columns()
        if not self._columns:
            return comparisons
        columns = pl.concat(self._columns, how="diagonal_relaxed")
        if columns["comparison"].is_duplicated().any():
            # Of values that disagree the least, whatever the order of the rows that give them.
            columns = columns.group_by("comparison", maintain_order=True).agg(pl.all().min())
        numbered = comparisons.with_row_index("comparison")
        return numbered.join(columns, on="comparison", how="left", maintain_order="left").drop("comparison")


def _comparison_id(key_a: bytes, key_b: bytes, models: tuple[str | None, ...]) -> str:
    digest = blake2b(key_a + key_b, digest_size=10)
    digest.update(repr(models).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()
