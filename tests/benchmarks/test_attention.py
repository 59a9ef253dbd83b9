"""The timing of attention measures what it says; its record can be read."""

import json
from statistics import median

import pytest
import torch

from snippets.attention import attention
from snippets.benchmarks import attention as benchmark
from snippets.results import attention_benchmark as results
from tests.benchmarks.records import keys


@pytest.fixture(scope="module")
def kept():
    return results.record()


def test_both_passes_do_the_work(monkeypatch):
    """Forward makes no graph; both reaches query, key and value."""
    tensors = list(torch.randn(3, 1, 2, 5, 7).requires_grad_().unbind())
    gradient = torch.randn(1, 2, 5, 7)
    seen = []

    def attend(*given):
        context = benchmark.ours(*given)
        seen.append(context.requires_grad)
        return context

    benchmark.forward(attend, tensors, gradient)
    calls = []
    grad = torch.autograd.grad
    monkeypatch.setattr(
        torch.autograd, "grad", lambda *given: calls.append(grad(*given))
    )
    benchmark.both(attend, tensors, gradient)
    assert seen == [False, True]
    assert [(g != 0).any().item() for g in calls[0]] == [True] * 3
    context, _ = attention(*tensors)
    assert torch.equal(benchmark.ours(*tensors), context)


def test_seconds_are_those_of_one_call():
    times = iter([10.0, 16.0])
    calls = []
    clock = benchmark.process_time
    benchmark.process_time = lambda: next(times)
    try:
        found = benchmark.seconds(lambda: calls.append(1), 3)
    finally:
        benchmark.process_time = clock
    assert (found, len(calls)) == (2.0, 3)


def test_attentions_that_differ_are_not_timed(monkeypatch):
    wrong = {
        **benchmark.ATTENTIONS,
        "ours": lambda query, key, value: benchmark.ours(query, key, key),
    }
    monkeypatch.setattr(benchmark, "ATTENTIONS", wrong)
    with pytest.raises(AssertionError):
        benchmark.measure_length(benchmark.QUICK, 8)


def test_the_two_take_turns(monkeypatch):
    order, repeated = [], []

    def seconds(call, repeats):
        repeated.append(repeats)
        call()
        return 0.01

    def attend(name):
        def call(*tensors):
            order.append((name, torch.is_grad_enabled()))
            return benchmark.ours(*tensors)

        return call

    names = {name: attend(name) for name in ("ours", "pytorch")}
    monkeypatch.setattr(benchmark, "seconds", seconds)
    monkeypatch.setattr(benchmark, "ATTENTIONS", names)
    plan = benchmark.QUICK._replace(rounds=4, least=0.05)
    row = benchmark.measure_length(plan, 8)
    # Both once, to compare; then for each pass both once, PyTorch's for the
    # number of repeats, and four rounds of two timings.
    turns = ["pytorch", "ours", "ours", "pytorch"] * 2
    start = ["ours", "pytorch", "pytorch"]
    expected = [(name, True) for name in ("ours", "pytorch")]
    for with_gradient in (False, True):
        expected += [(name, with_gradient) for name in start + turns]
    assert order == expected
    assert repeated == [3, *[6] * 8] * 2
    timed = [{"ours": 0.01, "pytorch": 0.01}] * 4
    for name in ("forward", "both"):
        assert row[name] == {"repeats": 6, "rounds": timed}


def test_a_quick_run_writes_a_record_of_the_same_keys(tmp_path, kept, capsys):
    unchanged = benchmark.RECORD.read_bytes()
    path = tmp_path / "quick.json"
    benchmark.main(["--quick"], path)
    quick = json.loads(path.read_text("utf-8"))
    assert (quick["quick"], quick["threads"]) == (True, 1)
    assert keys(quick) == keys(kept)
    assert benchmark.RECORD.read_bytes() == unchanged
    assert "ours / PyTorch" in capsys.readouterr().out


def test_the_record_is_of_a_full_run(kept):
    plan = benchmark.FULL
    assert kept["quick"] is False
    assert kept["threads"] == 1
    assert [row["length"] for row in kept["rows"]] == [*plan.lengths]
    assert (kept["batch"], kept["heads"]) == (plan.batch, plan.heads)
    assert (kept["head_dim"], kept["rounds"]) == (plan.head_dim, plan.rounds)
    for row in kept["rows"]:
        for name in benchmark.PASSES:
            timed = row[name]
            assert len(timed["rounds"]) == plan.rounds
            times = median(pair["pytorch"] for pair in timed["rounds"])
            assert times * timed["repeats"] >= plan.least / 2
