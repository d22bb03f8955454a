"""What effects corrected for the error of measurement look like in a terminal."""

from prefactor.analysis.results import Explanation
from prefactor.cli.terminal import heading, line, print_table
from prefactor.report.corrected_tables import summarise_corrected
from prefactor.report.naming import names_of, whole_profiles

__all__ = ["print_corrected"]

_STRONGEST = 12
_COLUMNS = (
    *("factor", "reliability ", "tau14 as measured ", "corrected "),
    *("together, as measured ", "corrected ", "not corrected because"),
)


def print_corrected(explanation: Explanation) -> None:
    """Print, for every judge, the effects of factors that are measured with error; nothing where none was corrected."""
    for table in summarise_corrected(whole_profiles(explanation), names_of(explanation)):
        heading(f"{table.judge}: what errors of measurement hide")
        line(f"  {table.lead}")
        rows = [
            (row.label, row.reliability, row.tau14, row.corrected_tau14, row.chance, row.corrected_chance, row.reason)
            for row in table.rows[:_STRONGEST]
        ]
        print_table(_COLUMNS, rows)
        if len(table.rows) > _STRONGEST:
            line(f"  and {len(table.rows) - _STRONGEST} more, in the report")
        for note in table.notes:
            line(f"  {note}", "yellow")
