"""Writes products and descriptions to files. Called by the worker and by commands that wait."""
