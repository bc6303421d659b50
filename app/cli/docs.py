"""`reelroom docs …`: the reference pages that are made from the code, so that they cannot disagree with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from pydantic_core import PydanticUndefined

from app.core.config import Settings
from app.embedded.fleet import ROOT

REFERENCE = ROOT / "docs" / "reference"
docs_app = typer.Typer(no_args_is_help=True, help="Print the reference pages that are made from the code.")
Write = Annotated[bool, typer.Option("--write", help="Write the page into docs/reference instead of printing it.")]


@docs_app.command("settings")
def settings(write: Write = False) -> None:
    """The page of every setting."""
    _give("settings.md", settings_page(), write)


@docs_app.command("cli")
def cli(write: Write = False) -> None:
    """The page of every command."""
    _give("cli.md", cli_page(), write)


@docs_app.command("problems")
def problems(write: Write = False) -> None:
    """The page of every problem the API answers with."""
    _give("problems.md", problems_page(), write)


@docs_app.command("backends")
def backends(write: Write = False) -> None:
    """A page for each kind of backend: what its models can do, and what they cost."""
    from app.cli.backend_pages import FOLDER, pages

    made = pages()
    if write:
        for old in set((REFERENCE / FOLDER).glob("*.md")) - {REFERENCE / name for name in made}:
            old.unlink()
    for name, page in made.items():
        _give(name, page, write)


def _give(name: str, page: str, write: bool) -> None:
    if write:
        (REFERENCE / name).parent.mkdir(parents=True, exist_ok=True)
        (REFERENCE / name).write_text(page)
    else:
        typer.echo(page, nl=False)


def settings_page() -> str:
    """Return the page of every setting, in Markdown."""
    lines = [
        "# Settings",
        "",
        "Read from the environment; an empty value is the default. Written by `reelroom docs settings --write`.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        variables = f"`REELROOM_{name.upper()}`"
        if field.validation_alias:
            variables += f" or `{name.upper()}`"
        lines.append(f"| {variables} | {_default(field.default)} | {field.description} |")
    lines += ["", "S3 credentials come from the standard `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`.", ""]
    return "\n".join(lines)


def _default(value: Any) -> str:
    """Return a default as it would be typed; secrets and computed defaults are empty."""
    if value is None or value is PydanticUndefined or hasattr(value, "get_secret_value") or value == "":
        return ""
    return f"`{value}`"


def cli_page() -> str:
    """Return the page of every command, in Markdown."""
    from typer.main import get_command

    from app.cli.main import COMMANDS, application

    lines = [
        "# Commands",
        "",
        "`reelroom COMMAND`, and `python3 reel COMMAND` from a clone. Bad input exits with 2. Written by "
        "`reelroom docs cli --write`.",
        "",
    ]
    for words, command in _walk(get_command(application(list(COMMANDS))), ()):
        lines += [f"## {' '.join(words)}", "", (command.help or "").strip(), ""]
        options = [_parameter(each) for each in command.params if each.name != "help"]
        lines += [*options, ""] if options else []
    return "\n".join(lines)


def problems_page() -> str:
    """Return the page of every problem, in Markdown."""
    from app.cli.problems import problems

    lines = [
        "# Problems",
        "",
        "What the API refuses with, in [one shape](api.md#problems). A `code` stays the same from version to version;",
        "words in braces stand for what was meant. Written by `reelroom docs problems --write`.",
        "",
        "| code | status | what it says |",
        "|---|---|---|",
    ]
    for told in problems():
        words = told.words or "Says what is wrong with what was sent."
        lines.append(f"| `{told.code}` | {told.status} | {words} |")
    return "\n".join([*lines, ""])


def _walk(command: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each command that does something, with the words that call it."""
    inner = getattr(command, "commands", None)
    if not inner:
        yield words, command
        return
    for name, each in inner.items():
        yield from _walk(each, (*words, name))


def _parameter(parameter: Any) -> str:
    names = ", ".join((*parameter.opts, *parameter.secondary_opts)) if parameter.param_type_name == "option" else None
    return f"- `{names or parameter.name.upper()}`: {parameter.help or ''}"
