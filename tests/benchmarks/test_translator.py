"""The benchmark measures what it says, and the record fits the trainings."""

import copy
import json
from statistics import median
from time import process_time

import pytest
import torch

from snippets.benchmarks import translator as benchmark
from snippets.benchmarks.tutorial_recipe import (
    BATCH_SIZE,
    RecipeTranslator,
    mixed_batches,
    padded_loss,
    recipe_exact_match,
    train_recipe,
)
from snippets.machinery.content import present
from snippets.results import benchmark as results
from snippets.results.trainings import ATTENTION, FIXED, SCORES
from snippets.translator import training as translator_training
from snippets.translator.number_words import draw_numbers, make_splits
from snippets.translator.training import encode_pairs, train_translator
from tests.benchmarks.records import keys

# The recipe.


@pytest.fixture
def recipe():
    torch.manual_seed(0)
    return RecipeTranslator().eval()


def test_shapes_of_the_recipe(recipe):
    sources, targets = encode_pairs([2, 83, 583_721])
    logits, weights = recipe(sources, targets[:, :-1])
    batch, source = sources.shape
    target = targets.size(1) - 1
    assert logits.shape == (batch, target, 41)
    assert weights.shape == (batch, target, source + 1)
    assert torch.allclose(weights.sum(dim=2), torch.ones(batch, target))
    memory, state = recipe.encode(sources)
    assert memory.shape == (batch, source + 1, 128)
    assert state.shape == (batch, 128)
    assert sum(p.numel() for p in recipe.parameters()) == 295_594


def test_the_recipe_is_what_is_said_of_it(recipe):
    gru = recipe.encoder.recurrent
    assert (gru.hidden_size, gru.bidirectional) == (128, False)
    parts = recipe.encoder, recipe.decoder
    assert [part.dropout.p for part in parts] == [0.1, 0.1]
    assert BATCH_SIZE == 32


def test_words_one_by_one_are_predicted_as_all_at_once(recipe):
    sources, targets = encode_pairs([2, 83, 583_721])
    logits, weights = recipe(sources, targets[:, :-1])
    memory, state = recipe.encode(sources)
    for step in range(targets.size(1) - 1):
        previous = targets[:, step : step + 1]
        one, weight, state = recipe.step(previous, state, memory)
        torch.testing.assert_close(one[:, 0], logits[:, step])
        torch.testing.assert_close(weight[:, 0], weights[:, step])


def test_the_recipe_reads_the_end_and_padding(recipe):
    sources, _ = encode_pairs([2, 83])  # "two" with padding after it
    seen = []
    recipe.encoder.embedding.register_forward_hook(
        lambda module, inputs, output: seen.append(inputs[0].tolist())
    )
    _, state = recipe.encode(sources)
    [[two, eighty_three]] = seen
    assert two[1:] == [2, 0]
    assert eighty_three[-1] == 2
    _, alone = recipe.encode(sources[:1, :1])
    assert not torch.allclose(state[0], alone[0], atol=0.001)


def test_the_recipe_projects_its_keys_at_every_step(recipe):
    sources, targets = encode_pairs([2, 83])
    calls = []
    recipe.decoder.attention.key_layer.register_forward_hook(
        lambda *call: calls.append(1)
    )
    recipe(sources, targets[:, :-1])
    assert len(calls) == targets.size(1) - 1


def test_the_recipe_counts_padding_in_its_loss():
    logits = torch.randn(2, 3, 5)
    target = torch.tensor([[4, 3, 2], [4, 0, 0]])
    likelihood = logits.log_softmax(dim=2)
    each = [
        likelihood[row, step, target[row, step]]
        for row in range(2)
        for step in range(3)
    ]
    expected = -torch.stack(each).mean()
    torch.testing.assert_close(padded_loss(logits, target), expected)


