"""The gate: whether a candidate may replace the version in use, and on what evidence.

Each check compares the two on the same photos and texts. It is passed where even the unfavourable
end of the 95 per cent interval is within what the rule allows, failed where the candidate is worse
than allowed and that is no chance, and else the evidence is not enough. The rules are the setting
GATE; the figures come from `catalog.engine.judging`.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.choices import GateVerdict


class Change(Protocol):
    """A figure of the version in use and of the candidate over `n` photos or texts, and the 95 per
    cent interval for how much it rose: `moda_engine.evaluation.paired.PairedChange`.
    """

    @property
    def n(self) -> int: ...
    @property
    def before(self) -> float: ...
    @property
    def after(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


Changes = Mapping[str, Change]

#: The measures that may not fall. Factual consistency is the share of statements that are true.
MEASURES = (
    "colour_accuracy", "usage_accuracy", "product_type_accuracy", "gender_accuracy",
    "factual_consistency",
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """One line of the gate, as it is stored."""

    name: str
    verdict: str
    text: str
    #: What would give the evidence that is missing; empty where none is.
    needed: str = ""


def gate_judge(
    *, held_out: int, learned: Changes, faults: Changes, measures: Changes, photos: int
) -> dict[str, Any]:
    """The verdict on a candidate, with its checks.

    Args:
        held_out: captions that neither version learned; `learned` are "loss" and "edit_distance"
            on them.
        photos: of the catalog that both drafted; `faults` and `measures` are of these drafts.

    Returns `verdict`, `passed`, and `checks`, each with `name`, `verdict`, `passed`, `text` and
    `needed`. Without figures the evidence is not enough.
    """
    rules = settings.GATE
    checks = [_captions(held_out, int(rules["captions"])), *_photos(photos, int(rules["photos"]))]
    for name, most in (("loss", rules["loss_rise"]), ("edit_distance", rules["distance_rise"])):
        if name in learned:
            checks.append(_change(name, learned[name], most, "captions"))
    for name, change in faults.items():
        most = rules["replaced_rise" if name == "replaced" else "fault_rise"]
        checks.append(_change(name, change, most, "photos"))
    checks += _measures(measures, rules["measure_fall"], int(rules["labels"]))
    verdicts = {check.verdict for check in checks}
    verdict = next((one for one in _WORST_FIRST if one in verdicts), GateVerdict.UNCLEAR)
    if not learned and verdict == GateVerdict.PASSED:
        verdict = GateVerdict.UNCLEAR
    return {
        "verdict": verdict.value,
        "passed": verdict == GateVerdict.PASSED,
        "checks": [
            {**asdict(check), "passed": check.verdict == GateVerdict.PASSED} for check in checks
        ],
    }


_WORST_FIRST = (GateVerdict.FAILED, GateVerdict.UNCLEAR, GateVerdict.PASSED)


def gate_verdict(judgement: Mapping[str, Any]) -> GateVerdict | None:
    """The verdict that a version's judgement holds; `None` where it was never judged.

    A gate of before there were three verdicts says only whether it passed.
    """
    gate = judgement.get("gate")
    if not gate:
        return None
    old = GateVerdict.PASSED if gate.get("passed") else GateVerdict.FAILED
    return GateVerdict(gate.get("verdict", old))


def _captions(held_out: int, least: int) -> Check:
    enough = held_out >= least
    said = ngettext(
        "%(count)d caption was held out; the gate needs %(least)d.",
        "%(count)d captions were held out; the gate needs %(least)d.",
        held_out,
    ) % {"count": held_out, "least": least}
    # One photo in ten is held out.
    needed = (
        ""
        if enough
        else _("Approve about %(count)d more descriptions.") % {"count": 10 * (least - held_out)}
    )
    verdict = GateVerdict.PASSED if enough else GateVerdict.UNCLEAR
    return Check("captions", verdict.value, said, needed)


def _photos(photos: int, wanted: int) -> Iterator[Check]:
    """How many photos both drafted; nothing to say against a catalog that has no more."""
    if photos:
        said = ngettext(
            "Both versions described %(count)d photo of the catalog again (at most %(wanted)d).",
            "Both versions described %(count)d photos of the catalog again (at most %(wanted)d).",
            photos,
        ) % {"count": photos, "wanted": wanted}
        yield Check("photos", GateVerdict.PASSED.value, said)
    else:
        needed = _("Add products with photos.")
        yield Check("photos", GateVerdict.UNCLEAR.value, _("No photo was described again."), needed)


def _change(name: str, change: Change, most: float, unit: str) -> Check:
    """Of a figure that may rise by `most` and no more."""
    return _judged(
        name, change, most, change.after - change.before, (change.low, change.high), unit
    )


def _measures(measures: Changes, most: float, least: int) -> Iterator[Check]:
    """Of figures that may fall by `most`; one that few photos tell of is judged with the others."""
    for name in MEASURES:
        change = measures.get(name)
        if change is None:
            continue
        if change.n < least and name != "factual_consistency":
            said = _("%(figure)s: too few photos tell (%(count)d); judged with all statements.")
            words = {"figure": figure_label(name), "count": change.n}
            yield Check(name, GateVerdict.PASSED.value, said % words)
            continue
        if change.before == change.after == 0:
            said = _("%(figure)s: neither version ever says it, so nothing can be compared.")
            yield Check(
                name,
                GateVerdict.UNCLEAR.value,
                said % {"figure": figure_label(name)},
                _("Look at the texts below: the drafts or the facts of the catalog are at fault."),
            )
            continue
        falls = (-change.high, -change.low)
        yield _judged(name, change, most, change.before - change.after, falls, "photos")


def _judged(
    name: str,
    change: Change,
    most: float,
    worse: float,
    bounds: tuple[float, float],
    unit: str,
) -> Check:
    """Judge how much worse a figure is; `bounds` are of the interval for that."""
    least_worse, most_worse = bounds
    needed = ""
    if most_worse <= most:
        verdict = GateVerdict.PASSED
    elif worse > most and least_worse > 0:
        verdict = GateVerdict.FAILED
    else:
        verdict = GateVerdict.UNCLEAR
        needed = _needed(change.n, most, worse, most_worse - worse, unit)
    return Check(name, verdict.value, _words(name, change), needed)


def _needed(count: int, most: float, worse: float, width: float, unit: str) -> str:
    """How many more photos or captions would do, if the figures stay: an interval's width falls
    with the square root of their number.
    """
    room = most - worse
    if room <= 0:
        if unit == "captions":
            return _("Approve more descriptions, then train again: no gain is to be seen yet.")
        return _("Train again with more approved descriptions: this may be a fault or chance.")
    power = 1 if room == most else 2  # where nothing was seen, its bound falls with the number
    more = max(1, math.ceil(count * (width / room) ** power) - count)
    if unit == "captions":
        return _("Approve about %(count)d more descriptions.") % {"count": 10 * more}
    return _("About %(count)d more products with photos would tell.") % {"count": more}


def figure_label(name: str) -> str:
    """The name of a figure for a reader."""
    labels = {
        "loss": _("Loss on the held-out captions"),
        "edit_distance": _("Edit distance to the approved texts"),
        "colour_accuracy": _("Colour accuracy"),
        "usage_accuracy": _("Usage accuracy"),
        "product_type_accuracy": _("Product type accuracy"),
        "gender_accuracy": _("Gender accuracy"),
        "factual_consistency": _("Factual consistency"),
        "mangled": _("Drafts with mangled or repeated words"),
        "unknown_words": _("Drafts with a word that is in no dictionary and in no fact"),
        "unsaid": _("Drafts that leave out what the catalog tells"),
        "contradicted": _("Drafts that say what is not so"),
        "no_noun": _("Drafts that do not say what the item is"),
        "replaced": _("Drafts that the plain sentence had to replace"),
    }
    return labels.get(name, name)


def _words(name: str, change: Change) -> str:
    return _(
        "%(figure)s: %(before).3f before, %(after).3f now (change %(low)+.3f to %(high)+.3f)."
    ) % {
        "figure": figure_label(name),
        "before": change.before,
        "after": change.after,
        "low": change.low,
        "high": change.high,
    }
