"""Tests of what the pages print; their comparisons say what differs."""

import pytest

pytest.register_assert_rewrite("tests.results.made")
