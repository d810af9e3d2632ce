from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import schema
from dedup.explore import asked
from dedup.explore.links import TOO_LONG, VIEWS, address, further, link

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=asked.MAX_QUERY)
REQUESTS = st.one_of(
    st.builds(
        asked.Documents,
        q=TEXTS,
        where=st.sampled_from(asked.PLACES),
        outcome=st.sampled_from(schema.DOCUMENT_OUTCOMES),
        site=TEXTS,
        start=st.integers(0, asked.MAX_PLACE),
    ),
    st.builds(asked.Document, id=TEXTS, start=st.integers(0, asked.MAX_PLACE)),
    st.builds(
        asked.Clusters,
        q=TEXTS,
        kind=st.sampled_from(asked.KINDS),
        size=st.integers(0, asked.MAX_PLACE),
        similarity=st.floats(0, 1),
        seconds=st.integers(0, asked.MAX_SECONDS),
    ),
    st.builds(asked.Cluster, kind=st.sampled_from(asked.KINDS), name=TEXTS),
)


@given(REQUESTS)
def test_an_address_asks_again_what_it_was_made_from(request_):
    parts = urlsplit(address(request_))
    given_ = dict(parse_qsl(parts.query, keep_blank_values=True))
    assert asked.read_asked(VIEWS[parts.path[1:]], given_) == request_


@given(st.integers(asked.MAX_NAME - 1, asked.MAX_NAME + 1))
def test_no_address_is_written_that_would_be_refused(length):
    written = urlsplit(link("document", id="x" * length))
    if length > asked.MAX_NAME:
        assert written.path == f"/{TOO_LONG}"
    else:
        given_ = dict(parse_qsl(written.query))
        assert asked.read_asked(asked.Document, given_).id == "x" * length


@given(st.floats(0, 1), st.integers(-1, asked.MAX_BLOCK), TEXTS)
def test_a_member_is_read_as_it_was_written(similarity, block, document):
    member = asked.Member(similarity, block, document)
    assert asked.read_member(str(member)) == member


@pytest.mark.parametrize(
    ("view", "given_"),
    [
        ("documents", {"start": "-1"}),
        ("documents", {"start": "1" + "0" * 30}),
        ("documents", {"start": "1e3"}),
        ("documents", {"start": "٣"}),
        ("documents", {"start": "0x10"}),
        ("documents", {"outcome": "boilerplate"}),
        ("documents", {"where": "url"}),
        ("documents", {"q": "x" * 201}),
        ("documents", {"site": "x" * 5_000}),
        ("documents", {"page": "2"}),
        ("blocks", {"outcome": "no body"}),
        ("blocks", {"seconds": "9999"}),
        ("clusters", {"kind": "page"}),
        ("clusters", {"similarity": "nan"}),
        ("clusters", {"similarity": "1.01"}),
        ("clusters", {"similarity": "x"}),
        ("cluster", {"kind": "document"}),
        ("cluster", {"name": "x"}),
        ("sites", {"order": "name; DROP TABLE sites"}),
        ("document", {}),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(view, given_):
    with pytest.raises(asked.BadRequest, match=r"\w+ \w+"):
        asked.read_asked(VIEWS[view], given_)


@pytest.mark.parametrize(
    "text", ["", "x", "0.5", "0.5:x:y", "2:1:y", "0.5:99999999999:y", "0.5:-2:y"]
)
def test_what_names_no_member_is_refused(text):
    with pytest.raises(asked.BadRequest):
        asked.read_member(text)


def test_empty_fields_of_a_form_ask_nothing():
    given_ = {"q": "", "outcome": "", "site": "", "where": "name"}
    assert asked.read_asked(asked.Documents, given_) == asked.Documents()


def test_what_goes_on_keeps_what_was_asked():
    request_ = asked.Documents(q="50% off_", site="a&b")
    assert further(request_, start=50) == "/documents?q=50%25+off_&site=a%26b&start=50"
    assert link("document", id='"><img>') == "/document?id=%22%3E%3Cimg%3E"
