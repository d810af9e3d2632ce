"""Who may import whom, and how large things may grow."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "dedup"
MODULES = sorted(ROOT.rglob("*.py"))
STAGES = {"read", "segment", "sketch", "match", "classify", "resolve", "report"}
SHOWN = {"report", "explore"} | {"schema", "settings", "errors", "buffers"}
FOUNDATIONS = {"schema", "settings", "errors", "buffers", "jit"}
MAX_LINES, MAX_FUNCTION_LINES = 400, 60

pytestmark = pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))


def imported(path: Path) -> Iterator[str]:
    """Yield the full names of all that a module imports, at whatever depth."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part(path: Path) -> str:
    """Name of the part of the house in which a module stands."""
    relative = path.relative_to(ROOT)
    return relative.parts[0].removesuffix(".py")


def parts_imported(path: Path) -> set[str]:
    names = (name.split(".") for name in imported(path))
    return {name[1] for name in names if name[0] == "dedup" and len(name) > 1}


def test_stages_stand_alone(path):
    if part(path) in STAGES:
        others = parts_imported(path) & (STAGES | {"engines", "pipeline", "cli", "api", "explore"})
        assert others <= {part(path)}


def test_engines_know_no_stage(path):
    if part(path) == "engines":
        assert not parts_imported(path) & (STAGES | {"pipeline", "cli", "explore"})


def test_what_is_explored_is_what_is_reported(path):
    if part(path) == "explore":
        assert parts_imported(path) <= SHOWN


def test_foundations_know_only_each_other(path):
    if part(path) in FOUNDATIONS:
        assert parts_imported(path) <= FOUNDATIONS


@pytest.mark.parametrize(
    ("package", "homes"),
    [
        ("numba", {"jit.py"}),
        ("llvmlite", {"jit.py"}),
        ("click", {"cli"}),
        ("rich", {"cli"}),
        ("jinja2", {"report", "explore"}),
        ("starlette", {"server.py"}),
        ("uvicorn", {"server.py"}),
        ("webbrowser", {"cli"}),
        ("sklearn", {"classify"}),
        ("pyspark", {"engines"}),
    ],
)
def test_packages_are_used_where_they_belong(path, package, homes):
    if any(name.split(".")[0] == package for name in imported(path)):
        allowed = part(path) in homes or path.name in homes
        assert allowed or (package in {"numba", "llvmlite"} and path.stem.endswith("_kernels"))


def test_modules_and_functions_stay_small(path):
    text = path.read_text()
    assert len(text.splitlines()) <= MAX_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and not path.stem.endswith("_kernels"):
            length = (node.end_lineno or 0) - node.body[0].lineno + 1
            assert length <= MAX_FUNCTION_LINES, f"{node.name} has {length} lines"


def test_modules_say_what_they_are_for(path):
    assert ast.get_docstring(ast.parse(path.read_text()))
