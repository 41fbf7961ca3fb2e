"""How fast and how small, each line a ratio within one run. Asserts nothing: ``python -m benchmarks``."""
