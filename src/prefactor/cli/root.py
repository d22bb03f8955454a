"""The command ``prefactor`` and its table of commands; a command's module is imported when it is called."""

from importlib import import_module
from typing import Final

import click

__all__ = ["COMMANDS", "root"]

COMMANDS: Final = {
    "align": "Compare judges factor by factor, on the comparisons they share.",
    "app": "Look around in a results folder, in a browser.",
    "cache": "Show, prune or export the replies of models that were paid for.",
    "card": "Put what is known of one judge on a page.",
    "check": "Run the validity checks, as a gate with an exit status.",
    "competence": "Say whether judges know what they grade, from questions with a key.",
    "control": "Win rates and ratings of models with chosen factors held equal.",
    "defend": "Judge again with defences, and see what they do and what they cost.",
    "demo": "Explain a simulated judge on comparisons that ship with prefactor.",
    "elicit": "Have a model write answers of every quality: what it prefers when it writes.",
    "explain": "Explain what the judges of a preference log prefer.",
    "export": "Write training sets (SFT, DPO, KTO, reward) from preferences, freed of factors.",
    "factors": "List the factors that can be measured.",
    "judge": "Ask models which answer they prefer, and write a preference log.",
    "measure": "Measure factors of every distinct response and write them as Parquet.",
    "plan": "Say how many comparisons a question needs.",
    "predict": "Predict the win rate of answers that differ in length, lists and the like.",
    "published": "Compare the 33 judges whose weights were published; needs no log.",
    "read": "Say what a log holds, what it can answer, and what to type next.",
    "refine": "Have a model write its answers anew, told what people weigh otherwise; measure what that did.",
    "rewrite": "Rewrite answers in one factor and ask the judge again: cause or correlation.",
    "steer": "Ask a model for what a judge prefers, and see whether the judge follows.",
    "train": "Train a model towards what a judge's profile prefers, or away from it.",
    "validate": "Show that known effects are found in your comparisons, and nothing on shuffled labels.",
    "validate-factors": "Say how well a model measures factors: repeats, other raters, planted changes.",
}


class _LazyGroup(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (the signature of click)
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        command = getattr(import_module(f"prefactor.cli.{name}"), f"{name}_command")
        if not isinstance(command, click.Command):
            message = f"prefactor.cli.{name} holds no command"
            raise TypeError(message)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="prefactor", prog_name="prefactor")
def root() -> None:
    """Explain preferences: which factors of an answer move a judge, and how sure that is.

    \b
    prefactor demo                                 a first look, on a simulated judge
    prefactor read  LOGS                           what a log holds and can answer
    prefactor explain LOGS --out DIR               what its judges prefer, and a report
    """  # noqa: D301  (the backspace is what tells click not to rewrap)
