"""Models differ in their attention only, and training is the same twice."""

import json

import pytest
import torch

from snippets.attention import attention
from snippets.benchmarks import recall as benchmark
from snippets.linear_attention import linear_attention, unit_length
from snippets.results import linear_attention as results
from snippets.results.recall_models import TEST, VALIDATION, accuracies
from snippets.results.trainings import (
    RECALL,
    RECALL_KINDS,
    RECALL_TRAINING,
    SEEDS,
    seeds,
)
from snippets.tasks import recall_training
from snippets.tasks.recall import VALUES, make_batch
from snippets.tasks.recall_training import (
    KINDS,
    PAIRS,
    TIMES,
    RecallModel,
    accuracy,
    train_recall,
)
from tests.support.tensors import identical

QUICK = dict(kind="linear", seed=0, steps=3, rate=0.01)


def model_of(kind):
    torch.manual_seed(0)
    return RecallModel(kind).double()


def batch(size=3, pairs=5, times=2):
    generator = torch.Generator().manual_seed(0)
    return make_batch(size, pairs, times, generator)


@pytest.mark.parametrize("kind", KINDS)
def test_the_logits_are_those_of_the_attention_that_is_named(kind):
    """The same, with the sequence read symbol by symbol."""
    model, (keys, values, asked, _) = model_of(kind), batch()
    logits = model(keys, values, asked)
    assert logits.shape == (*asked.shape, VALUES)
    symbols = torch.cat((keys, asked), dim=1)
    nothing = torch.full(asked.shape, VALUES)
    both = torch.cat((values, nothing), dim=1)
    vectors = model.key_embedding.weight[symbols]
    vectors = (vectors + model.value_embedding.weight[both]).unsqueeze(1)
    weights = model.projection.weight.split(16)
    query, key, value = (vectors @ weight.T for weight in weights)
    if kind == "softmax":
        length = symbols.size(1)
        distance = [[i - j for j in range(length)] for i in range(length)]
        mask = -model.slope * torch.tensor(distance).double()
        context, _ = attention(query, key, value, mask=mask, is_causal=True)
    else:
        gates = {}
        if kind != "linear":
            gate = vectors @ model.gate.weight[0] + model.gate.bias
            name = {"gated": "decay", "delta": "beta"}[kind]
            gates[name] = torch.sigmoid(gate)
        context, _ = linear_attention(
            query,
            key,
            value,
            feature_map=unit_length,
            normalise=False,
            **gates,
        )
    expected = model.output(context[:, 0, -asked.size(1) :])
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-10)


def test_models_have_the_same_parameters_but_for_gate_and_slope():
    shared = dict(model_of("linear").named_parameters())
    extra = {
        "softmax": {"slope"},
        "linear": set(),
        "gated": {"gate.weight", "gate.bias"},
        "delta": {"gate.weight", "gate.bias"},
    }
    for kind in KINDS:
        own = dict(model_of(kind).named_parameters())
        assert own.keys() == shared.keys() | extra[kind]
        for name, parameter in shared.items():
            assert torch.equal(own[name], parameter)


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_is_trained(kind):
    model = model_of(kind)
    *given, answer = batch()
    logits = model(*given).flatten(0, 1)
    torch.nn.functional.cross_entropy(logits, answer.flatten()).backward()
    for parameter in model.parameters():
        assert (parameter.grad != 0).any()


def test_the_gate_starts_with_a_state_that_lasts():
    model = model_of("gated")
    model.gate.weight.data.zero_()
    assert torch.sigmoid(model.gate(torch.zeros(32).double())) > 0.98


def test_questions_do_not_see_their_answers():
    """A model that is not trained is right as often as a guess."""
    for kind in KINDS:
        found = accuracy(RecallModel(kind), 8, 1, 6400, 0)
        assert found == pytest.approx(1 / VALUES, abs=0.01)


def test_the_same_settings_give_the_same_model():
    first = train_recall(**QUICK).state_dict()
    torch.seed()
    assert identical(first, train_recall(**QUICK).state_dict())


