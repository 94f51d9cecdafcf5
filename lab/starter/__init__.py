"""Builds the committed starter from labelled photos and drawings."""
