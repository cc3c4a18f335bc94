"""Prints the settings that are in effect, as they could stand in the file."""

import json
from typing import Any

import click
from click.core import ParameterSource

from conformance.commands.file import key_of
from conformance.commands.wishes import Wishes, redacted
from conformance.settings import Settings

ORIGINS = {
    ParameterSource.COMMANDLINE: "command line",
    ParameterSource.ENVIRONMENT: "environment",
    ParameterSource.DEFAULT_MAP: "file",
}


def print_settings(ctx: click.Context, settings: Settings, wishes: Wishes) -> None:
    """Print all settings as TOML without secrets, and where each comes from."""
    path = ctx.meta.get("conformance.file")
    click.echo(f"# file: {path}" if path else "# file: none")
    names = {key_of(each): str(each.name) for each in ctx.command.params}
    reports = {"json": wishes.json_file, "junit": wishes.junit_file, "html": wishes.html_file}
    shown = redacted(settings, wishes)
    shown |= {name: str(file) if file else None for name, file in reports.items()}
    shown |= {"no-color": wishes.no_color, "quiet": wishes.quiet}
    for key, value in shown.items():
        source = ctx.get_parameter_source(names[key])
        origin = ORIGINS.get(source, "default") if source else "default"
        if value in (None, "", []):
            click.echo(f"# {key} is not set")
        else:
            click.echo(f"{key} = {_toml(value)}  # {origin}")


def _toml(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)  # texts, numbers, booleans and lists look the same in both
