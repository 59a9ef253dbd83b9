"""The formulas of the article's own pages, each with its twin."""

import math
import re

import pytest
import torch

from snippets import self_attention_by_hand
from snippets.additive_attention import AdditiveAttention
from snippets.dot_product_attention import (
    ConcatScore,
    DotScore,
    GeneralScore,
    LocalAttention,
    LuongAttention,
)
from snippets.five_steps import attend, five_steps
from snippets.scaled_dot_product_attention import attention
from snippets.self_attention import SelfAttention
from snippets.time_first_attention import TimeFirstAttention, to_additive
from tests.pages.formulas import (
    TABLES,
    agree,
    drawn,
    formula,
    random,
    softmax,
    table,
)

HOW = "how-attention-works.md"
ADDITIVE = "types-of-attention/additive.md"
TYPES = "types-of-attention/index.md"
DOT = "types-of-attention/dot-product.md"
SELF = "types-of-attention/self-attention.md"
IMPLEMENTING = "step-by-step/implementing-additive-attention.md"

# No two are alike, so that none can stand for another.
TARGET, SOURCE, HIDDEN, QUERY_SIZE, KEY_SIZE, WORDS = 3, 4, 5, 6, 7, 8


# How Attention Works


@formula(HOW, r"\query{s} \odot \key{h_j}")
def test_compare():
    s, h, W = random(HIDDEN), random(SOURCE, HIDDEN), random(1, 2 * HIDDEN)

    def compared(j, m):
        return s[m] * h[j][m]

    agree(table(compared, SOURCE, HIDDEN), five_steps(s, h, W).compared)


@formula(
    HOW,
    r"e_j = \sum_{i} \query{s_i} \, \key{h_{ji}} = \query{s}^\top \key{h_j}",
)
def test_score():
    s, h, W = random(HIDDEN), random(SOURCE, HIDDEN), random(1, 2 * HIDDEN)

    def as_sum(j):
        return sum(s[i] * h[j][i] for i in range(HIDDEN))

    def as_product(j):
        return s @ h[j]

    score = five_steps(s, h, W).score
    agree(table(as_sum, SOURCE), score)
    agree(table(as_product, SOURCE), score)


@formula(HOW, r"\alpha_j = \frac{\exp(e_j)}{\sum_{k} \exp(e_k)}")
def test_softmax():
    s, h, W = random(HIDDEN), random(SOURCE, HIDDEN), random(1, 2 * HIDDEN)
    steps = five_steps(s, h, W)
    e = steps.score

    def alpha(j):
        return e[j].exp() / sum(e[k].exp() for k in range(SOURCE))

    agree(table(alpha, SOURCE), steps.weights)
    agree(table(alpha, SOURCE), attend(s[None], h[None])[1][0])


@formula(HOW, r"\context{c} = \sum_{j} \alpha_j \, \val{h_j}")
def test_context():
    s, h, W = random(HIDDEN), random(SOURCE, HIDDEN), random(1, 2 * HIDDEN)
    steps = five_steps(s, h, W)
    alpha = steps.weights

    c = sum(alpha[j] * h[j] for j in range(SOURCE))

    agree(c, steps.context)
    agree(c, attend(s[None], h[None])[0][0])


@formula(
    HOW,
    r"p = \operatorname{softmax}\left(W \, [\query{s} ; \context{c}]\right)",
)
def test_combine():
    s, h, W = random(HIDDEN), random(SOURCE, HIDDEN), random(WORDS, 2 * HIDDEN)
    steps = five_steps(s, h, W)

    s_c = [*s, *steps.context]
    logits = [sum(w * x for w, x in zip(row, s_c, strict=True)) for row in W]

    agree(torch.stack(softmax(logits)), steps.probabilities)


