"""The gate: whether a candidate is good enough to take the place of the version in use, and why.

Rules are in the setting GATE. Figures come in pairs: of the version in use, then of the candidate.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

Pair = tuple[float | None, float | None]

#: The measures that may not fall; the share of what is said that is true.
MEASURES = (
    "colour_accuracy",
    "usage_accuracy",
    "product_type_accuracy",
    "gender_accuracy",
    "factual_consistency",
)


def gate_judge(
    *, held_out: int, learned: Mapping[str, Pair], kept: Mapping[str, Pair]
) -> dict[str, Any]:
    """`passed`, and `checks`: what was asked, whether it holds, and the figures in words.

    `learned` are figures on the captions held out (`loss`, `edit_distance`), `kept` the measures on
    what was good before. A figure that nobody could take is not held against the candidate.
    """
    rules = settings.GATE
    checks = [
        _check(
            "captions",
            held_out >= rules["captions"],
            _("%(count)d captions were held out; %(least)d are needed to judge by.")
            % {"count": held_out, "least": rules["captions"]},
        )
    ]
    rises = {"loss": rules["loss_rise"], "edit_distance": rules["distance_rise"]}
    for name, most in rises.items():
        before, after = learned.get(name, (None, None))
        if before is not None and after is not None:
            checks.append(_check(name, after <= before + most, _words(name, before, after)))
    for name in MEASURES:
        before, after = kept.get(name, (None, None))
        if before is not None and after is not None:
            holds = after >= before - rules["measure_fall"]
            checks.append(_check(name, holds, _words(name, before, after)))
    return {"passed": all(check["passed"] for check in checks), "checks": checks}


def figure_label(name: str) -> str:
    """A figure as people read it."""
    labels = {
        "loss": _("Loss on what was held out"),
        "edit_distance": _("Edit distance to what people approved"),
        "colour_accuracy": _("Colour accuracy"),
        "usage_accuracy": _("Usage accuracy"),
        "product_type_accuracy": _("Product type accuracy"),
        "gender_accuracy": _("Gender accuracy"),
        "factual_consistency": _("Factual consistency"),
    }
    return labels.get(name, name)


def _check(name: str, passed: bool, text: str) -> dict[str, Any]:  # noqa: FBT001 (a row of a table)
    return {"name": name, "passed": bool(passed), "text": text}


def _words(name: str, before: float, after: float) -> str:
    return _("%(figure)s: %(before).3f, now %(after).3f.") % {
        "figure": figure_label(name),
        "before": before,
        "after": after,
    }
