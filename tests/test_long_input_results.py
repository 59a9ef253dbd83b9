"""What the page says of the readers and lookups of *Long Inputs*."""

from snippets.results import long_inputs


def test_windows_recall_up_to_their_reach():
    whole, two, three = map(long_inputs.recall, long_inputs.READERS)
    chance, left = 1 / 8, long_inputs.READERS_LEFT
    assert min(whole) > 0.98
    for curve, reach in ((two, 2 * left), (three, 3 * left)):
        assert min(curve[:reach]) > 0.9
        assert max(abs(right - chance) for right in curve[reach:]) < 0.05
    assert long_inputs.recall_facts()["two_last"] > 0.98


def test_the_start_takes_the_weight_of_missing_names():
    facts = long_inputs.sink_facts()
    assert facts["not_there"] > 0.7
    assert facts["there"] < 0.03
    start, zero, none = long_inputs.sinks()
    for row in (start, zero):
        assert float(row["not there"]) < 0.02
    assert 0.05 < float(none["not there"]) < 0.07
    for row in (start, zero, none):
        assert float(row["there"]) < 0.01


def test_the_error_jumps_when_the_window_loses_the_start():
    window, kept, none = long_inputs.stream().values()
    assert window[0] == kept[0] < 0.02
    assert min(window[1:]) > 5 * window[0]
    assert max(kept) < 2 * kept[0]
    assert all(0.05 < error < 0.07 for error in none)


def test_names_that_are_there_are_found_without_the_start():
    model, length = long_inputs.lookup("start"), 21
    mask = long_inputs.window_with_sinks(
        1, length + 1, left=16, sinks=0, offset=length
    )
    found = long_inputs.asked(model, length, mask)
    assert found["error, there"] < 0.005
    assert found["first, there"] == found["first, not there"] == 0
