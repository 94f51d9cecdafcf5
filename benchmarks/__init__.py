"""Measurements: each prints a table or, with `--json`, one JSON object. `make bench` runs all."""
