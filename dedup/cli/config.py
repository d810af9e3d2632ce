"""`--config`: a TOML file that sets options under the names they have on the command line."""

import difflib
import tomllib
from pathlib import Path
from typing import Any

import click


def read_config(context: click.Context, _param: click.Parameter, path: str | None) -> None:
    """Make the file's values the defaults of the command's options.

    Keys of other commands are passed over, so that one file can serve them all.

    Raises
    ------
    click.UsageError: the file is no TOML, or names an option that no command has.
    """
    if path is None:
        return
    try:
        values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path} is not a TOML file: {error}", context) from error
    mine = _options(context.command)
    known = mine | _options_of_all(context)
    defaults: dict[str, Any] = {}
    for key, value in values.items():
        name = key.replace("_", "-")
        if name not in known:
            raise click.UsageError(f"{path}: {_unknown(key, list(known))}", context)
        if name in mine:
            defaults[mine[name].name or name] = _checked(path, key, value, mine[name])
    context.default_map = {**(context.default_map or {}), **defaults}


def _options(command: click.Command) -> dict[str, click.Option]:
    """Map long names, without dashes in front, to options."""
    return {
        name.removeprefix("--"): option
        for option in command.params
        if isinstance(option, click.Option) and option.name not in {"config", "help"}
        for name in option.opts
        if name.startswith("--")
    }


def _options_of_all(context: click.Context) -> dict[str, click.Option]:
    group = context.find_root().command
    commands = group.commands.values() if isinstance(group, click.Group) else ()
    return {name: option for command in commands for name, option in _options(command).items()}


def _unknown(key: str, known: list[str]) -> str:
    near = difflib.get_close_matches(key.replace("_", "-"), known, 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"there is no option {key}{hint}"


def _checked(path: str, key: str, value: Any, option: click.Option) -> Any:
    """Pass a value on if it has the shape that its option takes: a list where it repeats."""
    if option.multiple != isinstance(value, list) or isinstance(value, dict):
        wanted = "a list" if option.multiple else "a single value"
        raise click.UsageError(f"{path}: {key} takes {wanted}")
    return value
