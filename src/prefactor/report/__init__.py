"""Reports: an explanation as one HTML file, Markdown or JSON."""

from prefactor.report.command_file import render_results
from prefactor.report.document import SCHEMA_VERSION, render_json, results_document, results_schema
from prefactor.report.html import render_html
from prefactor.report.markdown import render_markdown
from prefactor.report.writing import ReportFiles, write_report

__all__ = [
    "SCHEMA_VERSION",
    "ReportFiles",
    "render_html",
    "render_json",
    "render_markdown",
    "render_results",
    "results_document",
    "results_schema",
    "write_report",
]
