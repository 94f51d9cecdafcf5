"""Measures of speed, each a module of its own: `python -m benchmarks.NAME [--json]`.

`make bench` runs them all.
"""
