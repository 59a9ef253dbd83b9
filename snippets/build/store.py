"""Results on disk: written whole or not at all, and checked when read."""

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any


def _digest(result: Any) -> str:
    text = json.dumps(result, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def load(path: Path) -> Any | None:
    """Return the stored result; None if there is none or it is damaged."""
    try:
        entry = json.loads(path.read_text("utf-8"))
        result = entry["result"]
        return result if entry["sha256"] == _digest(result) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


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
