"""What may be done with a model version, and doing it as its page's forms ask."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from catalog.admin.pages import refusals_as_messages
from catalog.choices import ModelVersionState
from catalog.models import ModelVersion
from catalog.services import model_versions as services


@dataclass(frozen=True, slots=True)
class Step:
    """One form of the page. `share` and `gate` say what it asks for beside the reason."""

    name: str
    label: str | Promise
    kind: str = "main"
    share: bool = False
    #: Asks to override, where the gate has not passed, and to confirm a licence.
    gate: bool = False


PROMOTE = Step("promote", gettext_lazy("Promote"), gate=True)
CANARY = Step(
    "canary", gettext_lazy("Try on a share of new drafts"), "plain", share=True, gate=True
)
REJECT = Step("reject", gettext_lazy("Reject"), "bad")
ROLL_BACK = Step("roll-back", gettext_lazy("Roll back to this version"))
CANARY_END = Step("canary-end", gettext_lazy("End the trial"), "plain")
RETIRE = Step("retire", gettext_lazy("Take out of use"), "bad")

STEPS: dict[str, tuple[Step, ...]] = {
    ModelVersionState.CANDIDATE: (PROMOTE, CANARY, REJECT),
    ModelVersionState.CANARY: (PROMOTE, CANARY_END, REJECT),
    ModelVersionState.RETIRED: (ROLL_BACK,),
    ModelVersionState.ACTIVE: (RETIRE,),
    ModelVersionState.REJECTED: (),
}
DONE = {
    "promote": gettext_lazy("Promoted. Workers take it up with their next batch."),
    "canary": gettext_lazy("It writes its share of the drafts that are made from now on."),
    "reject": gettext_lazy("Rejected. It is never used."),
    "roll-back": gettext_lazy("Rolled back. Workers take it up with their next batch."),
    "canary-end": gettext_lazy("The trial has ended. It writes no further draft."),
    "retire": gettext_lazy("Taken out of use. The whole catalog's version writes for it again."),
}


def steps_open(version: ModelVersion, user: Any) -> tuple[Step, ...]:
    """The forms that the page offers to this person."""
    if not user.has_perm("catalog.change_modelversion"):
        return ()
    steps = STEPS[version.state]
    return tuple(step for step in steps if step is not RETIRE or version.scope)


def step_take(request: HttpRequest, version: ModelVersion, name: str) -> None:
    """Do what a form asks; what is refused becomes a message."""
    if name not in DONE:
        raise Http404
    given = request.POST
    asked: dict[str, Any] = {
        "version": version,
        "actor": request.user,
        "reason": given.get("reason", ""),
    }
    gate = {
        "override": "override" in given,
        "confirmed_licence": "confirmed_licence" in given,
    }
    with refusals_as_messages(request):
        match name:
            case "promote":
                services.model_version_promote(**asked, **gate, over=_over(given.get("over", "")))
            case "roll-back":
                services.model_version_roll_back(**asked, over=_over(given.get("over", "")))
            case "canary":
                share = given.get("share", "")
                services.model_version_canary(
                    **asked, **gate, share=int(share) if share.isdecimal() else 0
                )
            case "canary-end":
                services.model_version_canary_end(**asked)
            case "retire":
                services.model_version_retire(**asked)
            case _name:
                services.model_version_reject(**asked)
        messages.success(request, str(DONE[name]))


def _over(given: str) -> ModelVersion | None:
    """The version that the page showed as the one in use; None where it showed none."""
    return ModelVersion.objects.filter(pk=given).first() if given.isdecimal() else None
