"""The steps of an import, each resumable and written chunk by chunk with its position.

Called by the worker, and by the command that waits for its import. Knows neither requests nor
tasks. A chunk's rows and the import's new position are one transaction, guarded by the lease: a
kill loses at most a chunk's work and doubles nothing.
"""
