"""What a person may ask for with model versions."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.choices import ModelVersionState
from catalog.exceptions import PromotionRefused
from catalog.models import ModelVersion
from catalog.transitions import model_version as transitions

#: Per cent of new drafts that a canary may write at most.
MOST_SHARE = 50


def model_version_register(
    *,
    name: str,
    directory: str,
    weights_sha256: str,
    licence: str = "",
    non_commercial: bool = False,
    metrics: Mapping[str, Any] | None = None,
    languages: Sequence[str] = ("en",),
    files: Mapping[str, str] | None = None,
) -> ModelVersion:
    """Make a checkpoint folder known, as a candidate; the same again changes nothing.

    `directory` is relative to MODEL_DIRECTORY, empty for the built-in starter; `languages` are the
    codes of what it writes; `files` are the folder's, with their SHA-256. Raises `ValidationError`
    when a field is wrong, or when the name belongs to other weights.
    """
    known = ModelVersion.objects.filter(name=name, weights_sha256=weights_sha256).first()
    if known is not None:
        return known
    version = ModelVersion(
        name=name,
        directory=directory,
        weights_sha256=weights_sha256,
        licence=licence,
        non_commercial=non_commercial,
        metrics=dict(metrics or {}),
        languages=list(languages),
        files=dict(files or {}),
    )
    with transaction.atomic():
        version.full_clean()
        version.save(force_insert=True)
    return version


def model_version_promote(
    *,
    version: ModelVersion,
    actor: User | None,
    reason: str,
    over: ModelVersion | None,
    override: bool = False,
    confirmed_licence: bool = False,
) -> ModelVersion:
    """Let workers use a candidate or canary from their next batch on; the former one is retired.

    `over` is what the person saw as active: where another is by now, nothing is done. `override`
    promotes in spite of a gate that failed, which takes the permission `override_gate` and is
    written down. Raises `PromotionRefused` or `TransitionRefused`.
    """
    reason = _reason(reason)
    override = _overridden(version, actor, override=override, confirmed=confirmed_licence)
    transitions.model_version_activate(
        version=version, actor=actor, reason=reason, override=override, over=over
    )
    return version


def model_version_roll_back(
    *, version: ModelVersion, actor: User | None, reason: str, over: ModelVersion | None
) -> ModelVersion:
    """Take a retired version back into use, in place of the active one of its scope.

    It was in use before, so no gate is asked. Raises `PromotionRefused` or `TransitionRefused`.
    """
    if version.state != ModelVersionState.RETIRED:
        raise PromotionRefused(
            _("%(version)s was never retired, so there is nothing to go back to.")
            % {"version": version}
        )
    reason = _reason(reason)
    transitions.model_version_activate(version=version, actor=actor, reason=reason, over=over)
    return version


def model_version_retire(*, version: ModelVersion, actor: User | None, reason: str) -> ModelVersion:
    """Take a brand's or market's version out of use: the whole catalog's writes for it again.

    Raises `PromotionRefused` for the whole catalog's own, `TransitionRefused` if it is not active.
    """
    if not version.scope:
        raise PromotionRefused(
            _("Without it nothing could be described: promote another, or roll back, instead.")
        )
    transitions.model_version_retire(version=version, actor=actor, reason=_reason(reason))
    return version


def model_version_canary(
    *,
    version: ModelVersion,
    actor: User | None,
    share: int,
    reason: str,
    override: bool = False,
    confirmed_licence: bool = False,
) -> ModelVersion:
    """Have a candidate write `share` per cent (1 to 50) of the new drafts of its scope.

    Asks the gate and the licence as promotion does. Raises `PromotionRefused` or
    `TransitionRefused`.
    """
    reason = _reason(reason)
    if not 1 <= share <= MOST_SHARE:
        raise PromotionRefused(
            _("A canary writes 1 to %(most)s per cent of the new drafts.") % {"most": MOST_SHARE}
        )
    override = _overridden(version, actor, override=override, confirmed=confirmed_licence)
    transitions.canary_start(
        version=version, actor=actor, share=share, reason=reason, override=override
    )
    return version


def model_version_canary_end(
    *, version: ModelVersion, actor: User | None, reason: str
) -> ModelVersion:
    """End the trial: the version is a candidate again. Raises `TransitionRefused`."""
    transitions.canary_end(version=version, actor=actor, reason=_reason(reason))
    return version


def model_version_reject(*, version: ModelVersion, actor: User | None, reason: str) -> ModelVersion:
    """Never use a candidate. Raises `TransitionRefused`."""
    transitions.model_version_reject(version=version, actor=actor, reason=_reason(reason))
    return version


def _reason(reason: str) -> str:
    if not reason.strip():
        raise PromotionRefused(_("Say why, in a few words: the log keeps it beside the version."))
    return reason.strip()


def _overridden(
    version: ModelVersion, actor: User | None, *, override: bool, confirmed: bool
) -> bool:
    """Whether a failed gate is overridden. Raises `PromotionRefused` where it may not be, and for a
    licence that nobody confirmed.
    """
    passed = bool(version.judgement.get("gate", {}).get("passed"))
    if not passed and not override:
        raise PromotionRefused(
            _("The gate of %(version)s has not passed. A manager may override it, with a reason.")
            % {"version": version}
        )
    if not passed and (actor is None or not actor.has_perm("catalog.override_gate")):
        raise PromotionRefused(_("Only a manager may promote a version whose gate has not passed."))
    if version.non_commercial and not confirmed:
        raise PromotionRefused(
            _(
                "The licence of %(version)s (%(licence)s) forbids commercial use: confirm that "
                "yours is none, or train from a base that allows it."
            )
            % {"version": version, "licence": version.licence}
        )
    return not passed
