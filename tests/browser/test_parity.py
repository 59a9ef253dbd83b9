"""JavaScript translates as PyTorch does: the same words, the same weights."""

import pytest

from snippets.interventions import CHANGES, with_change
from snippets.results.measured import translator
from snippets.results.shipped import attention, translations
from snippets.translator.number_words import make_splits
from tests.browser.conftest import open_page
from tests.support import engines, in_node

PAGE = "beyond/attention-in-javascript.html"
CLOSE = 1e-5  # of a weight
IN_NODE = """
let content;
globalThis.ship = (...what) => (content = what);
eval(given.sent);
const { model } = await unpackAndCheck(...content);
const look = globalThis.CHANGES?.[given.change];
return given.known.map((one) => difference(model, one, look));
"""
ON_A_PAGE = """
loadNetwork(find(".live").dataset.model.replace("proof", "attention"))
    .then(({ model }) => KNOWN.map((one) => difference(model, one)))
"""


@pytest.fixture(scope="module")
def known():
    """Give what PyTorch makes of all numbers that were held out."""
    return translations(translator("attention"), make_splits()["held_out"])


def differences(
    script: str, known: list[dict], change: str = ""
) -> list[float | None]:
    """Compare translations in Node; None is another word."""
    text = script + in_node.asset("shipped") + IN_NODE
    return in_node.run(text, sent=attention(), known=known, change=change)


def agree(found: list[float | None], count: int = 2000) -> None:
    assert len(found) == count
    assert None not in found, "other words"
    assert max(far for far in found if far is not None) < CLOSE


def test_node_translates_every_held_out_number_as_pytorch_does(known):
    agree(differences(in_node.asset("translator"), known))


def test_the_translator_has_100_lines():
    lines = map(str.strip, in_node.asset("translator").splitlines())
    code = [one for one in lines if one and not one.startswith(("//", "/*"))]
    assert 80 < len(code) <= 100


def test_chromium_does(context, address, known):
    page, faults = open_page(context, address)
    page.goto(address + PAGE)
    found = page.evaluate(
        f"(KNOWN) => {ON_A_PAGE}.then(all => all.map(far => "
        "far < Infinity ? far : null))",
        known,
    )
    agree(found)
    assert faults == []


@pytest.mark.engines
@pytest.mark.parametrize("engine", [engines.firefox, engines.webkit])
def test_other_engines_do(engine, address, known):
    script = f"""
        const [KNOWN, done] = arguments;
        {ON_A_PAGE}.then((all) =>
            done(all.map((far) => (far < Infinity ? far : null))))
    """
    with engine() as ask:
        agree(ask(address + PAGE, script, known))


@pytest.mark.parametrize("name", CHANGES)
def test_node_changes_weights_as_pytorch_does(name):
    model = with_change(translator("attention"), CHANGES[name])
    known = translations(model, make_splits()["held_out"][:300])
    script = in_node.asset("changes") + in_node.asset("translator")
    agree(differences(script, known, name), 300)


# Each of these runs and raises nothing.
WRONG = {
    "the state is reset before the product": (
        "reset * fromState[2 * size + i]",
        """linear(model, name, state.map((s, k) =>
            s * sigmoid(fromWord[k] + fromState[k])), `_hh${kind}`)[
            2 * size + i]""",
    ),
    "the bias of the candidate is not reset": (
        "reset * fromState[2 * size + i]",
        """reset * (fromState[2 * size + i] -
            model[`${name}.bias_hh${kind}`].data[2 * size + i]) +
            model[`${name}.bias_hh${kind}`].data[2 * size + i]""",
    ),
    "reset and update are swapped": (
        "const reset = sigmoid(fromWord[i] + fromState[i]);\n    "
        "const update = sigmoid(fromWord[size + i] + fromState[size + i]);",
        "const update = sigmoid(fromWord[i] + fromState[i]);\n    "
        "const reset = sigmoid(fromWord[size + i] + fromState[size + i]);",
    ),
    "the update keeps what it should replace": (
        "(1 - update) * candidate + update * old",
        "update * candidate + (1 - update) * old",
    ),
    "both GRUs read from the left": (
        'read(words.toReversed(), "_l0_reverse").toReversed()',
        'read(words, "_l0_reverse")',
    ),
    "what was read from the right stays turned round": (
        '"_l0_reverse").toReversed()',
        '"_l0_reverse")',
    ),
    "the last place is taken for the last state": (
        "backwards[0]",
        "backwards.at(-1)",
    ),
    "the next state asks": (
        "const scores = compare(model, state, keys);",
        """const scores = compare(model,
            steps.length ? steps.at(-1).query : state, keys);""",
    ),
    "no tanh in the score": ("Math.tanh(query[i] + k)", "(query[i] + k)"),
    "the context comes before the word": (
        "[...previous, ...context]",
        "[...context, ...previous]",
    ),
    "the readout sees the state before": (
        "[...next, ...context, ...previous]",
        "[...state, ...context, ...previous]",
    ),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_is_found(mistake, known):
    right, wrong = WRONG[mistake]
    script = in_node.asset("translator")
    assert script.count(right) == 1
    text = script.replace(right, wrong)
    # What is sent along is refused, too: it is not checked here.
    unchecked = in_node.asset("shipped").replace(
        "for (const known of header.checks)", "for (const known of [])"
    )
    found = in_node.run(
        text + unchecked + IN_NODE, sent=attention(), known=known[:20]
    )
    assert None in found or max(found) > CLOSE


def test_a_script_with_a_mistake_refuses_to_translate(known):
    script = in_node.asset("translator").replace("backwards[0]", "forwards[0]")
    with pytest.raises(AssertionError, match="something else than PyTorch"):
        differences(script, known[:1])
