"""The formulas of the pages beyond the article, each with its twin."""

import math

import pytest
import torch
from torch import nn

from snippets.attention import attention
from snippets.counting import count, count_multiplications
from snippets.cross_attention import CrossAttention
from snippets.dot_product_attention import GeneralScore
from snippets.flash_attention import add_tile, flash_attention_forward
from snippets.kv_cache import KVCache
from snippets.latent_attention import LatentAttention
from snippets.linear_attention import (
    elu_plus_one,
    linear_attention,
    unit_length,
    unmasked_linear_attention,
)
from snippets.long_inputs import add_zero_key
from snippets.masks import additive_mask, causal_mask
from snippets.multi_head_attention import MultiHeadAttention
from snippets.online_softmax import three_passes, two_passes
from snippets.positions import (
    alibi_bias,
    alibi_slopes,
    rotary_embedding,
    sinusoidal_positions,
)
from snippets.results import what_it_costs
from snippets.transformer_block import FeedForward, Norm
from tests.pages.formulas import (
    agree,
    drawn,
    formula,
    random,
    softmax,
    table,
)

INDEX = "beyond/index.md"
CROSS = "beyond/cross-attention.md"
MASKS = "beyond/masks-and-padding.md"
HEADS = "beyond/multi-head-attention.md"
POSITIONS = "beyond/positions.md"
BLOCK = "beyond/transformer-block.md"
CACHE = "beyond/kv-cache.md"
GROUPED = "beyond/grouped-query-attention.md"
LONG = "beyond/long-inputs.md"
TILES = "beyond/exact-attention-in-tiles.md"
LINEAR = "beyond/linear-attention.md"
COSTS = "beyond/what-it-costs.md"
JAVASCRIPT = "beyond/attention-in-javascript.md"

# No two are alike, so that none can stand for another.
TARGET, SOURCE, HEAD_DIM, VALUE_DIM, QUERY_SIZE, KEY_SIZE = 3, 4, 5, 6, 7, 8


def one_head(*matrices):
    """Give each matrix the axes of a batch and of heads, both of size 1."""
    return [matrix[None, None] for matrix in matrices]


# The reference attention and its masks


@formula(
    INDEX,
    r"""
    \begin{aligned}
    e_{ij} &= \operatorname{cap}\left(
    \text{scale} \cdot \query{q_i}^\top \key{k_j}\right) + m_{ij} \\
    \alpha_{ij} &= \operatorname{softmax}_j(e_{ij}) \\
    \context{c_i} &= \sum_j \alpha_{ij} \, \val{v_j}
    \end{aligned}
    """,
    r"m_{ij} = -\infty",
)
@formula(LONG, r"e \leftarrow c \cdot \tanh(e / c)")
def test_reference_attention():
    q, k = random(TARGET, HEAD_DIM), random(SOURCE, HEAD_DIM)
    v, m = random(SOURCE, VALUE_DIM), random(TARGET, SOURCE)
    m[1, 2] = -math.inf
    scale, softcap = 0.7, 1.5

    def cap(e):
        return softcap * torch.tanh(e / softcap)

    def e(i, j):
        return cap(scale * (q[i] @ k[j])) + m[i, j]

    def alpha(i, j):
        return softmax([e(i, n) for n in range(SOURCE)])[j]

    def c(i):
        return sum(alpha(i, j) * v[j] for j in range(SOURCE))

    context, weights = attention(
        *one_head(q, k, v), mask=m, scale=scale, softcap=softcap
    )
    agree(table(alpha, TARGET, SOURCE), weights[0, 0])
    agree(table(c, TARGET), context[0, 0])
    assert weights[0, 0, 1, 2] == 0


