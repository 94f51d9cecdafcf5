"""Writes products and descriptions to files, for workers and for commands that wait."""
