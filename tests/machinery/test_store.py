"""Entries of the cache: whole or not at all, and dropped when old."""

import errno
import os
import re
import time

import pytest

from snippets.machinery import store


def test_store_gives_back_what_it_took(tmp_path):
    path = tmp_path / "new" / "entry.json"
    assert store.load(path) is None
    store.save(path, {"value": 0.1, "warnings": ["ä"]})
    assert store.load(path) == {"value": 0.1, "warnings": ["ä"]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0\n",
        '0\n{"value": 7}',
        '{"value": 7}',
        '\n{"value": 7}',
        "\udcff",
    ],
)
def test_store_takes_a_damaged_entry_for_none(tmp_path, text):
    path = tmp_path / "entry.json"
    path.write_text(text, "utf-8", errors="surrogateescape")
    assert store.load(path) is None


def test_interrupted_write_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(name, path):
        raise KeyboardInterrupt

    monkeypatch.setattr(store.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.save(tmp_path / "entry.json", {"value": 7})
    assert list(tmp_path.iterdir()) == []


def test_entries_not_asked_for_are_dropped_and_the_oldest_first(
    tmp_path, monkeypatch
):
    now = time.time()
    for days in (1, 2, 29, 31, 40):
        store.save(tmp_path / f"{days}.json", {"value": days})
        os.utime(tmp_path / f"{days}.json", 2 * (now - days * 24 * 3600,))
    assert store.load(tmp_path / "40.json") == {"value": 40}  # is asked for
    store.trim(tmp_path)
    left = {path.stem for path in tmp_path.iterdir()}
    assert left == {"1", "2", "29", "40"}
    size = (tmp_path / "1.json").stat().st_size
    monkeypatch.setattr(store, "BYTES", 3 * size + 9)
    store.trim(tmp_path)
    assert {path.stem for path in tmp_path.iterdir()} == {"1", "2", "40"}


def test_what_cannot_be_written_names_the_path_and_leaves_nothing(
    tmp_path, monkeypatch
):
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "file").write_text("")
    for path, why in (
        (tmp_path / "folder.json", "Is a directory"),
        (tmp_path / "file" / "entry.json", "File exists"),
    ):
        assert store.load(path) is None
        with pytest.raises(store.StoreError) as error:
            store.save(path, {"value": 7})
        assert str(error.value) == f"cannot keep results in {path}: {why}"

    def is_full(name, path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(store.os, "replace", is_full)
    full = f"{tmp_path / 'new.json'}: No space left on device"
    with pytest.raises(store.StoreError, match=re.escape(full)):
        store.save(tmp_path / "new.json", {"value": 7})
    assert {path.name for path in tmp_path.iterdir()} == {
        "folder.json",
        "file",
    }


def test_trimming_leaves_what_cannot_be_deleted(tmp_path):
    for name in ("folder.json", "old.json"):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (0, 0))
    store.save(tmp_path / "new.json", {"value": 7})
    store.trim(tmp_path)
    store.trim(tmp_path / "nowhere")
    assert len([*tmp_path.iterdir()]) == 3
