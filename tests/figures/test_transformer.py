"""The figures of the Transformer's page."""

from snippets.figures import transformer
from snippets.translator.number_words import LENGTH_BINS
from tests.figures.checks import near
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
        ("post-norm", False, "key"),
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
    def runs(kind):
        start = {"Transformer": 0.9, "GRU": 0.7}[kind]
        return [
            {
                "by_length": {
                    key: start - 0.02 * i - 0.03 * run**2
                    for i, key in enumerate(LENGTH_BINS)
                }
            }
            for run in range(3)
        ]

    monkeypatch.setattr(transformer, "runs", runs)
    drawn = read(transformer.accuracy)
    panel = drawn.panel
    said = []
    bands = {band.role: band for band in panel.bands}
    for kind, role in (("Transformer", "weight"), ("GRU", "key")):
        columns = [
            [100 * run["by_length"][key] for run in runs(kind)]
            for key in LENGTH_BINS
        ]
        means = [sum(column) / 3 for column in columns]
        line = panel.line(kind)
        assert (line.role, line.y) == (role, near(means))
        assert bands[role].low == near([min(column) for column in columns])
        assert bands[role].high == near([max(column) for column in columns])
        said.append(", ".join(f"{mean:.0f}" for mean in means))
    assert len(panel.lines) == len(panel.bands) == 2
    assert panel.x.labels == [f"{low}–{high}" for low, high in LENGTH_BINS]
    assert panel.x.label == "English words in the number"
    assert panel.y.label == "exact match, %"
    assert panel.y.limits[0] <= 0 and panel.y.limits[1] >= 100
    assert "to 30 words, 3 runs each." in drawn.alternative
    assert f"Transformer: {said[0]} percent in the mean." in drawn.alternative
    assert f"GRU with attention: {said[1]} percent." in drawn.alternative
