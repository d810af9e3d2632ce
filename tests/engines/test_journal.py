"""What is finished is told by a journal, however the run that kept it ended."""

import dataclasses

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.engines.files import PartsLost, write_part
from dedup.engines.journal import (
    BLOCK_BYTES,
    Done,
    Made,
    checksum,
    note_done,
    note_dropped,
    note_made,
    note_step,
    take_up,
)
from dedup.engines.local import LocalEngine

NUMBERS = pa.schema([pa.field("key", pa.int64(), nullable=False)])
DONE = Done(rows=6, n_bytes=48, seconds=0.25)


def part(folder, number):
    batch = pa.record_batch([pa.array(np.arange(number, number + 3))], NUMBERS)
    return write_part([batch], NUMBERS, folder / f"{number}.arrow")


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "001-count.journal"


def note_parts(journal, numbers):
    made = {number: Made(3, 24, part(journal.parent, number)) for number in numbers}
    for number, each in made.items():
        note_made(journal, number, each)
    return made


def read_journal(journal):
    return take_up(journal.parent)[journal.stem]


def test_parts_come_in_the_order_of_their_batches(journal):
    made = note_parts(journal, [2, 0, 1])
    assert read_journal(journal).made == made
    assert [p.path.name for p in read_journal(journal).parts] == ["0.arrow", "1.arrow", "2.arrow"]
    assert read_journal(journal).done is None
    note_done(journal, DONE)
    assert read_journal(journal).done == DONE


@given(st.binary(max_size=5 * BLOCK_BYTES), st.data())
def test_no_byte_changes_and_no_block_moves_unseen(tmp_path_factory, written, data):
    file = tmp_path_factory.mktemp("part") / "0.arrow"
    blocks = [written[at : at + BLOCK_BYTES] for at in range(0, len(written), BLOCK_BYTES)]
    changed = [b"".join(data.draw(st.permutations(blocks)))]
    if written:
        at = data.draw(st.integers(0, len(written) - 1))
        changed.append(written[:at] + bytes([written[at] ^ 1]) + written[at + 1 :])
        changed.append(written[:at])
    file.write_bytes(written)
    before = checksum(file)
    for other in changed:
        file.write_bytes(other)
        assert (checksum(file) == before) == (other == written)


@given(st.data())
def test_wherever_it_is_torn_whole_lines_count(tmp_path_factory, data):
    journal = tmp_path_factory.mktemp("torn") / "001-count.journal"
    made = note_parts(journal, [0, 1, 2])
    written = journal.read_bytes()
    cut = data.draw(st.integers(0, len(written)))
    journal.write_bytes(written[:cut])
    left = read_journal(journal).made
    whole = {line for line in written.split(b"\n") if line}
    assert len(left) == sum(line in whole for line in written[:cut].split(b"\n"))
    assert left.items() <= made.items()
    # what is noted afterwards is not lost in a torn line
    again = note_parts(journal, [1])
    assert read_journal(journal).made[1] == again[1]


@pytest.mark.parametrize("harm", ["gone", "altered"])
def test_a_damaged_part_is_made_again_and_its_step_is_not_done(journal, harm):
    made = note_parts(journal, [0, 1])
    note_done(journal, DONE)
    file = made[0].part.path
    if harm == "gone":
        file.unlink()
    else:
        content = bytearray(file.read_bytes())
        content[-20] ^= 1
        file.write_bytes(content)
    record = read_journal(journal)
    assert list(record.made) == [1]
    assert record.done is None
    mended = note_parts(journal, [0])
    assert read_journal(journal) == dataclasses.replace(
        record, made={0: mended[0], 1: made[1]}, done=DONE
    )


def test_a_step_that_is_done_anew_has_no_part_of_the_old_one(journal):
    note_parts(journal, [0, 1, 2])
    other = part(journal.parent, 7)
    note_step(journal, DONE, [other])
    assert read_journal(journal).parts == (other,)


def test_files_that_no_journal_names_go(journal):
    note_parts(journal, [0])
    part(journal.parent, 5)
    (journal.parent / "spill").mkdir()
    take_up(journal.parent)
    assert sorted(path.name for path in journal.parent.iterdir()) == ["0.arrow", journal.name]


def test_a_step_whose_parts_were_dropped_is_done_without_them(journal):
    note_parts(journal, [0, 1])
    note_done(journal, DONE)
    before = read_journal(journal)
    note_dropped(journal)
    # whether it was killed before they were deleted or afterwards
    take_up(journal.parent)
    assert [path.name for path in journal.parent.iterdir()] == [journal.name]
    assert read_journal(journal) == before


def test_a_step_that_is_not_done_is_not_dropped(journal):
    note_parts(journal, [0, 1])
    note_dropped(journal)
    take_up(journal.parent)
    assert len(list(journal.parent.glob("*.arrow"))) == 2


@pytest.mark.parametrize("is_dropped", [True, False])
def test_what_a_lost_part_was_made_of_may_be_dropped(journal, is_dropped):
    first = journal.with_name("000-first.journal")
    note_step(first, DONE, [part(journal.parent, 7)])
    if is_dropped:
        note_dropped(first)
    note_parts(journal, [0, 1])
    note_done(journal, DONE)
    journal.with_name("0.arrow").unlink()
    taken = take_up(journal.parent)
    if is_dropped:
        assert taken == {}
        assert list(journal.parent.iterdir()) == []
    else:
        assert list(taken["001-count"].made) == [1]
        assert taken["000-first"].done == DONE


def run_steps(folder, calls, *, stop_after=None):
    """Take three steps; the stage of the first fails after so many batches."""

    def double(batch):
        calls.append("double")
        if stop_after is not None and len(calls) > stop_after:
            raise InterruptedError
        return pa.record_batch([pa.array(batch.column("key").to_numpy() * 2)], NUMBERS)

    def read(shard):
        calls.append("read")
        yield pa.record_batch([pa.array(np.arange(shard, shard + 4))], NUMBERS)

    with LocalEngine(resumed=folder) as engine:
        scan = engine.scan([0, 4, 8], read, sizes=[1, 1, 1])
        frame = engine.map(scan, double, NUMBERS, name="double")
        evens = engine.query(
            "SELECT key FROM f WHERE key % 4 = 0 ORDER BY key DESC",
            NUMBERS,
            name="evens",
            frames={"f": frame},
        )
        engine.drop(frame)
        return engine.table(evens).column("key").to_pylist()


def test_an_engine_does_not_do_again_what_another_one_finished(tmp_path, monkeypatch):
    monkeypatch.setattr("dedup.engines.local.SCAN_BYTES", 1)
    with pytest.raises(InterruptedError):
        run_steps(tmp_path, [], stop_after=4)
    calls = []
    wanted = [20, 16, 12, 8, 4, 0]
    assert run_steps(tmp_path, calls) == wanted
    assert calls.count("double") == 1
    calls = []
    assert run_steps(tmp_path, calls) == wanted
    assert calls == []
    files = sorted(path.name.split("-")[1] for path in tmp_path.iterdir())
    assert files == ["double.journal", "evens", "evens.journal"]


def test_parts_that_were_dropped_and_are_needed_again_end_the_run_with_one_sentence(tmp_path):
    run_steps(tmp_path, [])
    (tmp_path / "002-evens.journal").unlink()
    with pytest.raises(PartsLost, match=r"double.* is gone.* begins anew$"):
        run_steps(tmp_path, [])