def test_batches_of_the_recipe_mix_lengths_and_have_each_item_once():
    stream = mixed_batches(70, 32, torch.Generator().manual_seed(0))
    epochs = [[next(stream) for _ in range(3)] for _ in range(2)]
    for epoch in epochs:
        assert [len(batch) for batch in epoch] == [32, 32, 6]
        assert torch.cat(epoch).sort().values.tolist() == list(range(70))
    assert epochs[0][0].tolist() != epochs[1][0].tolist()
    assert epochs[0][0].sort().values.tolist() != list(range(32))


def test_a_few_steps_of_the_recipe_lower_the_loss(recipe):
    sources, targets = encode_pairs(draw_numbers(64, seed=0))
    training = train_recipe(recipe, sources, targets, seed=0)
    steps = [next(training) for _ in range(30)]
    assert {seen for _, seen in steps} == {32}
    losses = [loss for loss, _ in steps]
    assert losses[0] > 3
    assert sum(losses[-5:]) / 5 < 0.7 * losses[0]


def test_all_of_the_recipe_is_trained(recipe):
    before = copy.deepcopy(recipe.state_dict())
    sources, targets = encode_pairs([2, 83, 583_721])
    training = train_recipe(recipe, sources, targets, seed=0)
    next(training), next(training)
    after = recipe.state_dict()
    same = [name for name in after if torch.equal(before[name], after[name])]
    # The same number for all keys: the softmax takes it out again, and so
    # only rounding gives it a gradient.
    assert set(same) <= {"decoder.attention.score_layer.bias"}


def test_exact_match_of_the_recipe_is_without_dropout(recipe, monkeypatch):
    modes, sizes = [], []

    def translate(model, numbers, batch_size):
        modes.append(model.training)
        sizes.append(batch_size)
        return [(["zwei"], None), (["drei"], None)]

    place = "snippets.benchmarks.tutorial_recipe.translate"
    monkeypatch.setattr(place, translate)
    recipe.train()
    assert recipe_exact_match(recipe, [2, 83]) == 0.5
    assert (modes, sizes) == ([False], [32])
    assert recipe.training


# The measurements.


@pytest.fixture(scope="module")
def splits():
    return make_splits()


@pytest.fixture
def few_numbers(splits, monkeypatch):
    """Fewer training numbers, and those made once: a test has little time."""
    fewer = splits | {"training": splits["training"][:1000]}
    for module in (benchmark, translator_training):
        monkeypatch.setattr(module, "make_splits", lambda: fewer)


def burn(seconds):
    end = process_time() + seconds
    while process_time() < end:
        pass


def test_the_clock_does_not_count_its_pauses():
    clock = benchmark.Clock()
    burn(0.02)
    with clock.paused():
        burn(0.2)
    burn(0.02)
    assert 0.04 <= clock.seconds() < 0.1


def test_checks_are_apart_and_not_counted():
    plan = benchmark.QUICK._replace(check_every=0.05)
    shares = iter([0.2, 0.91, 0.85, 0.95])

    def measure(model, numbers):
        assert (model, numbers) == ("model", [1, 2])
        burn(0.1)
        return next(shares)

    checks = benchmark.Checks(plan, [1, 2], measure)
    checks.look("model")
    assert checks.history == []
    assert checks.seconds_to_goal() is None
    for _ in range(3):
        burn(0.06)
        checks.look("model")
        checks.look("model")
    assert [check["exact"] for check in checks.history] == [0.2, 0.91, 0.85]
    assert checks.clock.seconds() < 0.25
    assert checks.seconds_to_goal() == checks.history[1]["seconds"]


def test_the_timed_training_is_the_one_of_the_pages(few_numbers, monkeypatch):
    """Being measured on the way changes none of the weights."""
    caught = []

    def measure(trained):
        caught.append(trained)
        return load(trained)

    load = benchmark.load_translator
    plan = benchmark.QUICK._replace(attention_steps=26, check_every=0.001)
    monkeypatch.setattr(benchmark, "load_translator", measure)
    found = benchmark.measure_ours(plan)
    trained = train_translator(**ATTENTION | {"steps": 26, "seed": 0})
    assert caught[0]["losses"] == trained["losses"]
    for name, weights in trained["state"].items():
        assert torch.equal(caught[0]["state"][name], weights)
    assert len(found["history"]) == 2
    assert found["settings"] == ATTENTION | {"steps": 26, "seed": 0}
    assert found["parameters"] == 67_089


