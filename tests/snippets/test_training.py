"""The training loop takes a batch a step, and steps of the right size."""

from itertools import count, repeat

import pytest
import torch
from torch import nn

from snippets.training import fit


def line():
    """Return a model of one number, 0, and what makes steps of its slope."""
    model = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(model.weight)
    return model, torch.optim.SGD(model.parameters())


def slope(model, wanted):
    """Return a loss whose derivative is -wanted, whatever was learnt."""
    return -(model.weight * wanted).sum()


def fitted(batches, **settings):
    """Return the number learnt after each step, and the losses."""
    model, optimizer = line()
    learnt = []

    def loss(model, *batch):
        learnt.append(model.weight.item())
        return slope(model, *batch)

    settings = dict(steps=20, rate=0.1, cycle_momentum=False) | settings
    losses = fit(model, batches, loss, optimizer, **settings)
    return torch.tensor([*learnt[1:], model.weight.item()]), losses


def test_each_step_takes_one_batch_and_no_more():
    numbers = count()
    given = ((torch.tensor(float(next(numbers))),) for _ in repeat(None))
    _, losses = fitted(given, steps=7)
    assert next(numbers) == 7
    assert [type(loss) for loss in losses] == [float] * 7
    assert losses[0] == 0


def test_the_rate_rises_and_falls_to_nothing():
    learnt, _ = fitted(repeat((torch.tensor(1.0),)))
    rates = learnt.diff(prepend=torch.zeros(1))  # of steps of slope 1
    assert rates.argmax() == 2  # 15 % of the steps are behind it
    assert rates.max() == pytest.approx(0.1)
    assert (rates[:2].diff() > 0).all() and (rates[2:].diff() < 0).all()
    assert 0 < rates[-1] < 1e-5
    later, _ = fitted(repeat((torch.tensor(1.0),)), rise=0.5)
    assert later.diff().argmax() + 1 == 9


def test_a_gradient_is_cut_to_1_and_never_kept():
    small = fitted(repeat((torch.tensor(1.0),)))[0]
    assert torch.allclose(fitted(repeat((torch.tensor(1e6),)))[0], small)
    # With the gradients of earlier steps they would reach the cut.
    half = fitted(repeat((torch.tensor(0.5),)))[0]
    assert torch.allclose(half, small / 2)


@pytest.mark.parametrize("cycles", [True, False])
def test_momentum_is_least_where_the_rate_is_largest(cycles):
    model = line()[0]
    optimizer = torch.optim.AdamW(model.parameters())
    momentum = []

    def loss(model, *batch):
        momentum.append(optimizer.param_groups[0]["betas"][0])
        return slope(model, *batch)

    batches = repeat((torch.tensor(1.0),))
    settings = dict(steps=20, rate=0.1, cycle_momentum=cycles)
    fit(model, batches, loss, optimizer, **settings)
    least = min(momentum)
    assert momentum[2] == least
    assert (least < 0.9) == cycles
    assert (len({*momentum}) > 1) == cycles


def test_progress_is_reported_now_and_then_and_at_the_end():
    calls = []
    batches = repeat((torch.tensor(1.0),))
    _, losses = fitted(batches, steps=53, report=lambda *c: calls.append(c))
    assert [call[:2] for call in calls] == [(25, 53), (50, 53), (53, 53)]
    assert [call[2] for call in calls] == [losses[i] for i in (24, 49, 52)]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"steps": 0}, "steps: expected 1 or more, got 0"),
        ({"rate": 0.0}, "rate: expected more than 0, got 0.0"),
    ],
)
def test_settings_that_cannot_be_used_are_an_error(settings, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        fitted(repeat((torch.tensor(1.0),)), **settings)
