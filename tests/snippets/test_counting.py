"""What is counted while a call runs, against counts made by hand."""

import pytest
import torch
import torch.nn.functional as F

from snippets.attention import attention
from snippets.counting import MemoryCounter, count

DEVICES = pytest.mark.parametrize("device", ["cpu", "meta"])


def ones(*shape, device="cpu", dtype=torch.float32):
    return torch.ones(shape, device=device, dtype=dtype)


@DEVICES
@pytest.mark.parametrize(
    ("call", "shapes", "expected"),
    [
        (torch.matmul, [(3, 5), (5, 7)], 3 * 5 * 7),
        (torch.matmul, [(2, 3, 5), (2, 5, 7)], 2 * 3 * 5 * 7),
        (torch.matmul, [(2, 3, 5), (5, 7)], 2 * 3 * 5 * 7),
        (F.linear, [(2, 3, 5), (7, 5), (7,)], 2 * 3 * 5 * 7),
        # Only matrix products are counted.
        (torch.mul, [(3, 5), (3, 5)], 0),
        (torch.exp, [(3, 5)], 0),
    ],
)
def test_multiplications_by_hand(call, shapes, expected, device):
    arguments = [ones(*shape, device=device) for shape in shapes]
    assert count(call, *arguments).multiplications == expected


def test_multiplications_of_loops():
    """Two products of each pair of vectors, counted one by one."""
    batch, heads, target, source, head_dim, value_dim = 2, 3, 5, 7, 11, 13
    expected = 0
    for _ in range(batch * heads):
        for _ in range(target):
            for _ in range(source):
                expected += head_dim + value_dim
    query = ones(batch, heads, target, head_dim)
    key = ones(batch, heads, source, head_dim)
    value = ones(batch, heads, source, value_dim)
    assert count(attention, query, key, value).multiplications == expected


def test_attention_of_pytorch_is_counted():
    """On the CPU it is one operation, with three products more backward."""
    tensors = ones(3, 2, 3, 5, 8).requires_grad_().unbind()
    attend = F.scaled_dot_product_attention
    product = 2 * 3 * 5 * 5 * 8
    assert count(attend, *tensors).multiplications == 2 * product

    def both():
        attend(*tensors).sum().backward()

    assert count(both).multiplications == (2 + 5) * product


def test_backward_is_counted():
    def both(matrix, vectors):
        (vectors @ matrix).sum().backward()

    matrix = ones(5, 7).requires_grad_()
    vectors = ones(3, 5).requires_grad_()
    assert count(both, matrix, vectors).multiplications == 3 * (3 * 5 * 7)


@DEVICES
def test_what_is_let_go_is_taken_off(device):
    def call(x):
        for _ in range(5):
            y = x + 1
            del y
        y = x + 1
        y = y.exp().sum()
        return y + 1

    # Most is y, its exponential and a sum; later there are two sums.
    found = count(call, ones(1000, device=device))
    assert (found.largest, found.peak) == (4000, 4000 + 4000 + 4)


@DEVICES
def test_what_is_kept_adds_up(device):
    def call(x):
        return [x * 2, (x * 3, {"a": x.double()})]

    found = count(call, ones(1000, device=device))
    assert (found.largest, found.peak) == (8000, 4000 + 4000 + 8000)


@DEVICES
def test_views_and_what_was_there_count_nothing(device):
    def call(x):
        y = x.view(10, 100).T[2:5].unsqueeze(0).expand(7, -1, -1)
        x.add_(1)
        return y

    found = count(call, ones(1000, device=device))
    assert (found.largest, found.peak) == (0, 0)


@DEVICES
def test_a_view_keeps_its_memory(device):
    counter = MemoryCounter()
    x = ones(1000, device=device)
    with counter:
        y = x + 1
        row = y[:1]
        del y
        assert sum(counter.alive.values()) == 4000
        del row
        assert counter.alive == {}
    assert counter.peak == 4000


def test_meta_and_real_tensors_cost_the_same():
    both = [
        count(attention, *ones(3, 2, 3, 5, 7, device=device), is_causal=True)
        for device in ("cpu", "meta")
    ]
    assert both[0] == both[1]
    assert both[0].largest >= 2 * 3 * 5 * 5 * 4


def test_the_call_gets_its_arguments():
    seen = []

    def call(*args, **kwargs):
        seen.append((args, kwargs))

    assert count(call, 1, 2, three=3) == (0, 0, 0)
    assert seen == [((1, 2), {"three": 3})]
