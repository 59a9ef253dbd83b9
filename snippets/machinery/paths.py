"""Where the project's folders are."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
CACHE = Path(os.environ.get("ATTENTION_CACHE", ROOT / ".cache")).resolve()
