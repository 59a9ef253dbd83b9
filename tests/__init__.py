"""Tests of the snippets, of the pages and of the machinery between them."""