def test_pairs_are_counted_with_the_small_batch_of_each_epoch():
    assert benchmark.pairs_seen(79) == 10_000
    assert benchmark.pairs_seen(2 * 79) == 20_000


# The record.


@pytest.fixture(scope="module")
def kept():
    return results.record()


def test_a_quick_run_writes_a_record_of_the_same_keys(
    tmp_path, kept, few_numbers, monkeypatch, capsys
):
    unchanged = benchmark.RECORD.read_bytes()
    path = tmp_path / "quick.json"
    benchmark.main(["--quick"], path)
    quick = json.loads(path.read_text("utf-8"))
    assert quick["quick"] is True
    assert keys(quick) == keys(kept)
    assert benchmark.RECORD.read_bytes() == unchanged
    assert "CPU seconds per" in capsys.readouterr().out
    # Pages can print a record in which a goal was not reached, too.
    monkeypatch.setattr(results, "RECORD", path)
    assert quick["against_tutorial"]["goal_ratio"] is None
    rows = results.against_tutorial()
    assert present(rows, None, "it") == {"value": rows}
    assert results.facts()["goal_ratio"] == "unknown"


def test_the_record_is_of_a_full_run(kept):
    assert kept["quick"] is False
    assert kept["threads"] == 1
    assert kept["sweep"]["validation"] == 1000
    assert kept["against_tutorial"]["held_out"] == 2000
    assert len(kept["equal_time"]["rounds"]) == benchmark.FULL.rounds


def test_the_record_was_made_with_the_settings_of_the_pages(kept):
    assert (kept["attention"], kept["fixed"]) == (ATTENTION, FIXED)
    assert kept["sweep"]["attention_steps"] == ATTENTION["steps"]
    assert kept["sweep"]["fixed_steps"] == FIXED["steps"]
    ours = kept["against_tutorial"]["ours"]
    assert ours["settings"] == ATTENTION | {"seed": 0}


@pytest.mark.parametrize(
    ("kind", "chosen"), [("additive", ATTENTION), ("none", FIXED)]
)
def test_the_chosen_rates_are_the_best_of_the_sweep(kept, kind, chosen):
    shares = {row["rate"]: row[kind] for row in kept["sweep"]["rows"]}
    assert len(shares) == 4
    assert shares[chosen["rate"]] == max(shares.values()), shares


def test_the_steps_compared_take_the_same_time(kept):
    found = kept["equal_time"]
    ratio = median(pair["additive"] / pair["none"] for pair in found["rounds"])
    assert found["ratio"] == ratio
    assert found["attention_steps"] == ATTENTION["steps"]
    assert found["fixed_steps"] == round(ATTENTION["steps"] * ratio)
    assert abs(found["fixed_steps"] / FIXED["steps"] - 1) <= 0.1


def test_every_score_was_timed_against_additive(kept):
    found = kept["scores"]
    assert len(found["rounds"]) == benchmark.FULL.score_rounds
    assert [*found["cost"]] == ["additive", *SCORES]
    assert results.cost("additive") == 1
    for name, cost in found["cost"].items():
        times = [pair[name] / pair["additive"] for pair in found["rounds"]]
        assert cost == median(times)


def test_the_tutorial_had_as_much_time_as_ours(kept):
    against = kept["against_tutorial"]
    ours, tutorial = against["ours"], against["tutorial"]
    assert 0 <= tutorial["seconds"] - ours["seconds"] < 1
    goal = tutorial["seconds_to_goal"]
    assert goal or tutorial["seconds_at_the_end"] >= against["stop_at"]
