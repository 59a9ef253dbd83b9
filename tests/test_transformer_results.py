"""What the pages say of the trained Transformer and of its heads."""

from snippets.results import heads, trainings, transformer
from snippets.results.measured_transformer import measured


def share(text):
    return float(text.rstrip("%")) / 100


def test_the_claims_of_the_transformer_page_hold():
    """Right where training numbers are plenty, behind where they are few."""
    for seed in trainings.SEEDS:
        found = measured("transformer", seed)
        assert found["exact"] >= 0.98
        for length in ((1, 5), (6, 10), (11, 15), (16, 20)):
            assert found["by_length"][length] >= 0.95
    longest = {
        kind: [run["by_length"][26, 30] for run in transformer.runs(kind)]
        for kind in ("Transformer", "GRU")
    }
    assert max(longest["Transformer"]) < min(longest["GRU"]) - 0.1
    task = transformer.task()
    assert task["longest"] < task["long"] < 1000


def test_the_claims_of_the_heads_page_hold():
    """The encoder's first attention is not needed, the last cross is."""
    rows = {row["attention"]: row for row in heads.ablation()}
    one_head = [share(rows["cross 2"][str(i)]) for i in (1, 2, 3, 4)]
    assert share(rows["encoder 1"]["all"]) > 0.95
    assert min(one_head) > 0.9
    assert share(rows["cross 2"]["all"]) < 0.2
    facts = heads.facts()
    assert float(facts["encoder"]) < 0.3 < 0.7 < float(facts["cross"])
