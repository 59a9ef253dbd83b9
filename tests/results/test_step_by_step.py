"""What the step-by-step pages print."""

import platform

import pytest

from snippets.results import step_by_step as results
from tests.results.made import printed


def test_versions_are_those_of_this_build(monkeypatch):
    monkeypatch.setattr(platform, "python_version", lambda: "3.99.1")
    packages = {"torch": "9.8.7+cpu"}
    monkeypatch.setattr(results, "version", packages.__getitem__)
    printed(results.environment(), {"python": "3.99.1", "torch": "9.8.7"})


def test_the_published_version_fails_as_the_page_says():
    error = results.published_error()
    assert error.startswith("RuntimeError: ")
    assert "[1, 16]" in error and "[5, 16]" in error


def test_a_published_version_that_runs_is_not_shown(monkeypatch):
    monkeypatch.setattr(
        results, "PublishedAttention", lambda hidden_size: lambda *given: None
    )
    with pytest.raises(AssertionError, match="the published version ran"):
        results.published_error()
