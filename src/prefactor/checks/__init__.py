"""Validity checks of profiles: one file each, with a stable code and a page that says what to do.

A check reads finished profiles; it fits nothing.
"""

from prefactor.checks.base import Check
from prefactor.checks.gate import Gate, GateResult, pass_gate
from prefactor.checks.running import CHECKS, run_checks

__all__ = ["CHECKS", "Check", "Gate", "GateResult", "pass_gate", "run_checks"]
