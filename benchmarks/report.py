"""What all benchmarks print: a table for people, or one JSON object a line for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """One number; `bound` is the least it should be, None where nothing was promised."""

    name: str
    value: float
    unit: str
    bound: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        return self.bound is None or self.value >= self.bound


def print_measures(
    title: str, measures: Sequence[Measure], *, as_json: bool, context: Mapping[str, object]
) -> None:
    """Print all measures of one benchmark; `context` says on what they were taken."""
    if as_json:
        values = [{**measure.__dict__, "holds": measure.holds} for measure in measures]
        print(json.dumps({"benchmark": title, **context, "measures": values}))
        return
    print(f"{title}: {', '.join(f'{name} {value}' for name, value in context.items())}")
    for measure in measures:
        bound = "" if measure.bound is None else f"   at least {measure.bound:g}"
        verdict = "" if measure.holds else "   MISSED"
        print(f"  {measure.name:<48}{measure.value:>10,.2f} {measure.unit}{bound}{verdict}")
