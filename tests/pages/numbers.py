"""The typed numbers of the pages that code has, too.

For a piece of a sentence, the expression that its numbers must equal, in
their order. A number that no code has stands in said.txt.
"""

import json
import math
import re
from collections.abc import Callable, Iterable

import torch

from snippets import five_steps, scores_by_hand, self_attention_by_hand
from snippets.benchmarks import translator as benchmark
from snippets.benchmarks import tutorial_recipe as recipe
from snippets.figures import flash_attention as tile_figures
from snippets.figures import grouped_query as grouped_figures
from snippets.figures import heads as head_figures
from snippets.figures import linear_attention as linear_figures
from snippets.figures import positions as position_figures
from snippets.interventions import CHANGES
from snippets.machinery.settings import DOCS
from snippets.positions import alibi_slopes
from snippets.results import (
    agreement,
    flash_attention,
    influence,
    interventions,
    linear_attention,
    long_inputs,
    lookup_models,
    trainings,
    what_it_costs,
)
from snippets.results import benchmark as benchmark_results
from snippets.tasks import recall_training, sink_lookup
from snippets.translator import number_words
from snippets.translator.number_words import LENGTH_BINS, english, make_splits
from tests.browser.test_parity import CLOSE
from tests.pages.sizes import made, told, written

STEPS = ("compare", "score", "softmax", "context", "combine")
OTHER_WEIGHTS = "docs/beyond/change-the-weights.md"
JAVASCRIPT = "docs/beyond/attention-in-javascript.md"
CROSS = "docs/beyond/cross-attention.md"
TILES = "docs/beyond/exact-attention-in-tiles.md"
GROUPED = "docs/beyond/grouped-query-attention.md"
FUNCTION = "docs/beyond/index.md"
CACHE = "docs/beyond/kv-cache.md"
LINEAR = "docs/beyond/linear-attention.md"
LONG = "docs/beyond/long-inputs.md"
MASKS = "docs/beyond/masks-and-padding.md"
HEADS = "docs/beyond/multi-head-attention.md"
POSITIONS = "docs/beyond/positions.md"
BLOCK = "docs/beyond/transformer-block.md"
COSTS = "docs/beyond/what-it-costs.md"
FIVE = "docs/how-attention-works.md"
HOME = "docs/index.md"
MEASUREMENTS = "docs/measurements.md"
IMPLEMENTING = "docs/step-by-step/implementing-additive-attention.md"
WALK = "docs/step-by-step/index.md"
INSTALLING = "docs/step-by-step/installing-dependencies.md"
PREPARING = "docs/step-by-step/preparing-data.md"
TRAINING = "docs/step-by-step/training-a-translator.md"
USING = "docs/step-by-step/using-it-in-practice.md"
HANDS_ON = "docs/step-by-step/hands-on.py"
ADDITIVE = "docs/types-of-attention/additive.md"
DOT = "docs/types-of-attention/dot-product.md"
COMPARED = "docs/types-of-attention/comparison.md"
SELF = "docs/types-of-attention/self-attention.md"
WHY = "docs/why-do-we-need-attention.md"
SUMMARY = "docs/summary.md"

TRANSLATORS = trainings.TRANSLATORS
_, _, ADDITIVE_B, ADDITIVE_V = scores_by_hand.additive_parameters()
BY_HAND, W_Q, W_K, W_V = self_attention_by_hand.example()
_, FOUND = self_attention_by_hand.self_attention(BY_HAND, W_Q, W_K, W_V)
OUTPUTS = five_steps.example()[1].tolist()
WEIGHTS = five_steps.five_steps(*five_steps.example()).weights.tolist()


def larger() -> dict:
    """Return the settings of the fixed vector with more numbers."""
    [settings] = trainings.LARGER.values()
    return settings


Numbers = float | Iterable[float]


def step(name: str) -> int:
    """Return which of the five steps has a name."""
    return STEPS.index(name) + 1


def model(name: str) -> int:
    """Return a setting that a model has by itself."""
    [found] = written("transformer/model.py", rf"\b{name}: int = (\d+)")
    return found


def by_length(lengths: tuple[int, int]) -> int:
    """Return how many unseen numbers there are for some lengths."""
    low, high = lengths
    numbers = make_splits()["by_length"]
    return sum(low <= len(english(number)) <= high for number in numbers)


