"""Results at addresses of other file systems, by fsspec's in memory."""

import shutil
from contextlib import contextmanager

import fsspec
import pytest

from dedup.errors import BadSettings, DedupError, OutputExists
from dedup.report.output import open_output
from dedup.report.remote_output import choose_destination, deliver, is_remote, shown_address

ADDRESS = "memory://bucket/cleaned"


@pytest.fixture
def store():
    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    yield system
    system.store.clear()


@contextmanager
def open_place(address, *, overwrite=False, temp=None):
    destination = choose_destination(address, overwrite=overwrite, temp=temp)
    with open_output(destination.local) as folder:
        yield folder
    deliver(destination)


def write(folder, name="part-00000", text="rows"):
    (folder / "documents").mkdir()
    (folder / "documents" / name).write_text(text)
    (folder / "manifest.json").write_text('{"dedup": "0.1.0"}')


def held(store):
    return {path.removeprefix("/bucket/cleaned/"): store.cat(path) for path in store.find("/")}


def test_a_whole_result_is_copied_and_nothing_stays_here(store, tmp_path):
    with open_place(ADDRESS, temp=str(tmp_path)) as folder:
        write(folder)
        assert held(store) == {}
    assert held(store) == {
        "documents/part-00000": b"rows",
        "manifest.json": b'{"dedup": "0.1.0"}',
    }
    assert list(tmp_path.iterdir()) == []


def test_a_result_is_replaced_only_if_asked_and_then_as_a_whole(store, tmp_path):
    with open_place(ADDRESS, temp=str(tmp_path)) as folder:
        write(folder, name="part-00001")
    with pytest.raises(OutputExists, match="--overwrite replaces it"):
        choose_destination(ADDRESS, overwrite=False, temp=str(tmp_path))
    choose_destination(ADDRESS, overwrite=True, temp=str(tmp_path))
    with open_place(ADDRESS, overwrite=True, temp=str(tmp_path)) as folder:
        write(folder, text="other rows")
    assert set(held(store)) == {"documents/part-00000", "manifest.json"}
    assert held(store)["documents/part-00000"] == b"other rows"


@pytest.mark.parametrize("name", ["notes.txt", "manifest.json"])
def test_what_dedup_did_not_write_is_never_replaced(name, store, tmp_path):
    store.pipe_file(f"/bucket/cleaned/{name}", b"{}")
    with pytest.raises(OutputExists, match="holds other files"):
        choose_destination(ADDRESS, overwrite=True, temp=str(tmp_path))
    assert held(store) == {name: b"{}"}


@pytest.mark.parametrize("name", ["cleaned", "cleaned/important.txt", "documents/mine"])
def test_what_others_have_at_the_place_is_never_lost(name, store, tmp_path):
    store.pipe_file(f"/bucket/cleaned/{name}", b"mine")
    with pytest.raises(OutputExists, match="holds other files"):
        choose_destination(ADDRESS, overwrite=True, temp=str(tmp_path))
    assert held(store) == {name: b"mine"}


def test_a_copy_that_stopped_can_be_made_again(store, tmp_path, monkeypatch):
    with open_place(ADDRESS, temp=str(tmp_path)) as folder:
        write(folder, name="part-00001")
    put = type(store).put_file

    def stop(self, here, there, **more):
        put(self, here, there, **more)
        raise OSError("the line went dead")

    def overwrite():
        with open_place(ADDRESS, overwrite=True, temp=str(tmp_path)) as folder:
            write(folder, text="other rows")

    with monkeypatch.context() as patched:
        patched.setattr(type(store), "put_file", stop)
        with pytest.raises(DedupError, match="the line went dead"):
            overwrite()
    assert "manifest.json" not in held(store)
    for left in tmp_path.iterdir():
        shutil.rmtree(left)
    with pytest.raises(OutputExists, match="part of a result, whose copying stopped; --overwrite"):
        choose_destination(ADDRESS, temp=str(tmp_path))
    overwrite()
    assert set(held(store)) == {"documents/part-00000", "manifest.json"}


def test_secrets_of_an_address_are_not_shown():
    assert shown_address("s3://key:secret@bucket/out") == "s3://bucket/out"
    assert shown_address("memory://") == "memory://"


def test_a_file_in_the_way_is_refused(store, tmp_path):
    store.pipe_file("/bucket/cleaned", b"a file")
    with pytest.raises(OutputExists, match="is a file"):
        choose_destination(ADDRESS, overwrite=True, temp=str(tmp_path))


def test_a_run_that_fails_copies_nothing(store, tmp_path):
    def fail():
        with open_place(ADDRESS, temp=str(tmp_path)) as folder:
            write(folder)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert held(store) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_result_that_cannot_be_copied_stays_here_and_is_not_written_over(
    store, tmp_path, monkeypatch
):
    def refuse(*_args, **_more):
        raise OSError("the bucket is full")

    monkeypatch.setattr(type(store), "put_file", refuse)
    with (
        pytest.raises(DedupError, match="the bucket is full; the result is whole in") as raised,
        open_place(ADDRESS, temp=str(tmp_path)) as folder,
    ):
        write(folder)
    (kept,) = tmp_path.iterdir()
    assert str(kept) in str(raised.value)
    assert (kept / "documents/part-00000").read_text() == "rows"
    assert "manifest.json" not in held(store)
    with pytest.raises(OutputExists, match="could not be copied"):
        choose_destination(ADDRESS, overwrite=False, temp=str(tmp_path))


def test_a_place_that_cannot_be_written_is_told_at_once(store, tmp_path, monkeypatch):
    def refuse(*_args, **_more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(store), "pipe_file", refuse)
    with pytest.raises(BadSettings, match="memory://bucket/cleaned: cannot be written: Permission"):
        choose_destination(ADDRESS, overwrite=False, temp=str(tmp_path))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://key:secret@a.example/out", "https://a.example/out: a web server takes no result"),
        ("nosuch://bucket/out", "nosuch://bucket/out: cannot be opened"),
    ],
)
def test_an_address_that_takes_nothing_is_one_sentence(address, said):
    with pytest.raises(BadSettings, match=said):
        choose_destination(address, overwrite=False)


def test_a_path_as_an_address_is_a_path(tmp_path):
    with open_place(f"file://{tmp_path}/OUT") as folder:
        write(folder)
    assert (tmp_path / "OUT" / "documents/part-00000").exists()
    assert not is_remote("C:/cleaned")
    assert not is_remote("foo::bar")
    assert is_remote("simplecache::s3://bucket/out")
    assert choose_destination("FILE:///srv/OUT").local == choose_destination("/srv/OUT").local
