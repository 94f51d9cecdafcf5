"""Imports: what a person may do with them, and their resumable steps.

A worker runs one step at a time, a command runs all while it waits. Each chunk's rows and the
import's new position are one transaction, guarded by the lease: a crash loses at most the work of
one chunk and repeats nothing.
"""
