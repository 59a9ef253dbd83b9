"""The training loop of all models that learn to translate or to recall."""

# --8<-- [start:imports]
from collections.abc import Callable, Iterable
from itertools import islice

import torch
from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.checks import expect


# --8<-- [start:fit]
def fit(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, ...]],
    loss_of: Callable[..., Tensor],
    optimizer: torch.optim.Optimizer,
    *,
    steps: int,
    rate: float,
    rise: float = 0.15,
    cycle_momentum: bool = True,
    report: Callable[[int, int, float], None] | None = None,
) -> list[float]:
    """Train a model on one batch a step; return the losses.

    loss_of: called with the model and the tensors of a batch.
    rate: the largest learning rate; it rises over the first part of the
        steps, `rise` of all, and then falls to nothing.
    cycle_momentum: less momentum while the rate is high.
    report: called with (step, steps, loss) now and then.
    Raises ValueError for steps or a rate that cannot be used.
    """
    expect(steps >= 1, "steps", "1 or more", steps)
    expect(rate > 0, "rate", "more than 0", rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=rate,
        total_steps=max(steps, 2),
        pct_start=rise,
        cycle_momentum=cycle_momentum,
    )
    losses = []
    for step, batch in enumerate(islice(batches, steps), 1):
        loss = loss_of(model, *batch)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if report and (step % 25 == 0 or step == steps):
            report(step, steps, losses[-1])
    return losses


# --8<-- [end:fit]
