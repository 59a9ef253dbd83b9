"""Results on disk: written whole or not at all, and checked when read.

What can be read is read, whoever owns it; a build that finds all it needs
writes nothing.
"""

import hashlib
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

# What no build has asked for that long, and what is more than fits, goes.
SECONDS = 30 * 24 * 3600
BYTES = 4 * 2**30
writing = threading.Lock()  # held while an entry is half written


class StoreError(OSError):
    """A folder or a file of the cache that cannot be written: which, why."""


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let an error of the system name the path, and say what for."""
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        raise StoreError(f"cannot keep results in {path}: {why}") from None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def load(path: Path) -> Any | None:
    """Return the stored result; None if there is none or it is damaged."""
    try:
        digest, _, text = path.read_text("utf-8").partition("\n")
    except (OSError, ValueError):
        return None
    if digest != _digest(text) or not has(path):
        return None
    return json.loads(text)


def has(path: Path) -> bool:
    """Tell whether there is an entry, and note that it is asked for."""
    with suppress(OSError):
        os.utime(path)
    return path.exists()


def prepare(folder: Path) -> None:
    """Make the folder; raise StoreError now if it cannot be written."""
    with _named(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass


def save(path: Path, result: Any) -> None:
    """Write `result` under a temporary name, then rename it to `path`.

    Raises StoreError if the disk is full, or the path cannot be written.
    """
    text = json.dumps(result)
    with _named(path), writing:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(f"{_digest(text)}\n{text}")
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
        with suppress(OSError):  # another user's, or a folder
            path.unlink()
        size -= of_it
