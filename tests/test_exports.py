"""What `import dedup` promises, and what it must not cost."""

import subprocess
import sys
from pathlib import Path

import pytest

import dedup

HEAVY = {
    "numba",
    "pyarrow",
    "duckdb",
    "sklearn",
    "datasketch",
    "numpy",
    "rich",
    "jinja2",
    "starlette",
    "uvicorn",
}


@pytest.mark.parametrize("name", dedup.__all__)
def test_every_public_name_can_be_had_and_is_documented(name):
    assert getattr(dedup, name).__doc__


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="claen"):
        _ = dedup.claen


def test_names_complete():
    assert set(dedup.__all__) <= set(dir(dedup))


def modules_after(code: str) -> set[str]:
    """Name the modules that a process has loaded once it has run the code."""
    told = f"{code}\nimport sys; print(*sys.modules, file=sys.stderr)"
    run = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True, text=True)
    return set(run.stderr.split())


def command(*words: object) -> str:
    """Write a command as code that goes on after it."""
    return (
        f"import sys; sys.argv = ['dedup', *{[str(word) for word in words]}]\n"
        "from dedup.cli.main import main\n"
        "try: main()\nexcept SystemExit: pass\n"
    )


@pytest.fixture
def texts(tmp_path) -> Path:
    path = tmp_path / "texts.jsonl"
    line = '{"text": "The lake froze over in the night, and the ferry stayed in its harbour."}'
    path.write_text(f"{line}\n{line}\n")
    return path


@pytest.mark.parametrize("statement", ["import dedup", "import dedup.cli.main"])
def test_import_loads_nothing_heavy(statement):
    assert not HEAVY & {name.split(".")[0] for name in modules_after(statement)}


def test_command_loads_only_what_it_needs(texts, tmp_path):
    loaded = modules_after(command("find", texts, "-o", tmp_path / "out", "--unit", "document"))
    assert "dedup.match.verify" in loaded
    others = ("dedup.classify", "dedup.index", "dedup.segment.html", "dedup.pipeline.passages")
    assert not [name for name in loaded if name.startswith(others)]
    assert not {"datasketch", "pandas", "rich", "scipy.linalg", "selectolax"} & loaded


def test_arrow_that_saw_no_pandas_can_still_make_it():
    pytest.importorskip("pandas")
    code = (
        "from dedup.buffers import leave_pandas_out; leave_pandas_out()\n"
        "import pyarrow as pa, sys; pa.array([1]); assert 'pandas' not in sys.modules\n"
        "assert pa.table({'a': [1, 2]}).to_pandas()['a'].sum() == 3"
    )
    assert "pandas" in modules_after(code)
