"""Other weights in the place of a translator's own, to see what they do."""

# --8<-- [start:imports]
import copy
from collections.abc import Callable

from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.checks import expect

# --8<-- [start:changes]
# From weights (batch, target, source) and a mask (batch, 1, source), True = a
# word, other weights; each row adds up to 1, or to 0 if nothing is left.
Change = Callable[[Tensor, Tensor], Tensor]


def shared(weights: Tensor) -> Tensor:
    """Divide each row by its sum."""
    return weights / weights.sum(dim=-1, keepdim=True).clamp_min(1e-30)


def equal(weights: Tensor, mask: Tensor) -> Tensor:
    """Give every word the same weight."""
    return shared(mask.expand_as(weights).to(weights.dtype))


def largest(weights: Tensor, mask: Tensor) -> Tensor:
    """Give the word with the largest weight all of it."""
    best = weights.argmax(dim=-1, keepdim=True)
    return weights.mul(0).scatter(-1, best, 1)


def others(weights: Tensor, mask: Tensor) -> Tensor:
    """Take the largest weight away, and share it among the others."""
    best = weights.argmax(dim=-1, keepdim=True)
    return shared(weights.scatter(-1, best, 0))


def moved(weights: Tensor, mask: Tensor) -> Tensor:
    """Move each weight to the next word, and the last to the first."""
    length = mask.sum(dim=-1, keepdim=True)  # (batch, 1, 1)
    place = mask.cumsum(dim=-1) - 1  # (batch, 1, source)
    before = (place + length - 1) % length
    return weights.gather(-1, before.expand_as(weights)) * mask


def sharper(weights: Tensor, mask: Tensor) -> Tensor:
    """Halve the temperature of the softmax: square, and share."""
    return shared(weights**2)


def flatter(weights: Tensor, mask: Tensor) -> Tensor:
    """Double the temperature of the softmax: the roots, shared."""
    return shared(weights**0.5)


CHANGES: dict[str, Change] = {
    "sharper": sharper,
    "flatter": flatter,
    "only the largest": largest,
    "all but the largest": others,
    "equal": equal,
    "moved one word on": moved,
}
# --8<-- [end:changes]


# --8<-- [start:changed]
class Changed(nn.Module):
    """An attention that uses other weights than it computes."""

    def __init__(self, attention: nn.Module, change: Change) -> None:
        """Take an attention with a score, and what to make of its weights."""
        super().__init__()
        self.attention = attention
        self.change = change

    def project_keys(self, encoder_outputs: Tensor) -> Tensor:
        """Leave the keys as they are."""
        return self.attention.project_keys(encoder_outputs)

    def forward(
        self, query: Tensor, encoder_outputs: Tensor, *, mask: Tensor, **more
    ) -> tuple[Tensor, Tensor]:
        """Attend with the weights that the change returns.

        Arguments and returns as in AdditiveAttention.
        """
        _, weights = self.attention(query, encoder_outputs, mask=mask, **more)
        weights = self.change(weights, mask)  # (batch, target, source)
        return weights @ encoder_outputs, weights


def with_change(model: nn.Module, change: Change) -> nn.Module:
    """Return a copy of a translator that uses other weights at each step.

    Raises ValueError for a model without attention.
    """
    attends = hasattr(model.decoder, "attention")
    expect(attends, "model", "a decoder with attention", "none")
    changed = copy.deepcopy(model)
    changed.decoder.attention = Changed(changed.decoder.attention, change)
    return changed


# --8<-- [end:changed]
