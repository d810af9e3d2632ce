"""From the values of options to the settings of a run."""

import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dedup.errors import BadSettings
from dedup.settings import (
    ClassifySettings,
    MatchSettings,
    PassageSettings,
    Place,
    ReadSettings,
    ResolveSettings,
    RunSettings,
    Settings,
    least_memory,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Params = Mapping[str, Any]

DEFAULTS = Settings()


def make_settings(params: Params) -> Settings:
    """Make the settings of a run from a command's parameters; absent ones keep their default.

    Raises
    ------
    BadSettings: a value is impossible, or contradicts another one.
    """
    given = {name: value for name, value in params.items() if value is not None}
    shared = _picked(given, num_perm="num_perm", seed="seed", sketch="sketch")
    return Settings(
        read=ReadSettings(**_picked(given, **_same(ReadSettings))),
        documents=MatchSettings(**_picked(given, ngram="ngram", threshold="threshold"), **shared),
        blocks=MatchSettings(
            **{"ngram": DEFAULTS.blocks.ngram, "containment": DEFAULTS.blocks.containment}
            | _picked(
                given, ngram="block_ngram", threshold="block_threshold", containment="containment"
            )
            | shared
        ),
        classify=ClassifySettings(**_picked(given, **_same(ClassifySettings))),
        resolve=ResolveSettings(**_picked(given, **_same(ResolveSettings))),
        passages=PassageSettings(**_picked(given, **_same(PassageSettings))),
        run=make_run_settings(params),
    )


def make_run_settings(params: Params) -> RunSettings:
    """Make the settings of what a run may use of the machine."""
    given = {name: value for name, value in params.items() if value is not None}
    workers = given.get("workers", available_cores())
    return RunSettings(
        workers=workers,
        memory_bytes=given.get("memory", max(available_memory() // 2, least_memory(workers))),
        **_picked(given, temp="temp", engine="engine", master="master"),
    )


def refuse_useless(context: click.Context, names: tuple[str, ...], because: str) -> None:
    """Refuse options that were given but would do nothing.

    Raises
    ------
    BadSettings: one of `names` was given on the command line or in the settings file.
    """
    for name in names:
        source = context.get_parameter_source(name)
        if source not in (None, click.core.ParameterSource.DEFAULT):
            raise BadSettings(f"--{name.replace('_', '-')} has no effect {because}")


def refuse_local(context: click.Context) -> None:
    """Refuse what Spark has its own settings for.

    Raises
    ------
    BadSettings: it was given together with --engine spark.
    """
    if context.params["engine"] == "spark":
        refuse_useless(context, ("workers", "memory"), "with --engine spark")


def available_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def available_memory() -> int:
    """Tell how many bytes of memory this process and its children may use."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        # "max" where nothing bounds them
        bound = int(Path("/sys/fs/cgroup/memory.max").read_text())
    except (OSError, ValueError):
        return machine
    return min(machine, bound)


def _same(settings: "type[DataclassInstance]") -> dict[str, str]:
    return {each.name: each.name for each in fields(settings)}


def _picked(given: Params, **names: str) -> dict[str, Any]:
    return {field: given[option] for field, option in names.items() if option in given}


def make_place(params: Params) -> Place:
    """Make the place of a result from a command's parameters."""
    return Place(
        params["output"], table_format=params["table_format"], overwrite=params["overwrite"]
    )
