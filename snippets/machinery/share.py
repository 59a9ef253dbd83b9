"""Old names, until the pages' half is rewritten."""

import base64
import json
from typing import NamedTuple

from snippets.machinery import pool
from snippets.machinery.content import thaw
from snippets.machinery.runs import Run, RunFailed


class Card(NamedTuple):
    """The picture (PNG) and its text alternative."""

    png: bytes
    alt: str


def card(name: str, title: str) -> Card:
    """Return the card that `topic.function(title=…)` of the figures draws."""
    run = Run.named("figure", name)
    run = run._replace(arguments=json.dumps({"title": title}))
    try:
        drawn = thaw(pool.result(run, tuple))
    except RunFailed as failed:
        reason = f"{name} failed\n{failed.reason}"
        raise RunFailed(reason, failed.detail, run) from None
    return Card(base64.b64decode(drawn["png"]), drawn["alt"])