BY_HAND = {
    HOW: [
        r"\exp(0) = 1",
        r"\exp(2) \approx 7.39",
        r"\exp(3) \approx 20.09",
        r"20.09 / 29.47 \approx 0.68",
        r"0.25 \cdot 1 + 0.68 \cdot 2 + 0.03 \cdot 1 = 1.64",
        r"1 \cdot 2 + 0 \cdot (-1) + 2 \cdot 1.65 - 1 \cdot 0.75 = 4.55",
        r"0 \cdot 1 + 1 \cdot 2 = 2",
    ],
    ADDITIVE: [
        "2 + 2 - 3 = 1",
        "1 - 1 = 0",
        r"2 \cdot 0.76 + 1 \cdot 0 = 1.52",
        "2 + 1 - 3 = 0",
        "1 - 0 = 1",
        r"2 \cdot 0 + 1 \cdot 0.76 = 0.76",
    ],
    DOT: [r"-1 \cdot 1 + 2 \cdot 2 = 3"],
    TYPES: [r"2 \cdot 2 - 1 \cdot 1 = 3"],
    SELF: [r"2 \cdot 2 - 1 \cdot 1 = 3"],
}


@pytest.mark.parametrize("tex", [t for some in BY_HAND.values() for t in some])
def test_numbers_worked_out_by_hand(tex):
    left, right = re.split(r"=|\\approx", tex)
    for sign, operator in ((r"\cdot", "*"), (r"\exp", "math.exp")):
        left = left.replace(sign, operator)
    digits = len(right.partition(".")[2])
    assert f"{eval(left, {'math': math}):.{digits}f}" == right.strip()


for page, some in BY_HAND.items():
    formula(page, *some)(test_numbers_worked_out_by_hand)


# Additive


@formula(ADDITIVE, r"v^\top W_q s", r"v^\top W_k h_j")
def test_without_the_tanh_nothing_is_compared():
    v, W_q, W_k = random(HIDDEN), random(HIDDEN, 6), random(HIDDEN, 7)
    s, h = random(TARGET, QUERY_SIZE), random(SOURCE, KEY_SIZE)

    def score(i, j):
        return v @ (W_q @ s[i] + W_k @ h[j])

    def apart(i, j):
        return v @ W_q @ s[i] + v @ W_k @ h[j]

    scores = table(score, TARGET, SOURCE)
    agree(table(apart, TARGET, SOURCE), scores)
    weights = torch.softmax(scores, dim=1)
    agree(weights, weights[:1].expand_as(weights))


def additive(v, W_q, W_k, b, s, h):
    """Return the score e_ij of all pairs, as the pages write it."""

    def e(i, j):
        return v @ torch.tanh(W_q @ s[i] + W_k @ h[j] + b)

    return table(e, len(s), len(h))


@formula(
    ADDITIVE,
    r"e_{ij} = v^\top \tanh(W_q \, \query{s_i} + W_k \, \key{h_j} + b)",
    r"\alpha_{ij} = \operatorname{softmax}_j(e_{ij})",
    r"\context{c_i} = \sum_j \alpha_{ij} \key{h_j}",
)
@formula(
    TABLES,
    r"v^\top \tanh(W_q \query{s} + W_k \key{h} + b)",
)
@formula(
    "step-by-step/hands-on.py",
    r"e_{ij} = v^\top \tanh(W_q s_i + W_k h_j + b)",
)
def test_additive():
    module = drawn(AdditiveAttention(QUERY_SIZE, KEY_SIZE, HIDDEN))
    s, h = random(TARGET, QUERY_SIZE), random(SOURCE, KEY_SIZE)
    [v] = module.score_vector.weight
    W_q, W_k = module.query_projection.weight, module.key_projection.weight

    e = additive(v, W_q, W_k, module.key_projection.bias, s, h)

    def alpha(i, j):
        return softmax(e[i])[j]

    def c(i):
        return sum(alpha(i, j) * h[j] for j in range(SOURCE))

    context, weights = module(s[None], h[None])
    agree(table(alpha, TARGET, SOURCE), weights[0])
    agree(table(c, TARGET), context[0])


@formula(
    IMPLEMENTING,
    r"""
    \begin{aligned}
    e_j &= v^\top \tanh(W \, [\query{s} ; \key{h_j}] + b) \\
    \alpha &= \operatorname{softmax}(e)
    \end{aligned}
    """,
)
def test_additive_with_one_layer():
    module = drawn(TimeFirstAttention(HIDDEN))
    s, h = random(HIDDEN), random(SOURCE, HIDDEN)
    v, W = module.score_vector, module.joint_projection.weight
    b = module.joint_projection.bias

    def e(j):
        return v @ torch.tanh(W @ torch.stack([*s, *h[j]]) + b)

    alpha = torch.stack(softmax(table(e, SOURCE)))

    agree(alpha, module(s[None, None], h[:, None])[0])


