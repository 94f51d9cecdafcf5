"""What all benchmarks print: a table for people, or one JSON object per line for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """One number; `least` and `most` are its limits, None where there are none."""

    name: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the number is within its limits."""
        return (self.least is None or self.value >= self.least) and (
            self.most is None or self.value <= self.most
        )

    @property
    def promise(self) -> str:
        """The limits in words."""
        if self.least is not None:
            return f"at least {self.least:g}"
        return f"at most {self.most:g}" if self.most is not None else ""


def print_measures(
    title: str, measures: Sequence[Measure], *, as_json: bool, context: Mapping[str, object]
) -> None:
    """Print all measures of one benchmark; `context` says where they were taken."""
    if as_json:
        values = [{**measure.__dict__, "holds": measure.holds} for measure in measures]
        print(json.dumps({"benchmark": title, **context, "measures": values}))
        return
    print(f"{title}: {', '.join(f'{name} {value}' for name, value in context.items())}")
    for measure in measures:
        verdict = "" if measure.holds else "   MISSED"
        print(
            f"  {measure.name:<40}{measure.value:>10,.2f} {measure.unit:<12}"
            f"{measure.promise}{verdict}"
        )
