"""What kept work gives, as text and back; nothing in it is ever run."""

import base64
import io
import json
from typing import Any


def freeze(value: Any) -> dict[str, Any]:
    """Return `value` in a form that JSON can hold and thaw reads.

    What JSON gives back unaltered stays as it is. All else is left to
    PyTorch, which reads tensors, texts, numbers, tuples, lists and dicts,
    with any keys, and refuses other objects: they could run code when read.

    Raises pickle.UnpicklingError for such an object.
    """
    try:
        if json.loads(json.dumps(value)) == value:
            return {"json": value}
    except (TypeError, ValueError, RuntimeError):
        pass
    import torch  # a build in which nothing runs does without it

    buffer = io.BytesIO()
    torch.save(value, buffer)
    frozen = {"torch": base64.b64encode(buffer.getvalue()).decode()}
    thaw(frozen)  # what cannot be read fails where it is made
    return frozen


def thaw(frozen: dict[str, Any]) -> Any:
    """Return what was frozen."""
    if "json" in frozen:
        return frozen["json"]
    import torch

    buffer = io.BytesIO(base64.b64decode(frozen["torch"]))
    return torch.load(buffer, weights_only=True)
