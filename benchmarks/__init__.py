"""Benchmarks that anyone can run: `python -m benchmarks --help`, from the repository's root."""
