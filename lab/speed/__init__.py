"""How fast the engine describes on this machine, beside transformers' plain `generate`.

`subject` is the model that is measured, `rounds` takes sides in turn, the others measure one thing
each; `python -m lab.speed` runs them.
"""
