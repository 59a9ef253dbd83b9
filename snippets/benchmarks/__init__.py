"""Benchmarks that take minutes: run by hand, their records are kept."""