def recorded(record: dict) -> int:
    """Return how many random starts a record has."""
    seed = record["seed"]
    return 1 if isinstance(seed, int) else len(seed)


def other_packages() -> list[str]:
    """Return the pages that need more than PyTorch."""
    return [
        path.name
        for path in sorted(DOCS.rglob("*.*"))
        if path.name != "installing-dependencies.md"
        and path.suffix in (".md", ".py")
        and re.search(r"pip install torch numpy \w", path.read_text("utf-8"))
    ]


NUMBERS: dict[str, dict[str, Callable[[], Numbers]]] = {
    CROSS: {
        "Three decoder states of 7": lambda: made(CROSS, "decoder_states")[1:],
        "ask five encoder outputs of 11": lambda: made(
            CROSS, "encoder_outputs"
        )[1:],
        "sentence has two words of": lambda: 5 - min(made(CROSS, "mask")),
    },
    TILES: {
        "walk along ten keys": lambda: len(tile_figures.SCORES),
        "The tiles of 512 words": lambda: math.prod(
            written("figures/flash_attention.py", r"count = (\d+), (\d+)")
        ),
        "1,024 words, two heads of 64": lambda: (
            *written("results/flash_attention.py", r"cases\(length: .*(1024)"),
            *written("results/flash_attention.py", r"zeros\(1, (2), length"),
            flash_attention.HEAD_DIM,
        ),
        "turned into 1,024 by 1,024 numbers": lambda: (
            2 * written("results/flash_attention.py", r"cases\(.*(1024)")
        ),
    },
    GROUPED: {
        "Four query heads": lambda: grouped_figures.HEADS,
        "of six heads on three": lambda: (
            made(GROUPED, "query")[1],
            made(GROUPED, "key", 1)[1],
        ),
    },
    FUNCTION: {
        "Six query heads share three heads": lambda: (
            made(FUNCTION, "query")[1],
            made(FUNCTION, "key")[1],
        ),
        "Five queries come after six keys": lambda: (
            made(FUNCTION, "query")[2],
            made(FUNCTION, "(context, weights)")[0],
        ),
        "may attend to seven of the eleven": lambda: (
            made(FUNCTION, "(context, weights)")[0] + 1,
            made(FUNCTION, "key")[2],
        ),
    },
    CACHE: {
        "A text of five positions": lambda: made(CACHE, "(query, key, value)")[
            3
        ],
        "Two layers of causal": lambda: written(
            "decoding.py", r"\blayers: int = (\d+)"
        ),
    },
    LINEAR: {
        "Five writes under": lambda: len(linear_figures.WRITES),
        "is written twice": lambda: recall_training.TIMES[1],
        "pairs written twice it gets": lambda: recall_training.TIMES[1],
        "one run each, from a record": lambda: recorded(
            json.loads(linear_attention.RECORD.read_text("utf-8"))
        ),
        "once and twice in turn": lambda: recall_training.TIMES[1],
    },
    LONG: {
        "each of twelve queries": lambda: int(
            told("long_inputs.bands")["length"]
        ),
        "window of three earlier words": lambda: int(
            told("long_inputs.bands")["left"]
        ),
        "tiles of 128": lambda: written(
            "results/long_inputs.py", r"block_size=(\d+)"
        ),
        "window of 127 of them": lambda: long_inputs.WINDOW,
        "window of four earlier words": lambda: trainings.READERS_LEFT,
        "at eight words": lambda: 2 * trainings.READERS_LEFT,
        "words, two layers answer": lambda: trainings.READERS[
            "2 layers, window 4"
        ]["layers"],
        "start at 17 names": lambda: long_inputs.STREAM[1],
        "trained on 16 names": lambda: sink_lookup.LENGTH,
        "A cap of 5": lambda: float(told("long_inputs.softcap")["cap"]),
    },
    HEADS: {
        "with 24 features and 4 heads": lambda: made(HEADS, "layer"),
        "Four heads of 6": lambda: made(HEADS, "(heads, head_dim)"),
        "as one of 24": lambda: math.prod(made(HEADS, "(heads, head_dim)")),
        "two heads gets of four words with six": lambda: (
            head_figures.HEADS,
            head_figures.WORDS,
            head_figures.FEATURES,
        ),
        "small Transformer with four heads": lambda: model("num_heads"),
        "The four heads of": lambda: model("num_heads"),
        "head 1, 2, 3 or 4": lambda: range(1, model("num_heads") + 1),
        "without all four": lambda: model("num_heads"),
        "Without all four": lambda: model("num_heads"),
    },
    POSITIONS: {
        "same three word vectors in two orders": lambda: (
            len(position_figures.SENTENCES[0]),
            len(position_figures.SENTENCES),
        ),
        "Eight features are four clocks": lambda: (
            written("figures/positions.py", r"features = range.7., (\d+)")[0],
            written("figures/positions.py", r"features = range.7., (\d+)")[0]
            / 2,
        ),
        "positions 0 to 6": lambda: (0, int(told("positions.clocks")["last"])),
        "seven positions apart": lambda: 7,
        "for eight heads 1/2, 1/4, 1/8 down to 1/256": lambda: (
            8,
            *(1, round(1 / alibi_slopes(8)[0])),
            *(1, round(1 / alibi_slopes(8)[1])),
            *(1, round(1 / alibi_slopes(8)[2])),
            *(1, round(1 / alibi_slopes(8)[-1])),
        ),
        "last of eight heads": lambda: made(POSITIONS, "nothing")[1],
        "last of five words": lambda: made(POSITIONS, "nothing")[2],
        "at position 100": lambda: position_figures.QUERIES[0],
        "at position 300": lambda: position_figures.QUERIES[1],
        "peak thirty words back": lambda: (
            -int(told("positions.distance")["shift"])
        ),
    },
    BLOCK: {
        "Two blocks read": lambda: model("layers"),
        "two write the German": lambda: model("layers"),
        "length, 100 unseen ones": lambda: by_length(LENGTH_BINS[-1]),
        "the two make at 26 to 30 words": lambda: (2, *LENGTH_BINS[-1]),
        "mean of 100 unseen": lambda: written(
            "results/transformer.py", r"sentences: int = (\d+)"
        ),
        "have more than 20 words": lambda: written(
            "results/transformer.py", r"length > (\d+) for"
        ),
        "more than 25, so": lambda: written(
            "results/transformer.py", r"20 for [^0-9]*(25)"
        ),
    },
    COSTS: {
        "Eight heads of 64 numbers": lambda: (
            what_it_costs.HEADS,
            what_it_costs.HEAD_DIM,
        ),
        "numbers of four bytes": lambda: what_it_costs.BYTES,
        "the factor from half as many": lambda: 1 / 2,
        "for half of them": lambda: 1 / 2,
    },
    FIVE: {
        "The five steps of": lambda: len(STEPS),
        "four source words": lambda: len(five_steps.SOURCE),
        "in five steps": lambda: len(STEPS),
        "vectors have two numbers": lambda: len(five_steps.example()[0]),
        "*the* | 0 | 0 |": lambda: OUTPUTS[0],
        "a thing | 1 | 0 |": lambda: OUTPUTS[1],
        "can act | 2 | 1 |": lambda: OUTPUTS[2],
        "thing does | 1 | 2 |": lambda: OUTPUTS[3],
        "our state is (2, −1)": lambda: five_steps.example()[0].tolist(),
        "new state is (−1, 2)": lambda: five_steps.next_state().tolist(),
        "gives two products": lambda: len(five_steps.example()[0]),
        "gets two thirds": lambda: round(3 * WEIGHTS[2]),
        "*black* a quarter": lambda: round(WEIGHTS[1], 2),
        "and gets 1.65": lambda: round(
            five_steps.five_steps(*five_steps.example()).context[0].item(), 2
        ),
        "number of source words, 4": lambda: len(five_steps.SOURCE),
        "length of each vector, 2": lambda: len(five_steps.example()[0]),
        "all four words": lambda: len(five_steps.SOURCE),
        "five steps begin again": lambda: len(STEPS),
        "1 Compare": lambda: step("compare"),
        "Step 1. Each encoder": lambda: step("compare"),
        "2 Score": lambda: step("score"),
        "Step 2. The products": lambda: step("score"),
        "3 Softmax": lambda: step("softmax"),
        "Step 3. The softmax": lambda: step("softmax"),
        "4 Context": lambda: step("context"),
        "Step 4. Each encoder": lambda: step("context"),
        "5 Combine": lambda: step("combine"),
        "Step 5. State and context": lambda: step("combine"),
        "sum is about 29.47": lambda: round(
            sum(math.exp(score) for score in (0, 2, 3, 0)), 2
        ),
        "Steps 1 and 2 become": lambda: (step("compare"), step("score")),
        "Steps one to four": lambda: step("context"),
        "step five has": lambda: step("combine"),
    },
    OTHER_WEIGHTS: {
        "the share of 1,000 translations": lambda: interventions.NUMBERS,
        "Six changes": lambda: len(CHANGES),
    },
    JAVASCRIPT: {
        "16 bits each": lambda: 8 * torch.half.itemsize,
        "more than 0.00001": lambda: CLOSE,
    },
    HOME: {
        "Five steps, on": lambda: len(STEPS),
        "Thirteen more pages": lambda: len([*DOCS.glob("beyond/*-*.md")]) + 1,
    },
    MEASUREMENTS: {
        "same four peak": lambda: len(benchmark.FULL.rates),
        "validation numbers, one run each": lambda: recorded(
            benchmark_results.record()["sweep"]
        ),
        "same record, one run each": lambda: recorded(
            benchmark_results.record()["sweep"]
        ),
        "hidden size 128": lambda: recipe.HIDDEN_SIZE,
        "batches of 32": lambda: recipe.BATCH_SIZE,
        "Adam at 0.001": lambda: recipe.RATE,
        "reaches 90 % on": lambda: 100 * benchmark.GOAL,
    },
    SUMMARY: {"Which five steps": lambda: len(STEPS)},
    IMPLEMENTING: {
        "time first, (5, 1, 16)": lambda: made(
            IMPLEMENTING, "encoder_outputs"
        ),
        "becomes (5, 16, 1): five matrices": lambda: (5, 16, 1, 5),
        "the 16 numbers": lambda: made(IMPLEMENTING, "encoder_outputs")[2],
        "five words against": lambda: made(IMPLEMENTING, "encoder_outputs")[0],
    },
    WALK: {
        "word has sixteen": lambda: made(PREPARING, "encoder_outputs")[2],
    },
    INSTALLING: {"Three pages need more": lambda: len(other_packages())},
    PREPARING: {
        "Five source words, one sentence, 16 numbers": lambda: made(
            PREPARING, "encoder_outputs"
        )[::2],
        "also of 16 numbers": lambda: made(PREPARING, "decoder_hidden")[2],
        "Left, (5, 1, 16): five slices": lambda: (
            *made(PREPARING, "encoder_outputs"),
            made(PREPARING, "encoder_outputs")[0],
        ),
        "Right, (1, 5, 16)": lambda: (1, 5, 16),
        "the 16 numbers": lambda: made(PREPARING, "encoder_outputs")[2],
        "trained once with masks": lambda: len(
            trainings.seeds("attention, no mask")
        ),
        "up to ten English": lambda: written(
            "results/batch_mates.py", r"SHORT, COUNT = (\d+),"
        ),
        "shapes (5, 1, 16) and (1, 1, 16)": lambda: (
            *made(PREPARING, "encoder_outputs"),
            *made(PREPARING, "decoder_hidden"),
        ),
    },
    TRAINING: {
        "drawn evenly below 10<sup>15</sup>": lambda: (
            10,
            round(math.log10(number_words.LIMIT)),
        ),
    },
    USING: {
        "Five encoder outputs": lambda: made(USING, "encoder_outputs")[1],
        "the five steps with": lambda: len(STEPS),
        "the three steps above": lambda: written(
            "figures/step_by_step.py", r"range\((\d)\):\n +logits"
        ),
        "the mean of ten steps": lambda: written(
            "figures/translator.py", r"unfold\(0, (\d+)"
        ),
    },
    HANDS_ON: {
        "Two sentences": lambda: made(HANDS_ON, "sentences")[0],
        "first has five words, the second three": lambda: made(
            HANDS_ON, "lengths"
        ),
        "its last two positions": lambda: (
            made(HANDS_ON, "lengths")[0] - made(HANDS_ON, "lengths")[1]
        ),
        "thousand new sentences": lambda: made(HANDS_ON, "unseen")[0],
        "of its five words asked": lambda: made(HANDS_ON, "unseen")[1],
        "five queries by five words": lambda: (
            made(HANDS_ON, "unseen")[1:2] * 2
        ),
        "Row 1 asks for word 1, row 2 for word 2": lambda: (1, 1, 2, 2),
    },
    ADDITIVE: {
        "takes 3 from": lambda: -ADDITIVE_B[0].item(),
        "makes them 0.76 and 0,": lambda: (round(math.tanh(1), 2), 0),
        "counts the first answer twice": lambda: ADDITIVE_V[0].item(),
        "On 1,000 unseen": lambda: written(
            "results/lookup_models.py", r"make_batch\((\d\d\d+), SOURCE, rot"
        ),
    },
    DOT: {
        "D = 3 over 14 words": lambda: (
            *written("figures/types_of_attention.py", r"window=(\d+)"),
            *written("figures/types_of_attention.py", r"randn\(1, (\d\d), 8"),
        ),
        "D = 2, after": lambda: lookup_models.WINDOW,
        "What was (2, −1)": lambda: scores_by_hand.example()[1].tolist(),
        "is now (−1, 2)": lambda: scores_by_hand.other_language()[0].tolist(),
        "key of *cat*, (2, 1)": lambda: OUTPUTS[2],
        "becomes (1, 2)": lambda: [*reversed(OUTPUTS[2])],
    },
    COMPARED: {
        "give one in five": lambda: lookup_models.SOURCE,
        "the mean of 20 steps": lambda: written(
            "figures/types_of_attention.py", r"unfold\(0, (\d+)"
        ),
    },
    SELF: {
        "largest of 16 weights, mean over 200 random": lambda: written(
            "results/self_attention.py",
            r"randn\(200, 1, (\d+), size.*\n.*\((\d+), 1, 1",
        ),
        "query of *slept* is (2, 1)": lambda: (W_Q @ BY_HAND[3]).tolist(),
        "key of *cat* is (2, −1)": lambda: (W_K @ BY_HAND[2]).tolist(),
        "it is 2.12": lambda: round(3 / math.sqrt(2), 2),
        "*cat* the weight 0.58": lambda: round(FOUND[3][2].item(), 2),
        "*black*, with 0.49": lambda: round(FOUND[2][1].item(), 2),
        "query of *cat* is (1, 2)": lambda: (W_Q @ BY_HAND[2]).tolist(),
        "key of *black* is (1, 0)": lambda: (W_K @ BY_HAND[1]).tolist(),
        "score is 1;": lambda: (
            (W_Q @ BY_HAND[2]) @ (W_K @ BY_HAND[1])
        ).item(),
        "make three vectors": lambda: 3,
        "all four words": lambda: len(BY_HAND),
        "the first five sentences": lambda: len(
            agreement.measured()["written"]
        ),
    },
    WHY: {
        "With 64 numbers": lambda: influence.HIDDEN,
        "the same 64": lambda: influence.HIDDEN,
        "best of four learning rates": lambda: len(benchmark.FULL.rates),
        "by length: 100 unseen": lambda: written(
            "translator/number_words.py", r"\) < (\d+) for chosen in binned"
        ),
        "with four times the steps": lambda: (
            trainings.LONGER["fixed vector, four times the steps"]["steps"]
            / trainings.FIXED["steps"]
        ),
        "with twice the numbers": lambda: larger()["times"],
        "with twice as many (and states twice as": lambda: (
            2 * [larger()["times"]]
        ),
        "The first of thirty words": lambda: influence.SOURCE,
        "five encoders with 64 hidden": lambda: (
            influence.SEEDS,
            influence.HIDDEN,
        ),
        "Ten words before the end": lambda: (
            written("results/influence.py", r"-(\d+)\]\.mean")[0] - 1
        ),
        "at most 16 words": lambda: TRANSLATORS["attention, at most 16 words"][
            "longest"
        ],
        "up to 16 words only": lambda: TRANSLATORS[
            "fixed vector, at most 16 words"
        ]["longest"],
    },
}