@formula(
    IMPLEMENTING,
    r"W [s ; h]",
    r"W_q \query{s} + W_k \key{h}",
    r"W_k \key{h}",
)
def test_a_layer_for_both_sides_is_two_layers():
    module = drawn(TimeFirstAttention(HIDDEN))
    s, h = random(HIDDEN), random(HIDDEN)
    halves = to_additive(module)
    W = module.joint_projection.weight
    W_q, W_k = halves.query_projection.weight, halves.key_projection.weight

    agree(W @ torch.stack([*s, *h]), W_q @ s + W_k @ h)


# Dot, general, concat, local


@formula(
    DOT,
    r"e_{ij} = \query{s_i}^\top \, \key{h_j}",
    r"e_{ij} = \query{s_i}^\top \, W \, \key{h_j}",
    r"e_{ij} = v^\top \tanh(W \, [\query{s_i} ; \key{h_j}])",
)
@formula(
    TABLES,
    r"\query{s}^\top \key{h}",
    r"\query{s}^\top W \key{h}",
    r"v^\top \tanh(W [\query{s} ; \key{h}])",
)
def test_three_scores():
    s, h = random(TARGET, QUERY_SIZE), random(SOURCE, KEY_SIZE)
    as_long = random(SOURCE, QUERY_SIZE)
    general = drawn(GeneralScore(QUERY_SIZE, KEY_SIZE))
    concat = drawn(ConcatScore(QUERY_SIZE, KEY_SIZE, HIDDEN))

    def dot_score(i, j):
        return sum(a * b for a, b in zip(s[i], as_long[j], strict=True))

    def general_score(i, j):
        W = general.key_projection.weight
        return s[i] @ W @ h[j]

    def concat_score(i, j):
        [v], W = concat.score_vector.weight, concat.joint_projection.weight
        return v @ torch.tanh(W @ torch.stack([*s[i], *h[j]]))

    sizes = TARGET, SOURCE
    agree(table(dot_score, *sizes), DotScore()(s[None], as_long[None])[0])
    agree(table(general_score, *sizes), general(s[None], h[None])[0])
    agree(table(concat_score, *sizes), concat(s[None], h[None])[0])


@formula(
    DOT,
    r"""
    \begin{aligned}
    p_i &= S \cdot \operatorname{sigmoid}(v_p^\top \tanh(W_p \, \query{s_i}))
    \\
    \alpha_{ij} &= \operatorname{softmax}_j(e_{ij}) \,
    \exp\left(-\frac{(j - p_i)^2}{2 \sigma^2}\right) \\
    \sigma &= \frac{D}{2}
    \end{aligned}
    """,
    r"p - D",
    r"p + D",
)
@formula(TABLES, r"\operatorname{softmax}(e) \exp(-(j - p)^2 / 2 \sigma^2)")
def test_local():
    S, D = 11, 2.5
    score = DotScore()
    module = drawn(LocalAttention(score, QUERY_SIZE, HIDDEN, window=D))
    s, h = random(TARGET, QUERY_SIZE), random(S, QUERY_SIZE)
    W_p, [v_p] = module.projection.weight, module.position_vector.weight
    e = score(s[None], h[None])[0]
    sigma = D / 2

    def p(i):
        return S / (1 + torch.exp(-(v_p @ torch.tanh(W_p @ s[i]))))

    def alpha(i, j):
        inside = [k for k in range(S) if p(i) - D <= k <= p(i) + D]
        if j not in inside:
            return torch.zeros((), dtype=torch.float64)
        share = softmax([e[i][k] for k in inside])[inside.index(j)]
        return share * torch.exp(-((j - p(i)) ** 2) / (2 * sigma**2))

    agree(table(p, TARGET), module.predict_position(s[None], S)[0])
    agree(table(alpha, TARGET, S), module(s[None], h[None])[1][0])