@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"rate": 0.02}, {"steps": 4}], ids=str
)
def test_each_setting_matters(change):
    first = train_recall(**QUICK).state_dict()
    other = train_recall(**QUICK | change).state_dict()
    assert not identical(first, other)


def test_each_seed_has_data_of_its_own(monkeypatch):
    seen = []

    def spy(*arguments):
        seen.append(make_batch(*arguments))
        return seen[-1]

    monkeypatch.setattr(recall_training, "make_batch", spy)
    for seed in (0, 1):
        train_recall(**QUICK | {"seed": seed, "steps": 2})
    assert not torch.equal(seen[0][0].flatten()[:7], seen[2][0].flatten()[:7])
    # Keys written once and twice, in turn.
    times = [keys.size(1) // asked.size(1) for keys, _, asked, _ in seen]
    assert times == [*TIMES, *TIMES]


def test_progress_is_reported():
    calls = []
    train_recall(
        **QUICK | {"steps": 53}, report=lambda *call: calls.append(call)
    )
    assert [call[:2] for call in calls] == [(25, 53), (50, 53), (53, 53)]
    assert all(type(loss) is float for *_, loss in calls)


def test_a_short_training_learns():
    model = train_recall(kind="softmax", seed=0, steps=250, rate=0.04)
    assert accuracy(model, 2, 1, 640, TEST) > 0.9


def test_accuracy_counts_right_answers():
    class Knows(RecallModel):
        """Is right for even keys, and never for odd ones."""

        def forward(self, keys, values, asked):
            written = keys.unsqueeze(1) == asked.unsqueeze(2)
            right = values.gather(1, written.long().argmax(dim=2))
            wrong = (right + 1) % VALUES
            chosen = torch.where(asked % 2 == 0, right, wrong)
            return torch.nn.functional.one_hot(chosen, VALUES).double()

    found = accuracy(Knows("linear"), 64, 1, 640, 0)
    assert found == 0.5  # half of all 64 keys are even


def test_accuracies_are_by_times_and_by_pairs():
    found = accuracies(RecallModel("linear"), VALIDATION)
    assert list(found) == list(TIMES)
    assert all(list(by_pairs) == list(PAIRS) for by_pairs in found.values())


@pytest.mark.parametrize(
    ("name", "value"), [("kind", "nearest"), ("steps", 0), ("rate", 0)]
)
def test_settings_that_cannot_be_used_are_an_error(name, value):
    with pytest.raises(ValueError, match=rf"^{name}: expected .+, got "):
        train_recall(**QUICK | {name: value})


# What the page says of them.


def record():
    return json.loads(results.RECORD.read_text("utf-8"))


def test_the_shared_rate_suits_every_kind():
    assert record()["steps"] == RECALL_TRAINING["steps"]
    assert record()["seed"] not in SEEDS
    assert record()["seed"] < VALIDATION < TEST
    for kind in KINDS:
        by_rate = {row["rate"]: row[kind] for row in record()["rows"]}
        best = max(by_rate, key=by_rate.get)
        assert min(by_rate) < best < max(by_rate)
        behind = by_rate[best] - by_rate[RECALL_TRAINING["rate"]]
        assert 100 * behind <= results.sweep()["points"] < 1
    assert len(by_rate) == results.sweep()["rates"]


def test_the_benchmark_writes_what_the_pages_read(tmp_path, monkeypatch):
    monkeypatch.setattr(benchmark, "RATES", (0.01, 0.02))
    monkeypatch.setattr(benchmark, "STEPS", 2)
    benchmark.main([], tmp_path / "record.json")
    written = json.loads((tmp_path / "record.json").read_text("utf-8"))
    assert record().keys() <= written.keys()
    for rows in (written["rows"], record()["rows"]):
        assert all({*row} == {"rate", *KINDS} for row in rows)
    assert results.rates()[0].keys() == {"peak rate", *KINDS}


def test_every_kind_is_trained_alike():
    assert RECALL_KINDS == KINDS
    assert [*RECALL] == [*RECALL_KINDS]
    for kind, settings in RECALL.items():
        assert settings == RECALL_TRAINING | {"kind": kind}
        assert seeds(kind) == SEEDS[:1]
