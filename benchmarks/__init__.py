"""Measures the mock's speed, as ratios to a constant Flask answer in the same run: `python -m benchmarks`."""
