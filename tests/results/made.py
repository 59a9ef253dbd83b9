"""What the tests of results share: hand-made records, and how to compare."""

import json
from pprint import pformat

from snippets.build.worker import _is_plain


def same(found, expected):
    """Equal in each value, in its kind and in the order of all columns."""
    __tracebackhide__ = True
    written = [
        pformat(value, sort_dicts=False, width=70).splitlines()
        for value in (found, expected)
    ]
    assert written[0] == written[1]


def printed(found, expected):
    """The same, and something that a page can print."""
    __tracebackhide__ = True
    same(found, expected)
    assert _is_plain(found)


def keep(record, module, folder, monkeypatch):
    """Let a module read this record in the place of its own."""
    path = folder / "record.json"
    path.write_text(json.dumps(record), "utf-8")
    monkeypatch.setattr(module, "RECORD", path)
