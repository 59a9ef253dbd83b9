"""Results on disk: written whole or not at all, and checked when read."""

import hashlib
import json
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

# What no build has asked for that long, and what is more than fits, goes.
SECONDS = 30 * 24 * 3600
BYTES = 4 * 2**30


def _digest(result: Any) -> str:
    text = json.dumps(result, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def load(path: Path) -> Any | None:
    """Return the stored result; None if there is none or it is damaged."""
    try:
        entry = json.loads(path.read_text("utf-8"))
        result = entry["result"]
        whole = entry["sha256"] == _digest(result)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return result if whole and has(path) else None


def has(path: Path) -> bool:
    """Tell whether there is an entry, and note that it is asked for."""
    with suppress(OSError):
        os.utime(path)
    return path.exists()


def save(path: Path, result: Any) -> None:
    """Write `result` under a temporary name, then rename it to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    entry = {"sha256": _digest(result), "result": result}
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(entry, file)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def trim(folder: Path) -> None:
    """Delete entries not asked for in SECONDS, the oldest beyond BYTES.

    Other builds may write, read and delete meanwhile: what is gone is made
    anew by the build that needs it.
    """
    entries = []
    for path in folder.glob("*"):
        with suppress(OSError):
            state = path.stat()
            entries.append((state.st_mtime, state.st_size, path))
    size = sum(size for _, size, _ in entries)
    for used, of_it, path in sorted(entries):
        if time.time() - used <= SECONDS and size <= BYTES:
            break
        path.unlink(missing_ok=True)
        size -= of_it
