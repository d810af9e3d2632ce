"""What the end-to-end tests share."""

import pytest
from cli_support import CORPUS, run_dedup


@pytest.fixture(scope="session")
def cleaned(tmp_path_factory):
    """The sample crawl, cleaned once for all tests that look at the result."""
    out = tmp_path_factory.mktemp("cleaned") / "out"
    done = run_dedup("clean", CORPUS / "crawl", "-o", out)
    assert done.returncode == 0, done.stderr
    return out
