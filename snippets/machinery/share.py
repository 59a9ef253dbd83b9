"""The picture that a shared link shows, drawn by a run and kept like one."""

import base64
import io
import json
from typing import Any, NamedTuple

from snippets.machinery import runs
from snippets.machinery.frozen import thaw

SIZE = (1200, 630)  # pixels, as the services that show it ask for


class Card(NamedTuple):
    """The picture (PNG) and its text alternative."""

    png: bytes
    alt: str


def card(name: str, title: str) -> Card:
    """Return the card that `topic.function(title=…)` of the figures draws.

    The function returns the fields of a Card. The result is kept under the
    same kind of key as that of every other run.

    Raises runs.RunFailed with the traceback of the run.
    """
    run = runs.Run.named("figure", name)
    run = run._replace(arguments=json.dumps({"title": title}))
    if runs.stored(run) is None:
        for failed in runs.run_all([run]).values():
            raise runs.RunFailed(f"{name} failed\n{failed['error']}")
    kept = runs.stored(run)
    assert kept is not None
    drawn = thaw(kept)
    return Card(base64.b64decode(drawn["png"]), drawn["alt"])


def encode(figure: Any) -> str:
    """Return a figure as PNG (base64) of the right size, always the same.

    Raises ValueError for a figure that is not as large.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    canvas = FigureCanvasAgg(figure)
    if canvas.get_width_height() != SIZE:
        raise ValueError(
            f"the card is {canvas.get_width_height()}, not {SIZE}"
        )
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return base64.b64encode(buffer.getvalue()).decode()