@formula(
    MASKS,
    r"\alpha_{ij} = \operatorname{softmax}_j(e_{ij} + m_{ij})",
    r"m_{ij} = 0",
    r"m_{ij} = -\infty",
)
def test_additive_mask():
    q, k = random(4, HEAD_DIM), random(4, HEAD_DIM)
    may = causal_mask(4)
    m = [[0.0 if may[i, j] else -math.inf for j in range(4)] for i in range(4)]

    def alpha(i, j):
        e = [q[i] @ k[n] / math.sqrt(HEAD_DIM) for n in range(4)]
        return softmax([e[n] + m[i][n] for n in range(4)])[j]

    heads = one_head(q, k, k)
    assert additive_mask(may).tolist() == m
    agree(table(alpha, 4, 4), attention(*heads, mask=may)[1][0, 0])


@formula(MASKS, r"e^m", r"-1")
def test_a_finite_number_multiplies_a_weight():
    q, k = random(1, HEAD_DIM), random(SOURCE, HEAD_DIM)
    m = torch.tensor([[0.0, -1.0, 0.0, 0.5]], dtype=torch.float64)
    plain = attention(*one_head(q, k, k))[1][0, 0, 0]

    products = [plain[j] * math.e ** m[0, j] for j in range(SOURCE)]
    normalised = [product / sum(products) for product in products]

    weights = attention(*one_head(q, k, k), mask=m)[1][0, 0, 0]
    agree(torch.stack(normalised), weights)
    assert math.e**-1 == pytest.approx(1 / 3, abs=0.05)  # about a third


@formula(CACHE, r"j \le i + \text{offset}")
def test_causal_order_with_an_offset():
    q, k = random(TARGET, HEAD_DIM), random(SOURCE, HEAD_DIM)
    offset = 1

    def may(i, j):
        return j <= i + offset

    heads = one_head(q, k, k)
    weights = attention(*heads, is_causal=True, offset=offset)[1][0, 0]
    assert torch.equal(table(may, TARGET, SOURCE), weights > 0)


# Cross-attention


@formula(
    CROSS,
    r"""
    \begin{aligned}
    \query{q_i} &= W_q \, \query{s_i} \\
    \key{k_j} &= W_k \, \key{h_j} \\
    \val{v_j} &= W_v \, \key{h_j}
    \end{aligned}
    """,
)
def test_cross_attention():
    module = drawn(
        CrossAttention(QUERY_SIZE, KEY_SIZE, HEAD_DIM, value_dim=VALUE_DIM)
    )
    s, h = random(TARGET, QUERY_SIZE), random(SOURCE, KEY_SIZE)
    W_q, W_k = module.query_projection.weight, module.key_projection.weight
    W_v = module.value_projection.weight

    def q(i):
        return W_q @ s[i]

    def k(j):
        return W_k @ h[j]

    def v(j):
        return W_v @ h[j]

    key, value = module.project(h[None])
    agree(table(k, SOURCE), key[0])
    agree(table(v, SOURCE), value[0])
    own = one_head(table(q, TARGET), table(k, SOURCE), table(v, SOURCE))
    agree(attention(*own)[0][0], module(s[None], h[None])[0])


@formula(
    CROSS,
    r"""
    (W_q \, \query{s_i})^\top (W_k \, \key{h_j}) =
    \query{s_i}^\top (W_q^\top W_k) \, \key{h_j}
    """,
)
def test_two_projections_are_the_general_score():
    module = drawn(CrossAttention(QUERY_SIZE, KEY_SIZE, HEAD_DIM, scale=1.0))
    s, h = random(TARGET, QUERY_SIZE), random(SOURCE, KEY_SIZE)
    W_q, W_k = module.query_projection.weight, module.key_projection.weight

    def left(i, j):
        return (W_q @ s[i]) @ (W_k @ h[j])

    def right(i, j):
        return s[i] @ (W_q.T @ W_k) @ h[j]

    general = drawn(GeneralScore(QUERY_SIZE, KEY_SIZE))
    general.key_projection.weight.copy_(W_q.T @ W_k)
    e = table(left, TARGET, SOURCE)
    agree(e, table(right, TARGET, SOURCE))
    agree(e, general(s[None], h[None])[0])
    weights = torch.stack([torch.stack(softmax(row)) for row in e])
    agree(weights, module(s[None], h[None])[1][0])


