"""The site's scripts without a browser, in the Node that Playwright brings."""

import json
import subprocess
from pathlib import Path
from typing import Any

import playwright

from snippets.machinery.settings import ROOT

NODE = Path(playwright.__file__).parent / "driver" / "node"
FRAME = """
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
(async () => {
%s
})().then((answer) => process.stdout.write(JSON.stringify(answer)));
"""


def asset(name: str) -> str:
    """Return one of the site's scripts."""
    return (ROOT / "docs/assets" / f"{name}.js").read_text("utf-8")


def run(script: str, **given: Any) -> Any:
    """Run a script that reads `given`; return what it returns."""
    done = subprocess.run(
        [str(NODE), "-e", FRAME % script],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
