import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_result import make_rows, write_result, write_whole

from dedup.report.charts import KINDS, cluster_sizes, draw_all, probabilities, similarities
from dedup.report.collect import collect
from dedup.report.distributions import BINS
from dedup.report.manifest import StageTiming
from dedup.report.pictures import stacked_bar
from dedup.report.views import Tally

COUNTS = st.integers(1, 10**12)


def tallies(names, lows):
    return st.lists(
        st.builds(Tally, st.sampled_from(names), lows, COUNTS),
        min_size=1,
        max_size=30,
        unique_by=lambda tally: (tally.name, tally.low),
    )


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return collect(write_whole(tmp_path_factory.mktemp("charts") / "OUT"))


def drawing(picture):
    """Parse a picture, and check that no part of it lies outside."""
    root = ET.fromstring(picture.svg)
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    for element in root.iter():
        assert element.tag in {"svg", "rect", "line", "path", "circle", "text"}
        assert not {"style", "href"} & set(element.attrib)
        for name, value in element.attrib.items():
            if name in {"x", "x1", "x2", "cx"}:
                assert -5 <= float(value) <= width
            if name in {"y", "y1", "y2", "cy"}:
                assert 0 <= float(value) <= height
            if name in {"width", "height"}:
                assert float(value) >= 0
        if element.tag == "path":
            numbers = map(float, re.findall(r"-?[\d.]+", element.attrib["d"]))
            assert all(0 <= number <= width for number in numbers)
    return root


@given(tallies(KINDS, st.integers(1, 40).map(lambda n: 2.0**n)))
def test_clusters_of_any_size_have_their_place(found):
    picture = cluster_sizes(found)
    root = drawing(picture)
    assert len([e for e in root.iter() if "fill" in e.attrib.get("class", "")]) == len(found)
    assert sum(int(n.replace(",", "")) for row in picture.rows for n in row[1:]) == sum(
        tally.count for tally in found
    )


@given(tallies(KINDS, st.integers(0, BINS).map(lambda n: n / BINS)))
def test_every_similarity_has_its_bar(data, found):
    picture = similarities(found, data.manifest)
    assert len(drawing(picture).findall("rect")) == len(found)


@given(
    tallies(("body", "boilerplate"), st.integers(0, BINS - 1).map(lambda n: n / BINS)),
    st.floats(0, 1),
)
def test_every_probability_has_its_bar_and_the_threshold_its_line(found, threshold):
    root = drawing(probabilities(found, threshold))
    assert len(root.findall("rect")) == len(found)
    assert len([e for e in root.findall("line") if e.attrib["class"] == "mark"]) == 1


def test_pictures_say_what_the_tables_hold(data):
    pictures = {picture.anchor: picture for picture in draw_all(data.manifest, data.distributions)}
    assert list(pictures) == ["by-reason", "sizes", "similarity", "probability", "throughput"]
    counts = data.manifest.counts
    assert [row[0] for row in pictures["by-reason"].rows] == [
        name for name in ("kept", "boilerplate", "repeated in page", "teaser of another document",
        "duplicate document") if name in counts.blocks
    ]  # fmt: skip
    blocks = [int(n.replace(",", "")) for row in pictures["probability"].rows for n in row[1:]]
    assert sum(blocks) == sum(counts.blocks.values())
    copies = [int(n.replace(",", "")) for row in pictures["similarity"].rows for n in row[1:]]
    assert sum(copies) == sum(counts.members.values()) - sum(counts.clusters.values())
    clusters = [int(n.replace(",", "")) for row in pictures["sizes"].rows for n in row[1:]]
    assert sum(clusters) == sum(counts.clusters.values())
    assert len(pictures["throughput"].rows) == len(data.manifest.stages)
    for picture in pictures.values():
        drawing(picture)
        assert picture.said in picture.svg.unescape()


def test_names_from_a_manifest_become_no_markup(data):
    stages = (StageTiming("<img onerror=x>&\"'", 1.0, 1, 1, 10),)
    manifest = replace(data.manifest, stages=stages)
    throughput = draw_all(manifest, data.distributions)[-1]
    drawing(throughput)
    assert "<img" not in throughput.svg


def test_nothing_is_drawn_of_nothing(tmp_path):
    write_result(tmp_path / "OUT", make_rows(pages=0), rejected=[])
    data = collect(tmp_path / "OUT")
    manifest = replace(data.manifest, stages=())
    assert draw_all(manifest, data.distributions) == ()


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=8))
def test_parts_of_a_bar_fill_it_and_are_all_to_be_seen(sizes):
    rects = ET.fromstring(stacked_bar([("kept", size) for size in sizes])).findall("rect")
    widths = [float(rect.attrib["width"]) for rect in rects]
    assert len(widths) == len(sizes)
    assert sum(widths) == pytest.approx(1000, abs=1)
    assert min(widths) > 3
