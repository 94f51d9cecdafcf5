"""The laboratory beside the engine: what draws, builds the starter and measures speed.

It may import `moda_engine`, never the other way round, and no wheel holds it.
"""