# Heads


@formula(
    HEADS,
    r"""
    \begin{aligned}
    \context{C^{(h)}} &= \operatorname{softmax}\left(\frac{\query{Q^{(h)}}
    \key{K^{(h)}}^\top}{\sqrt{d}}\right) \val{V^{(h)}} \\
    \text{output} &= \left[\, \context{C^{(1)}} \; \cdots \;
    \context{C^{(H)}} \,\right] W_o^\top
    \end{aligned}
    """,
)
def test_multi_head_attention():
    H, d = 3, 5
    module = drawn(MultiHeadAttention(H * d, H, bias=False))
    x, y = random(TARGET, H * d), random(SOURCE, H * d)
    W_q, W_k = module.query_projection.weight, module.key_projection.weight
    W_v, W_o = module.value_projection.weight, module.output_projection.weight

    def C(h):
        own = slice(h * d, (h + 1) * d)  # the rows of this head
        Q, K, V = x @ W_q[own].T, y @ W_k[own].T, y @ W_v[own].T
        rows = [softmax(row) for row in Q @ K.T / math.sqrt(d)]
        return torch.stack([torch.stack(row) for row in rows]) @ V

    output = torch.cat([C(h) for h in range(H)], dim=1) @ W_o.T

    agree(output, module(x[None], y[None])[0][0])


@formula(HEADS, r"d = 6")
def test_heads_share_the_features():
    assert MultiHeadAttention(24, 4).head_dim == 6


@formula(
    GROUPED,
    r"""
    \begin{aligned}
    g &= \left\lfloor \frac{h \, G}{H} \right\rfloor \\
    \context{c_i^h} &= \sum_j \operatorname{softmax}_j\left(
    \frac{\query{q_i^h}^\top \key{k_j^g}}{\sqrt{d}}\right) \val{v_j^g}
    \end{aligned}
    """,
    r"G = H",
    r"1 < G < H",
    r"G = 1",
)
@pytest.mark.parametrize("G", [6, 3, 1])
def test_grouped_query_attention(G):
    H, d = 6, HEAD_DIM
    q, k = random(H, TARGET, d), random(G, SOURCE, d)
    v = random(G, SOURCE, VALUE_DIM)

    def c(h, i):
        g = math.floor(h * G / H)
        weights = softmax(
            [q[h][i] @ k[g][j] / math.sqrt(d) for j in range(SOURCE)]
        )
        return sum(weights[j] * v[g][j] for j in range(SOURCE))

    agree(table(c, H, TARGET), attention(q[None], k[None], v[None])[0][0])


def latents():
    """Return a layer, its heads and its matrices by head, and some input."""
    H, d = 3, 5
    module = drawn(LatentAttention(H * d, H, 4))
    x = random(SOURCE, H * d)
    U_k = module.key_expansion.weight.view(H, d, 4)
    U_v = module.value_expansion.weight.view(H, d, 4)
    return module, H, d, U_k, U_v, x


def norm(x):
    """Divide by the root of the mean square."""
    square = sum(number**2 for number in x) / len(x)
    return x / torch.sqrt(square + torch.finfo(x.dtype).eps)


@formula(
    GROUPED,
    r"""
    \begin{aligned}
    z_j &= \operatorname{norm}(W_z \, x_j) \\
    \key{k_j^h} &= U_k^h \, z_j \\
    \val{v_j^h} &= U_v^h \, z_j
    \end{aligned}
    """,
)
def test_latents():
    module, H, d, U_k, U_v, x = latents()
    W_z, learnt = module.latent_projection.weight, module.latent_norm.weight

    def z(j):
        return norm(W_z @ x[j]) * learnt

    def k(h, j):
        return U_k[h] @ z(j)

    def v(h, j):
        return U_v[h] @ z(j)

    cache = module.new_cache(1, SOURCE)
    context, weights = module(x[None], cache=cache)
    agree(table(z, SOURCE), cache.stored[0, 0])
    query = module.query_projection(x).view(SOURCE, H, d).transpose(0, 1)
    keys, values = table(k, H, SOURCE)[None], table(v, H, SOURCE)[None]
    own, own_weights = attention(query[None], keys, values)
    agree(own_weights, weights)
    joined = own[0].transpose(0, 1).flatten(1)
    agree(module.output_projection(joined), context[0])


