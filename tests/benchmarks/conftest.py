"""What the tests of all benchmarks share."""

import pytest
import torch


@pytest.fixture(autouse=True)
def threads_as_before():
    """A benchmark keeps to one thread; the tests that follow need not."""
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
