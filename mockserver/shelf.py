"""Commands about scenario files: `mockserver scenarios`, with show and new, and `mockserver validate`."""

import json
import re
import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from mockserver.scenario import Problem, ScenarioError

DEFAULT_FILE = "my-scenario.yaml"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
WIDTH = 100


@click.group(invoke_without_command=True)
@click.option(
    "--json", "as_json", is_flag=True, help="Print a JSON array of {name, description, path, steps}."
)
@click.pass_context
def scenarios(ctx: click.Context, as_json: bool) -> None:
    """List the scenarios that come with the mock, show one, or write a new one."""
    if ctx.invoked_subcommand is not None:
        if as_json:
            raise click.UsageError(f"--json goes with the list, not with {ctx.invoked_subcommand}")
        return
    from mockserver.scenario import list_scenarios

    found = list_scenarios()
    if as_json:
        click.echo(json.dumps([{**asdict(each), "path": str(each.path)} for each in found], indent=2))
        return
    formatter = ctx.make_formatter()
    formatter.write_dl([(each.name, each.summary) for each in found])
    click.echo(f"{formatter.getvalue()}\n`mockserver scenarios show NAME` tells more.")


@scenarios.command()
@click.argument("name")
def show(name: str) -> None:
    """Print a scenario that comes with the mock: what it is for, as a comment, then its file."""
    from mockserver.scenario import ScenarioError, find_scenario

    try:
        info = find_scenario(name)
    except ScenarioError as error:
        raise _refused(error) from error
    for line in textwrap.wrap(f"{info.name}: {info.description}", WIDTH - 2):
        click.echo(f"# {line}")
    click.echo(f"# {info.path}\n")
    click.echo(info.path.read_text(encoding="utf-8"), nl=False)


@scenarios.command(
    epilog="""\b
    Exit codes:
      0  written
      1  something is in the way, or can't be written
      2  an argument is wrong"""
)
@click.argument("target", metavar="[NAME|FILE]", default=DEFAULT_FILE)
@click.option(
    "--from",
    "source",
    metavar="TEMPLATE",
    default="template",
    show_default=True,
    help="Start from this scenario, by its name.",
)
@click.option("--force", is_flag=True, help="Overwrite what is there.")
def new(target: str, source: str, force: bool) -> None:
    """Write a new scenario, full of comments, that is valid and replays at once."""
    from mockserver.scenario import ScenarioError, write_new

    path = _target(target)
    try:
        written = write_new(path, source, force)
    except ScenarioError as error:
        raise _refused(error) from error
    except FileExistsError as error:
        raise click.ClickException(f"{error} exists already; --force overwrites it") from error
    except OSError as error:
        raise click.ClickException(f"{path} can't be written: {error.strerror}") from error
    click.echo(f"Wrote {' and '.join(map(str, written))}.\n")
    for does, command in (
        ("check it", "validate"),
        ("do its steps", "replay"),
        ("live in its world", "serve --scenario"),
    ):
        click.echo(f"  mockserver {command} {path}".ljust(len(str(path)) + 34) + does)


@click.command(
    short_help="Check scenarios.",
    epilog="""\b
    Exit codes:
      0  every one is a valid scenario
      1  one has problems
      2  one can't be read, or an option is wrong""",
)
@click.argument("sources", metavar="FILE|DIR|NAME...", nargs=-1, required=True)
@click.option(
    "--json", "as_json", is_flag=True, help="Print a JSON array of {file, line, column, path, message}."
)
@click.pass_context
def validate(ctx: click.Context, sources: tuple[str, ...], as_json: bool) -> None:
    """Check scenarios, each by itself, and print what is wrong as file:line: path: message.

    Of a folder, the .yaml files in it and in its subfolders are meant.
    """
    from mockserver.scenario import ScenarioError, scenario_files, validate_file

    try:
        files = [file for source in sources for file in scenario_files(source)]
    except ScenarioError as error:
        raise _refused(error) from error
    problems: list[Problem] = []
    for file in dict.fromkeys(files):
        found = validate_file(file)
        problems += found
        if not found and not as_json:
            click.echo(f"{file}: {click.style('valid', fg='green')}")
    if as_json:
        click.echo(json.dumps([asdict(each) for each in problems], indent=2))
    else:
        print_problems(problems, err=False)
    ctx.exit(1 if problems else 0)


def print_problems(problems: Sequence["Problem"], err: bool) -> None:
    """Print problems as file:line: path: message, one on a line."""
    for each in problems:
        text = f"{each.path}: {each.message}" if each.path else each.message
        click.echo(f"{click.style(f'{each.file}:{each.line}', bold=True)}: {text}", err=err)


def _target(text: str) -> Path:
    """The file that a new scenario goes to: a file, or a name for one in this folder."""
    path = Path(text)
    if not path.suffix and path.name == text:
        path = Path(f"{text}.yaml")
    if path.suffix != ".yaml":
        raise click.UsageError(f"expected a name, or a file that ends in .yaml, got {text!r}")
    if not NAME.fullmatch(path.stem):
        raise click.UsageError(
            f"expected a name of at most 80 letters, digits, dots, dashes and underscores, got {path.stem!r}"
        )
    if not path.parent.is_dir():
        raise click.UsageError(f"expected a folder that is there, got {str(path.parent)!r}")
    return path


def _refused(error: "ScenarioError") -> click.UsageError:
    """A name, file or folder that is none, in the words of whoever looked for it."""
    return click.UsageError("\n".join(f"{each.file}: {each.message}" for each in error.problems))