# Self-attention


@formula(
    SELF,
    r"""
    \begin{aligned}
    \query{q_i} &= W_q \, x_i \\
    \key{k_i} &= W_k \, x_i \\
    \val{v_i} &= W_v \, x_i
    \end{aligned}
    """,
)
@formula(TABLES, r"(W_q \query{x})^\top (W_k \key{x'}) / \sqrt{d}")
def test_self_attention():
    module, x = drawn(SelfAttention(QUERY_SIZE, HIDDEN)), random(4, QUERY_SIZE)
    W_q, W_k = module.query_projection.weight, module.key_projection.weight
    W_v, d = module.value_projection.weight, HIDDEN

    def q(i):
        return W_q @ x[i]

    def k(i):
        return W_k @ x[i]

    def v(i):
        return W_v @ x[i]

    def alpha(i, j):
        return softmax([q(i) @ k(m) / math.sqrt(d) for m in range(4)])[j]

    def c(i):
        return sum(alpha(i, j) * v(j) for j in range(4))

    context, weights = module(x[None])
    agree(table(alpha, 4, 4), weights[0])
    agree(table(c, 4), context[0])


@formula(
    SELF,
    r"""
    \context{C} = \operatorname{softmax}\left(
    \frac{\query{Q} \, \key{K}^\top}{\sqrt{d}}\right) \val{V}
    """,
)
@formula(TABLES, r"\query{q}^\top \key{k} / \sqrt{d}")
@formula("notation.md", r"Q K^\top / \sqrt{d_k}")
@formula("beyond/index.md", r"1 / \sqrt{d}")
def test_scaled_dot_products():
    d, value_dim = HIDDEN, KEY_SIZE
    Q, K, V = random(TARGET, d), random(SOURCE, d), random(SOURCE, value_dim)

    def row(i):
        scores = [Q[i] @ K[j] / math.sqrt(d) for j in range(SOURCE)]
        weights = softmax(scores)
        return sum(weights[j] * V[j] for j in range(SOURCE))

    one_head = [matrix[None, None] for matrix in (Q, K, V)]
    scale = 1 / math.sqrt(d)
    agree(table(row, TARGET), attention(*one_head)[0][0, 0])
    agree(table(row, TARGET), attention(*one_head, scale=scale)[0][0, 0])


@formula(SELF, r"\sqrt{2}")
def test_the_score_worked_out_by_hand():
    vectors, W_q, W_k, _ = self_attention_by_hand.example()
    slept, cat = W_q @ vectors[3], W_k @ vectors[2]
    assert f"{slept @ cat / math.sqrt(2):.2f}" == "2.12"


@formula(SELF, r"\sqrt{d}")
def test_dot_products_grow_with_the_root_of_their_length():
    for d in (4, 64, 1024):
        products = (random(4000, d) * random(4000, d)).sum(dim=1)
        assert products.std() / math.sqrt(d) == pytest.approx(1, abs=0.05)


# Summary


@formula(
    "summary.md",
    r"""
    \begin{aligned}
    e_{ij} &= \operatorname{score}(\query{q_i}, \key{k_j}) \\
    \alpha_{ij} &= \frac{\exp(e_{ij})}{\sum_{m} \exp(e_{im})} \\
    \context{c_i} &= \sum_{j} \alpha_{ij} \, \val{v_j}
    \end{aligned}
    """,
)
def test_one_form_for_all():
    general = drawn(GeneralScore(QUERY_SIZE, KEY_SIZE))
    q, k = random(TARGET, QUERY_SIZE), random(SOURCE, KEY_SIZE)
    v = k  # in Luong's attention a key is its own value

    def e(i, j):  # of this pair alone
        return general(q[None, i : i + 1], k[None, j : j + 1])[0, 0, 0]

    def alpha(i, j):
        total = sum(e(i, m).exp() for m in range(SOURCE))
        return e(i, j).exp() / total

    def c(i):
        return sum(alpha(i, j) * v[j] for j in range(SOURCE))

    context, weights = LuongAttention(general)(q[None], k[None])
    agree(table(alpha, TARGET, SOURCE), weights[0])
    agree(table(c, TARGET), context[0])