@formula(
    GROUPED,
    r"""
    \query{q_i^h}^\top \key{k_j^h}
    = \query{q_i^h}^\top \left(U_k^h z_j\right)
    = \left({U_k^h}^\top \query{q_i^h}\right)^\top z_j
    """,
)
def test_a_query_can_be_absorbed():
    module, H, d, U_k, _, x = latents()
    q = module.query_projection(x).view(SOURCE, H, d)
    z = module.latent_norm(module.latent_projection(x))

    def made(h, i, j):
        return q[i, h] @ (U_k[h] @ z[j])

    def absorbed(h, i, j):
        return (U_k[h].T @ q[i, h]) @ z[j]

    sizes = H, SOURCE, SOURCE
    agree(table(made, *sizes), table(absorbed, *sizes))
    for score, how in ((made, False), (absorbed, True)):
        e = table(score, *sizes) / math.sqrt(d)
        weights = torch.stack(
            [torch.stack(softmax(row)) for row in e.flatten(0, 1)]
        )
        agree(weights.view(sizes), module(x[None], absorbed=how)[1][0])


# The cache


@formula(
    CACHE,
    r"""
    \context{c_t} = [\val{v_1} \dots \val{v_t}] \,
    \operatorname{softmax}([\key{k_1} \dots \key{k_t}]^\top \,
    \query{q_t} / \sqrt{d})
    """,
)
def test_step_with_a_cache():
    d = HEAD_DIM
    q, k, v = random(4, d), random(4, d), random(4, VALUE_DIM)

    def c(t):
        # Columns, as many as there are positions up to this one.
        values = torch.stack([v[j] for j in range(t + 1)], dim=1)
        keys = torch.stack([k[j] for j in range(t + 1)], dim=1)
        return values @ torch.stack(softmax(keys.T @ q[t] / math.sqrt(d)))

    cache = KVCache(1, 1, 4, d, VALUE_DIM, dtype=torch.float64)
    for t in range(4):
        kept = cache.append(*one_head(k[t : t + 1], v[t : t + 1]))
        context, _ = attention(q[None, None, t : t + 1], *kept)
        agree(c(t), context[0, 0, 0])
    whole, _ = attention(*one_head(q, k, v), is_causal=True)
    agree(table(c, 4), whole[0, 0])


@formula(CACHE, r"2 \cdot \text{key\_heads} \cdot \text{head\_dim}")
@formula(GROUPED, r"2 \, G \, d")
def test_numbers_of_a_cache():
    key_heads, head_dim, positions = 3, 7, 11
    cache = KVCache(1, key_heads, positions, head_dim)
    numbers = cache.nbytes() / 4 / positions
    assert numbers == 2 * key_heads * head_dim


# Positions


