"""``prefactor cache``: what the file of paid replies holds, and taking things out of it."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from prefactor.cli.asking import default_cache
from prefactor.cli.terminal import line, print_table
from prefactor.errors import SettingError
from prefactor.runtime.cache_contents import export_cache, prune_cache, show_cache

__all__ = ["cache_command"]

_file = click.option(
    "--cache", "path", type=click.Path(path_type=Path, dir_okay=False), help="The file. [default: that of judge]"
)


@click.group("cache")
def cache_command() -> None:
    """Show, prune or export the replies that were paid for."""


@cache_command.command("show")
@_file
def show_command(*, path: Path | None) -> None:
    """Say what is there, model by model."""
    path = path or default_cache()
    contents = show_cache(path)
    line(f"{path}: {contents.size:,} bytes")
    rows = [
        (
            shelf.label,
            f"{shelf.replies:,}",
            f"{shelf.with_prompts:,}",
            f"{shelf.tokens:,}",
            f"{shelf.price:,.2f}",
            f"{_day(shelf.first)} to {_day(shelf.last)}",
        )
        for shelf in contents.shelves
    ]
    print_table(["asked of", "replies ", "with prompts ", "tokens ", "price ", "when"], rows)
    if contents.claims:
        line(f"{contents.claims:,} calls are being made, or were when their process ended")


@cache_command.command("prune")
@_file
@click.option("--model", "label", default="", metavar="TEXT", help="Only replies of models whose name holds this.")
@click.option("--older-than", "days", type=click.IntRange(min=1), metavar="DAYS", help="Only replies older than this.")
@click.option("--all", "everything", is_flag=True, help="Every reply.")
def prune_command(*, path: Path | None, label: str, days: int | None, everything: bool) -> None:
    """Delete replies; they will have to be paid for again."""
    if everything == bool(label or days):
        raise SettingError("prune", expected="--model or --older-than, or else --all", got="both" if everything else "")
    deleted = prune_cache(path or default_cache(), label=label, older_than_days=days)
    line(f"deleted {deleted:,} replies")


@cache_command.command("export")
@_file
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="[default: standard out]")
def export_command(*, path: Path | None, out: Path | None) -> None:
    """Write every reply as a line of JSON, with what was asked where that was kept."""
    lines = export_cache(path or default_cache())
    if out is None:
        sys.stdout.buffer.writelines(lines)
        return
    with out.open("wb") as file:
        file.writelines(lines)
    line(f"written: {out}")


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%d")
