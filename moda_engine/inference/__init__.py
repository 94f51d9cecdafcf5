"""Greedy generation at the speed of the machine. Knows tensors, nothing of photos or words.

`decoder` is a language model made of the products of `moda_engine.inference.linear`,
`cache` the keys and values of the rows in work, `greedy` the loop in which finished rows leave and
new ones join, `plain` the same face over transformers' `generate`, for language models that
`decoder` does not know.
"""
