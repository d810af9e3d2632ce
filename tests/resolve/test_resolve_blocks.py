"""Which blocks of a page stay."""

import numpy as np
import pyarrow as pa
import pytest

from dedup import schema
from dedup.resolve import in_order_of, resolve_blocks

STORY = "The harbour froze over last night, for the first time in forty years of records."
TEASER = "The harbour froze over last night, for the first time in forty…"


def make_page(blocks, *, gap="\n\n"):
    """One page of blocks given as (text, what the evidence says of it)."""
    texts = [text for text, _ in blocks]
    structs, at = [], 0
    for text, known in blocks:
        end = at + len(text.encode())
        structs.append(
            {
                "start": at,
                "end": end,
                "path": known.get("path", "body/p"),
                "hints": "",
                "link_bytes": known.get("link_bytes", 0),
                "n_links": 0,
                "n_tags": 0,
                "hidden": False,
            }
        )
        at = end + len(gap)
    row = {
        "document": 1, "id": "a", "source": "a.html", "offset": 0, "site": "a", "url": None,
        "date": None, "title": None, "kind": "html", "n_bytes": 0, "text": gap.join(texts),
        "blocks": structs, "rejected": None,
    }  # fmt: skip
    names = {text: i for i, text in enumerate(dict.fromkeys(texts))}
    evidence = {
        "document": 1,
        "body": [known.get("body", True) for _, known in blocks],
        "n_words": [len(text.split()) for text in texts],
        "keys": [names[text] for text in texts],
        "site_pages": [known.get("site_pages", 1) for _, known in blocks],
        "teaser": [known.get("teaser", False) for _, known in blocks],
    }
    return (
        pa.RecordBatch.from_pylist([row], schema.PAGES),
        pa.RecordBatch.from_pylist([evidence], schema.EVIDENCE),
    )


def resolve(*blocks):
    """Texts of the page after resolution, and each block's reason."""
    made = resolve_blocks(*make_page([b if isinstance(b, tuple) else (b, {}) for b in blocks]))
    reasons = [
        None if r < 0 else schema.BLOCK_REASONS[r] for r in made.column("reasons")[0].as_py()
    ]
    return made.column("text")[0].as_py(), reasons


def test_boilerplate_goes_and_body_stays_with_its_breaks():
    text, reasons = resolve(("Home", {"body": False}), STORY, "It will thaw by noon tomorrow.")
    assert text == f"{STORY}\n\nIt will thaw by noon tomorrow."
    assert reasons == ["boilerplate", None, None]


def test_menu_that_stands_on_many_pages_is_named_repeated_in_site():
    _, reasons = resolve(("Home", {"body": False, "site_pages": 3}), STORY)
    assert reasons == ["repeated in site", None]


def test_doubled_headline_counts_once():
    _, reasons = resolve("Harbour frozen", "Harbour frozen", STORY)
    assert reasons == [None, "repeated in page", None]


def test_short_line_that_returns_far_below_stays():
    _, reasons = resolve("Really good", STORY, "One more.", "And another one.", "Really good")
    assert reasons[-1] is None


def test_cells_of_a_grid_that_return_row_by_row_stay():
    rows = [text for name in "ABCD" for text in ("static final String", f"The name of {name}")]
    _, reasons = resolve(STORY, *rows)
    assert reasons == [None] * 9


def test_passage_repeated_anywhere_on_the_page_stays_once():
    _, reasons = resolve(STORY, "One more.", "And another one.", "A third one.", STORY)
    assert reasons == [None, None, None, None, "repeated in page"]


@pytest.mark.parametrize("path", ["body/table/tr", "body/pre"])
def test_rows_and_code_may_repeat(path):
    _, reasons = resolve((STORY, {"path": path}), (STORY, {"path": path}))
    assert reasons == [None, None]


def test_teaser_cut_off_from_another_documents_body_goes():
    text, reasons = resolve(STORY, (TEASER, {"teaser": True}))
    assert reasons == [None, "teaser of another document"]
    assert text == STORY


def test_run_of_passages_found_elsewhere_is_left_to_the_comparison_of_documents():
    _, reasons = resolve((TEASER, {"teaser": True}), (TEASER + " more…", {"teaser": True}))
    assert reasons == [None, None]


def test_contained_sentence_that_is_whole_and_no_link_stays():
    _, reasons = resolve((STORY, {"teaser": True}), "It will thaw by noon tomorrow, they say.")
    assert reasons == [None, None]


def test_blocks_without_words_never_repeat():
    _, reasons = resolve("***", "***", STORY)
    assert reasons == [None, None, None]


def test_page_without_blocks_has_no_text():
    assert resolve() == ("", [])


def test_text_is_never_cut_inside_a_character():
    text, _ = resolve(("Menü", {"body": False}), "Über 40 Jahre – frostig 🥶", "東京の朝")
    assert text == "Über 40 Jahre – frostig 🥶\n\n東京の朝"


def test_a_document_without_its_row_is_named():
    pages, evidence = make_page([(STORY, {})])
    with pytest.raises(KeyError, match="no row for document 1"):
        in_order_of(pages.column("document"), evidence.slice(0, 0))


def test_batches_may_be_slices():
    pages, evidence = make_page([(STORY, {}), ("Home", {"body": False})])
    twice = pa.Table.from_batches([pages, pages]).combine_chunks().to_batches()[0]
    one = resolve_blocks(twice.slice(1, 1), evidence)
    assert one.column("text")[0].as_py() == STORY
    assert np.array_equal(one.column("reasons")[0].as_py(), [-1, 0])
