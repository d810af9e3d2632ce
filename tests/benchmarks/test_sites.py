"""Sites made of labelled pages, and what repetition tells on them."""

import numpy as np
import pytest
from cli_support import CORPUS

from benchmarks import sites
from dedup.classify import load_model
from dedup.classify.labelled import read_labelled


@pytest.fixture(scope="module")
def sources():
    folder = CORPUS / "labelled"
    ids = {truth.id for batch in read_labelled(str(folder)) for truth in batch.truths}
    return sites.read_sources(folder, "text", ids)


def words(page, *, body):
    return {t for t, b in zip(page.texts, page.body, strict=True) if b == body}


def test_siblings_share_boilerplate_and_no_body(sources):
    source = sources[0]
    made = sites.site(source, sources, 5, np.random.default_rng(1))
    assert made[0] == source
    assert len(made) == 5
    for page in made[1:]:
        assert words(page, body=False) & words(source, body=False)
        assert not words(page, body=True) & words(source, body=True)
    # the labelled page's first lines stand on others as a teaser
    assert any("…" in text for page in made[1:] for text in words(page, body=False))
    again = sites.site(source, sources, 5, np.random.default_rng(1))
    assert again == made


def test_repetition_tells_body_from_boilerplate(sources):
    judge = load_model(None).text
    rows = list(sites.judged_sites(sources, judge, 6, [1, 5]))
    assert [row["of a site"] for row in rows] == [1, 5]
    assert rows[1]["precision"] > rows[0]["precision"]
