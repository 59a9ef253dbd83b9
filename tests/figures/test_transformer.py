"""The figures of the Transformer's page."""

from snippets.figures import transformer
from snippets.translator.number_words import LENGTH_BINS
from tests.figures.checks import near
from tests.results.made import recorded
from tests.support.drawn import read


def test_each_norm_has_the_line_of_its_sizes(monkeypatch):
    sizes = {
        True: [1 + 0.3 * n for n in range(transformer.BLOCKS + 1)],
        False: [1 + 0.01 * n for n in range(transformer.BLOCKS + 1)],
    }
    monkeypatch.setattr(transformer, "untrained", sizes.__getitem__)
    drawn = read(transformer.norms)
    panel = drawn.panel
    for label, norm_first, role in (
        ("pre-norm", True, "weight"),
        ("post-norm", False, "ochre"),
    ):
        line = panel.line(label)
        assert (line.role, line.y) == (role, sizes[norm_first])
        assert line.x == [*range(transformer.BLOCKS + 1)]
        assert panel.text(label).place[1] == line.y[-1]
    assert len(panel.lines) == 2
    assert panel.y.limits[0] == 0
    assert panel.x.label == "blocks passed"
    assert panel.y.label == "size of the numbers"
    assert f"each of {transformer.BLOCKS} untrained" in drawn.alternative
    assert f"from 1 to {sizes[True][-1]:.1f};" in drawn.alternative
    assert f"it stays at {sizes[False][-1]:.1f}." in drawn.alternative


def test_each_model_has_the_line_of_its_runs(monkeypatch):
    starts = {"Transformer": 0.9, "GRU": 0.7}

    def run(kind):
        shares = [starts[kind] - 0.02 * i for i in range(len(LENGTH_BINS))]
        return {"by_length": dict(zip(LENGTH_BINS, shares, strict=True))}

    def other(kind, i, end):
        return starts[kind] - 0.03 * i + 0.05 * (-1) ** end

    rows = [
        {
            f"{kind}, {low} to {high}": other(kind, i, end)
            for kind in starts
            for i, (low, high) in enumerate(LENGTH_BINS)
        }
        for end in (0, 1)
    ]
    monkeypatch.setattr(transformer, "run", run)
    recorded(monkeypatch, transformer_block__exact=rows)
    drawn = read(transformer.accuracy)
    panel = drawn.panel
    said = []
    bands = {band.role: band for band in panel.bands}
    places = range(len(LENGTH_BINS))
    for kind, role in (("Transformer", "weight"), ("GRU", "ochre")):
        shares = [100 * share for share in run(kind)["by_length"].values()]
        line = panel.line(kind)
        assert (line.role, line.y) == (role, near(shares))
        low, high = ([100 * other(kind, i, e) for i in places] for e in (1, 0))
        assert bands[role].low == near(low)
        assert bands[role].high == near(high)
        said.append(", ".join(f"{share:.0f}" for share in shares))
    assert len(panel.lines) == len(panel.bands) == 2
    assert panel.x.labels == [f"{low}–{high}" for low, high in LENGTH_BINS]
    assert panel.x.label == "English words in the number"
    assert panel.y.label == "exact match, %"
    assert panel.y.limits[0] <= 0 and panel.y.limits[1] >= 100
    assert f"Transformer: {said[0]} percent." in drawn.alternative
    assert f"GRU with attention: {said[1]} percent." in drawn.alternative
