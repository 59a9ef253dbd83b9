"""Entries of the cache: whole or not at all, and dropped when old."""

import os
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
        '{"sha256": "0", "resu',
        '{"sha256": "0", "result": {"value": 7}}',
        '{"result": {"value": 7}}',
        "[7]",
        "\udcff",
    ],
)
def test_store_takes_a_damaged_entry_for_none(tmp_path, text):
    path = tmp_path / "entry.json"
    path.write_text(text, "utf-8", errors="surrogateescape")
    assert store.load(path) is None


def test_interrupted_write_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(entry, file):
        file.write('{"sha256"')
        raise KeyboardInterrupt

    monkeypatch.setattr(store.json, "dump", interrupted)
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
