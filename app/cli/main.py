"""The command `reelroom`: each word is loaded only when it is said, so that every command starts fast."""

from __future__ import annotations

import sys
from importlib import import_module

import typer

from app.core.errors import ReelroomError

COMMANDS = {
    "up": "app.cli.up:up",
    "stop": "app.cli.services:stop",
    "doctor": "app.cli.doctor:doctor",
    "produce": "app.cli.produce:produce",
    "script": "app.cli.script:script_app",
    "user": "app.cli.user:user_app",
    "backends": "app.cli.backends:backends_app",
    "backup": "app.cli.backup:backup",
    "restore": "app.cli.backup:restore",
    "storage": "app.cli.storage:storage",
    "money": "app.cli.money:money_app",
    "relocate": "app.cli.relocate:relocate",
    "seed": "app.cli.seed:seed_app",
    "bench": "app.cli.bench:bench",
    "chaos": "app.cli.chaos:chaos",
    "fakes": "app.cli.fakes:fakes",
    "test": "app.cli.test:test",
    "docs": "app.cli.docs:docs_app",
    "web": "app.cli.services:web",
    "worker": "app.cli.services:worker",
    "sweeper": "app.cli.services:sweeper",
    "migrate": "app.cli.services:migrate",
}
PASSING_ARGUMENTS_ON = {"test"}
BAD_INPUT = 2


def application(names: list[str]) -> typer.Typer:
    """Return the command with the words ``names``."""
    built = typer.Typer(
        no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
    )

    @built.callback()
    def reelroom() -> None:
        """Reelroom: where a micro-drama is written, shot with AI video models and delivered."""

    for name in names:
        module, _, attribute = COMMANDS[name].partition(":")
        target = getattr(import_module(module), attribute)
        if isinstance(target, typer.Typer):
            built.add_typer(target, name=name)
        else:
            built.command(name, context_settings={"ignore_unknown_options": name in PASSING_ARGUMENTS_ON})(target)
    return built


def main() -> None:
    """Run the command line; a ``ReelroomError`` is told on standard error and exits with 2."""
    said = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        application([said] if said in COMMANDS else list(COMMANDS))()
    except ReelroomError as error:
        typer.echo(f"reelroom: {error.message}", err=True)
        raise SystemExit(BAD_INPUT) from error
    except KeyboardInterrupt as error:
        raise SystemExit(130) from error


if __name__ == "__main__":
    main()
