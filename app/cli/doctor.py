"""`reelroom doctor`: checks every part and says what to do about each that fails."""

from __future__ import annotations

import json as json_module
from dataclasses import asdict

import typer

from app.cli.checks import FAILURE, INFO, OK, WARNING, Finding, examine, machine, services
from app.cli.options import AsJson, Data, chosen
from app.core.config import read_settings
from app.core.errors import ReelroomError
from app.embedded.installation import reached

MARKS = {OK: "✓", INFO: "·", WARNING: "!", FAILURE: "✗"}


def doctor(data: Data = None, json: AsJson = False) -> None:
    """Check every part and say what to do; exits with 1 when something fails."""
    settings = read_settings(**chosen(data_folder=data))
    findings = [examine(part, check) for part, check in machine(settings)]
    try:
        with reached(settings, lambda _line: None) as installation:
            findings += [examine(part, check) for part, check in services(installation)]
    except ReelroomError as error:
        findings.append(Finding("services", FAILURE, error.message))
    if json:
        typer.echo(json_module.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            typer.echo(f" {MARKS[finding.state]} {finding.part:12} {finding.found}")
    if any(finding.state == FAILURE for finding in findings):
        raise typer.Exit(1)