@formula(
    POSITIONS,
    r"""
    \begin{aligned}
    p_{i,2m} &= \sin(\omega_m i) \\
    p_{i,2m+1} &= \cos(\omega_m i) \\
    \omega_m &= 10000^{-2m/d}
    \end{aligned}
    """,
    r"\cos(\omega_m (i - j))",
)
def test_sinusoidal_positions():
    length, d = 9, 6

    def omega(m):
        return 10000 ** (-2 * m / d)

    def p(i, feature):
        m, odd = divmod(feature, 2)
        return math.cos(omega(m) * i) if odd else math.sin(omega(m) * i)

    def product_of_hands(i, j, m):
        return math.cos(omega(m) * (i - j))

    made = sinusoidal_positions(length, d, dtype=torch.float64)
    agree(table(p, length, d), made)
    hands = made.view(length, d // 2, 2)
    agree(
        table(product_of_hands, length, length, d // 2),
        torch.einsum("imt,jmt->ijm", hands, hands),
    )


@formula(
    POSITIONS,
    r"""
    \begin{aligned}
    a_i &= a \cos(\omega_m i) - b \sin(\omega_m i) \\
    b_i &= a \sin(\omega_m i) + b \cos(\omega_m i)
    \end{aligned}
    """,
    r"\omega_m i",
    r"\omega_m j",
    r"2m",
    r"2m + 1",
    r"m + d/2",
)
@pytest.mark.parametrize("interleaved", [True, False])
def test_rope(interleaved):
    length, d = 5, 6
    x = random(length, d)

    def turned(i):
        y = torch.zeros(d, dtype=torch.float64)
        for m in range(d // 2):
            one, other = (2 * m, 2 * m + 1) if interleaved else (m, m + d // 2)
            a, b, omega = x[i, one], x[i, other], 10000 ** (-2 * m / d)
            y[one] = a * math.cos(omega * i) - b * math.sin(omega * i)
            y[other] = a * math.sin(omega * i) + b * math.cos(omega * i)
        return y

    made = rotary_embedding(
        x[None, None], torch.arange(length), interleaved=interleaved
    )
    agree(table(turned, length), made[0, 0])


@formula(
    POSITIONS,
    r"(R_i \, \query{q})^\top (R_j \, \key{k}) = \query{q}^\top R_{j-i} \,"
    r" \key{k}",
)
def test_rope_sees_the_distance():
    q, k = random(6), random(6)

    def R(i, x):
        return rotary_embedding(x[None, None, None], torch.tensor([i]))[
            0, 0, 0
        ]

    def left(i, j):
        return R(i, q) @ R(j, k)

    def right(i, j):
        return q @ R(j - i, k)

    agree(table(right, 5, 5), table(left, 5, 5))


@formula(
    POSITIONS,
    r"""
    e_{ij} = \frac{\query{q_i}^\top \key{k_j}}{\sqrt{d}} - s_h \, |i - j|
    """,
    r"-s_h \, |i - j|",
    r"i - j",
)
def test_alibi():
    H, d = 4, HEAD_DIM
    q, k, s = random(H, 4, d), random(H, 4, d), alibi_slopes(H)

    def bias(h, i, j):
        return -s[h] * abs(i - j)

    def e(h, i, j):
        return q[h, i] @ k[h, j] / math.sqrt(d) - s[h] * abs(i - j)

    def alpha(h, i, j):
        return softmax([e(h, i, n) for n in range(4)])[j]

    def causal_alpha(h, i, j):  # with the distance i - j
        def e(n):
            return q[h, i] @ k[h, n] / math.sqrt(d) - s[h] * (i - n)

        seen = softmax([e(n) for n in range(i + 1)])
        return seen[j] if j <= i else torch.zeros_like(seen[0])

    mask = alibi_bias(H, 4, 4)
    agree(table(bias, H, 4, 4), mask.double())
    heads = q[None], k[None], k[None]
    agree(table(alpha, H, 4, 4), attention(*heads, mask=mask)[1][0])
    _, causal = attention(*heads, mask=mask, is_causal=True)
    agree(table(causal_alpha, H, 4, 4), causal[0])


# The Transformer


@formula(
    BLOCK,
    r"""
    \begin{aligned}
    \text{post-norm:} \quad y &= \operatorname{norm}(x + f(x)) \\
    \text{pre-norm:} \quad y &= x + f(\operatorname{norm}(x))
    \end{aligned}
    """,
)
@pytest.mark.parametrize("norm_first", [False, True])
def test_where_the_norm_stands(norm_first):
    layer = drawn(Norm(HEAD_DIM, norm_first=norm_first))
    f, x = drawn(nn.Linear(HEAD_DIM, HEAD_DIM)), random(HEAD_DIM)

    def norm(x):
        mean = sum(x) / len(x)
        variance = sum((number - mean) ** 2 for number in x) / len(x)
        scaled = (x - mean) / torch.sqrt(variance + layer.eps)
        return scaled * layer.weight + layer.bias

    y = x + f(norm(x)) if norm_first else norm(x + f(x))

    agree(y, layer.after(x + f(layer.before(x))))


# Long inputs


@formula(LONG, r"\exp(0) = 1", r"\exp(e_j) / (1 + \sum_k \exp(e_k))")
def test_softmax_off_by_one():
    q, k = random(TARGET, HEAD_DIM), random(SOURCE, HEAD_DIM)

    def alpha(i, j):
        e = [q[i] @ k[n] / math.sqrt(HEAD_DIM) for n in range(SOURCE)]
        return torch.exp(e[j]) / (1 + sum(torch.exp(e[n]) for n in range(4)))

    heads = one_head(k, k)
    key, value = add_zero_key(*heads)
    weights = attention(q[None, None], key, value)[1][0, 0]
    assert math.exp(0) == 1
    agree(table(alpha, TARGET, SOURCE), weights[:, 1:])


@formula(LONG, r"-c", r"\exp(2c)")
def test_a_cap_bounds_scores_and_weights():
    c, q = 1.5, random(1, HEAD_DIM)
    k = torch.cat([-1000 * q, q, 1000 * q])
    weights = attention(*one_head(q, k, k), softcap=c)[1]
    assert weights.max() / weights.min() == pytest.approx(math.exp(2 * c))
    masked = c * torch.tanh(torch.tensor(-math.inf) / c)
    assert masked == -c


# Tiles


@formula(
    TILES,
    r"""
    \frac{\exp(e_j)}{\sum_{k} \exp(e_k)}
    = \frac{\exp(e_j - m)}{\sum_{k} \exp(e_k - m)}
    """,
)
def test_the_maximum_cancels():
    e, m = random(SOURCE), 1.7

    def left(j):
        return torch.exp(e[j]) / sum(torch.exp(e[k]) for k in range(SOURCE))

    def right(j):
        total = sum(torch.exp(e[k] - m) for k in range(SOURCE))
        return torch.exp(e[j] - m) / total

    # Values that pick one weight each.
    weights = three_passes(e, torch.eye(SOURCE, dtype=torch.float64))
    agree(table(left, SOURCE), weights)
    agree(table(right, SOURCE), weights)


@formula(TILES, r"\exp(89)")
def test_a_power_that_float32_cannot_hold():
    assert torch.tensor(88.0).exp() < math.inf == torch.tensor(89.0).exp()


@formula(
    TILES,
    r"""
    \begin{aligned}
    m_j &= \max(m_{j-1}, e_j) \\
    \ell_j &= \ell_{j-1} \cdot \exp(m_{j-1} - m_j) \\
    &\quad + \exp(e_j - m_j)
    \end{aligned}
    """,
    r"m + \log \ell",
    r"\exp(e_j - (m + \log \ell))",
)
def test_online_softmax():
    n = 7
    q, k, v = random(1, HEAD_DIM), random(n, HEAD_DIM), random(n, VALUE_DIM)
    e = [k[j] @ q[0] / math.sqrt(HEAD_DIM) for j in range(n)]
    ninf = torch.tensor(-math.inf, dtype=torch.float64)
    zero = torch.zeros((), dtype=torch.float64)

    def m(j):
        return max(m(j - 1), e[j]) if j >= 0 else ninf

    def ell(j):
        if j < 0:
            return zero
        corrected = ell(j - 1) * torch.exp(m(j - 1) - m(j))
        return corrected + torch.exp(e[j] - m(j))

    state = ninf.view(1, 1, 1, 1), zero.view(1, 1, 1, 1), torch.zeros(1)
    for j in range(n):
        state = add_tile(state, e[j].view(1, 1, 1, 1), v[j].view(1, 1, 1, -1))
        agree(m(j), state[0][0, 0, 0, 0])
        agree(ell(j), state[1][0, 0, 0, 0])

    def logsumexp():
        return m(n - 1) + torch.log(ell(n - 1))

    def weight(j):
        return torch.exp(e[j] - logsumexp())

    heads = one_head(q, k, v)
    _, returned = flash_attention_forward(*heads, block_size=2)
    agree(logsumexp(), returned[0, 0, 0])
    agree(table(weight, n), attention(*heads)[1][0, 0, 0])
    scores = torch.stack(e)
    agree(table(weight, n), two_passes(scores, torch.eye(n).double()))


# Linear attention


def phi(x):
    """Return x + 1 above zero and exp(x) below."""
    return torch.stack([n + 1 if n > 0 else torch.exp(n) for n in x])


@formula(LINEAR, r"x + 1", r"\exp(x)")
def test_features():
    x = random(20)
    agree(phi(x), elu_plus_one(x))


@formula(
    LINEAR,
    r"""
    \begin{aligned}
    \context{c_i}^\top &= \frac{\sum_j \varphi(\query{q_i})^\top
    \varphi(\key{k_j}) \, \val{v_j}^\top}
    {\sum_j \varphi(\query{q_i})^\top \varphi(\key{k_j})} \\
    &= \frac{\varphi(\query{q_i})^\top \sum_j \varphi(\key{k_j}) \,
    \val{v_j}^\top}
    {\varphi(\query{q_i})^\top \sum_j \varphi(\key{k_j})}
    \end{aligned}
    """,
)
def test_brackets():
    q, k = random(TARGET, HEAD_DIM), random(SOURCE, HEAD_DIM)
    v, keys = random(SOURCE, VALUE_DIM), range(SOURCE)

    def first(i):
        total = sum(phi(q[i]) @ phi(k[j]) for j in keys)
        return sum((phi(q[i]) @ phi(k[j])) * v[j] for j in keys) / total

    def second(i):
        state = sum(torch.outer(phi(k[j]), v[j]) for j in keys)
        return phi(q[i]) @ state / (phi(q[i]) @ sum(phi(k[j]) for j in keys))

    context = unmasked_linear_attention(*one_head(q, k, v))[0, 0]
    agree(table(first, TARGET), context)
    agree(table(second, TARGET), context)


@formula(LINEAR, r"2 n^2 d", r"2 n d^2")
def test_multiplications_of_both_brackets():
    n, d = 11, 3
    q, k, v = torch.ones(3, n, d)
    scores_first = count(lambda: (q @ k.T) @ v).multiplications
    state_first = count(lambda: q @ (k.T @ v)).multiplications
    assert (scores_first, state_first) == (2 * n**2 * d, 2 * n * d**2)


def recurrence(S, c, length, **options):
    """Compare the states and contexts of all steps, by their recurrence."""
    q, k, v = random(3, length, HEAD_DIM)
    heads = one_head(q, k, v)
    options = dict(normalise=False) | options
    for end in range(1, length + 1):
        here = [x[:, :, :end] for x in heads]
        gates = {
            name: gate[:, :, :end] if torch.is_tensor(gate) else gate
            for name, gate in options.items()
        }
        context, state = linear_attention(*here, **gates)
        agree(S(end - 1, k, v), state[0, 0])
        agree(c(end - 1, q, k, v), context[0, 0, -1])


def zeros():
    """Return the state before the first step."""
    return torch.zeros(HEAD_DIM, HEAD_DIM, dtype=torch.float64)


@formula(
    LINEAR,
    r"""
    S_i = S_{i-1} + \varphi(\key{k_i}) \, \val{v_i}^\top
    \qquad \context{c_i} = S_i^\top \varphi(\query{q_i})
    """,
)
def test_state():
    def S(i, k, v):
        if i < 0:
            return zeros()
        return S(i - 1, k, v) + torch.outer(phi(k[i]), v[i])

    def c(i, q, k, v):
        return S(i, k, v).T @ phi(q[i])

    recurrence(S, c, 4)


@formula(
    LINEAR, r"S_i = a_i \, S_{i-1} + \varphi(\key{k_i}) \, \val{v_i}^\top"
)
def test_decay():
    a = random(4).sigmoid()

    def S(i, k, v):
        if i < 0:
            return zeros()
        return a[i] * S(i - 1, k, v) + torch.outer(phi(k[i]), v[i])

    def c(i, q, k, v):
        return S(i, k, v).T @ phi(q[i])

    recurrence(S, c, 4, decay=a[None, None])


@formula(
    LINEAR,
    r"""
    S_i = S_{i-1} + \beta_i \, \key{k_i} \left(\val{v_i} - S_{i-1}^\top
    \key{k_i}\right)^\top
    """,
    r"\beta = 1",
    r"\beta = 0",
)
def test_delta_rule():
    beta = torch.tensor([0.3, 1.0, 0.7, 0.0], dtype=torch.float64)

    def unit(x):
        return x / torch.sqrt(sum(number**2 for number in x))

    def S(i, k, v):
        if i < 0:
            return zeros()
        before, key = S(i - 1, k, v), unit(k[i])
        after = before + beta[i] * torch.outer(key, v[i] - before.T @ key)
        if beta[i] == 1:  # the new value stands in the place of the old one
            agree(after.T @ key, v[i])
        if beta[i] == 0:  # nothing is written
            agree(after, before)
        return after

    def c(i, q, k, v):
        return S(i, k, v).T @ unit(q[i])

    recurrence(S, c, 4, beta=beta[None, None], feature_map=unit_length)


# Costs


@formula(COSTS, r"2 n^2 D", r"= 2D", r"2D")
def test_pairs_cost_as_much_as_projections_where_the_lines_cross():
    D = what_it_costs.FEATURES
    n = 2 * D
    pairs = what_it_costs.cost("heads alone", n).multiplications
    both = what_it_costs.cost("multi-head", n).multiplications
    assert pairs == 2 * n**2 * D == both - pairs
    assert what_it_costs.sizes()["crossing"] == 2 * D


@formula(COSTS, r"4D", r"8 n D^2", r"6D", r"12D")
def test_pairs_cost_as_much_as_a_whole_block_without_them_later():
    D = what_it_costs.FEATURES
    n = 2 * D
    sequence = torch.ones(1, n, D, device="meta")
    network = FeedForward(D, 4 * D).to("meta")
    feed = count_multiplications(network, sequence)
    assert feed == 8 * n * D**2
    whole = what_it_costs.cost("multi-head", n).multiplications
    pairs = what_it_costs.cost("heads alone", n).multiplications
    rest = (whole - pairs + feed) / n  # of each word
    assert 2 * (6 * D) * D == rest  # all words attend to 6D words
    assert (12 * D) * D == rest  # each to half of 12D in the mean


# The GRU


@formula(
    JAVASCRIPT,
    r"""
    \begin{aligned}
    r &= \sigma(W_{r} x + b_{r} + U_{r} s + c_{r}) \\
    z &= \sigma(W_{z} x + b_{z} + U_{z} s + c_{z}) \\
    n &= \tanh(W_{n} x + b_{n} + r \odot (U_{n} s + c_{n})) \\
    s' &= (1 - z) \odot n + z \odot s
    \end{aligned}
    """,
    r"s'",
)
def test_a_gru_takes_one_step():
    cell = drawn(nn.GRUCell(QUERY_SIZE, HEAD_DIM))
    W_r, W_z, W_n = cell.weight_ih.chunk(3)
    U_r, U_z, U_n = cell.weight_hh.chunk(3)
    b_r, b_z, b_n = cell.bias_ih.chunk(3)
    c_r, c_z, c_n = cell.bias_hh.chunk(3)
    x, s = random(QUERY_SIZE), random(HEAD_DIM)
    r = torch.sigmoid(W_r @ x + b_r + U_r @ s + c_r)
    z = torch.sigmoid(W_z @ x + b_z + U_z @ s + c_z)
    n = torch.tanh(W_n @ x + b_n + r * (U_n @ s + c_n))
    agree((1 - z) * n + z * s, cell(x[None], s[None])[0])
