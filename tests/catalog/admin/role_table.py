"""Who may ask for which address of the admin, and for which action: one line each.

A new page adds its line to `ROWS`, a new action to `ACTIONS`; a route or action without one fails
`test_roles.py`. Roles hold as the migrations grant them.
"""

from dataclasses import dataclass, field
from typing import Any

VIEWER, MERCHANDISER, MANAGER, OPERATOR, SUPERUSER = ROLES = (
    "Viewer",
    "Merchandiser",
    "Manager",
    "Model operator",
    "superuser",
)
NOBODY: frozenset[str] = frozenset()
ALL = frozenset(ROLES)
MANAGERS = frozenset({MANAGER, SUPERUSER})
EDITORS = MANAGERS | {MERCHANDISER}
OPERATORS = MANAGERS | {OPERATOR}
SUPERUSERS = frozenset({SUPERUSER})


@dataclass(frozen=True)
class Row:
    """A request: its route below /admin/, who may make it, and what is filled in.

    `<…>` of the route are taken from `parts`, else from the test's objects: the key of an
    `object_id` is the model that the route names.
    """

    route: str
    allowed: frozenset[str]
    method: str = "get"
    parts: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)


def model(
    path: str,
    *,
    view: frozenset[str] = ALL,
    add: frozenset[str] = NOBODY,
    change: frozenset[str] = NOBODY,
    delete: frozenset[str] = NOBODY,
) -> list[Row]:
    """The stock pages of a model. Who may change or delete one may look at it."""
    one = f"{path}/<path:object_id>"
    return [
        Row(f"{path}/", view),
        Row(f"{path}/add/", add),
        Row(f"{path}/add/", add, "post"),
        Row(f"{one}/change/", view),
        Row(f"{one}/change/", change, "post"),
        Row(f"{one}/delete/", delete),
        Row(f"{one}/delete/", delete, "post", data={"post": "yes"}),
        Row(f"{one}/history/", view),
        Row(f"{one}/", ALL),  # only leads on to the page that asks who it is
    ]


def steps(route: str, allowed: dict[str, frozenset[str]]) -> list[Row]:
    """A route that ends in a step."""
    return [Row(route, roles, "post", {"step": step}) for step, roles in allowed.items()]


def steps_posted(route: str, allowed: dict[str, frozenset[str]]) -> list[Row]:
    """A route whose form names the step."""
    words = {"standard": "Words."}
    return [
        Row(route, roles, "post", data={"step": step, **words}) for step, roles in allowed.items()
    ]


PRODUCT_STEPS = {
    "write": EDITORS,
    "describe": EDITORS,
    "publish": EDITORS,
    "unpublish": EDITORS,
}
DESK_STEPS = dict.fromkeys(
    ("approve", "approve_anyway", "reject", "save", "skip", "reopen", "withdraw", "bring_back"),
    EDITORS,
)
JOB_STEPS = dict.fromkeys(("pause", "resume", "cancel", "retry"), EDITORS)
IMPORT_STEPS = dict.fromkeys(("apply", "cancel", "undo"), EDITORS)
RUN_STEPS = dict.fromkeys(("cancel", "retry"), OPERATORS)
VERSION_STEPS = dict.fromkeys(
    ("promote", "canary", "reject", "roll-back", "canary-end", "retire"), OPERATORS
)
#: Rows are shown, never changed here; a request to change one only leads to its page.
SHOWN = {"view": ALL, "change": ALL}

ROWS = [
    Row("", ALL),
    Row("login/", ALL | {"anonymous"}),
    Row("logout/", ALL | {"anonymous"}, "post"),
    Row("password_change/", ALL),
    Row("password_change/done/", ALL),
    Row(
        "autocomplete/",
        ALL,
        data={"app_label": "catalog", "model_name": "product", "field_name": "category"},
    ),
    Row("jsi18n/", ALL),
    Row("r/<path:content_type_id>/<path:object_id>/", NOBODY, parts={"object_id": "0"}),
    Row("review/", ALL),
    Row("review/next/", ALL),
    Row("review/<int:pk>/", ALL),
    *steps_posted("review/<int:pk>/step/", DESK_STEPS),
    Row("review/<int:pk>/go/", ALL, "post"),
    Row("review/<int:pk>/reading/", ALL, "post"),
    Row("review/<int:pk>/history/", ALL),
    Row("review/<int:pk>/hold/", EDITORS, "post"),
    Row("review/<int:pk>/again/", EDITORS, "post"),
    Row("review/<int:pk>/again/<int:job_id>/", EDITORS),
    Row("review/undo/", EDITORS, "post"),
    Row("review/restore/<int:event_id>/", EDITORS, "post"),
    Row("review/figures/", OPERATORS),
    Row("review/figures.csv", OPERATORS),
    Row("review/many/", EDITORS),
    Row("review/many/sample/", EDITORS, "post", data={"step": "approve", "all": "yes"}),
    Row("review/many/judge/", EDITORS, "post", data={"step": "approve"}),
    Row("review/many/undo/", EDITORS, "post"),
    Row("review/many/bulk/", EDITORS),
    Row("grid/", ALL),
    Row("grid/cell/", EDITORS, "post", data={"column": "brand", "text": "Wren"}),
    Row("grid/preview/", EDITORS, "post", data={"kind": "set", "column": "brand", "text": "Wren"}),
    Row("grid/apply/", EDITORS, "post", data={"kind": "set", "column": "brand", "text": "Wren"}),
    Row("grid/undo/", EDITORS, "post"),
    Row("grid/views/save/", ALL, "post", data={"name": "Mine"}),
    Row("grid/views/<int:view_id>/delete/", ALL, "post"),
    Row("<app_label>/", ALL, parts={"app_label": "catalog"}),
    Row("<app_label>/", SUPERUSERS, parts={"app_label": "auth"}),
    Row("<app_label>/", SUPERUSERS, parts={"app_label": "axes"}),
    Row("<url>", NOBODY, parts={"url": "no-such-page/"}),
    *model("catalog/product", add=EDITORS, change=EDITORS),
    *steps_posted("catalog/product/<int:product_id>/review/", PRODUCT_STEPS),
    *model("catalog/category", add=MANAGERS, change=MANAGERS, delete=MANAGERS),
    Row("completeness/", ALL),
    *model("catalog/channel", add=MANAGERS, change=MANAGERS, delete=MANAGERS),
    *model("catalog/brandvoice", add=MANAGERS, change=MANAGERS, delete=MANAGERS),
    *model("catalog/importsource", add=MANAGERS, change=MANAGERS, delete=MANAGERS),
    *model("catalog/description", **SHOWN),
    *model("catalog/descriptionjob", **SHOWN),
    Row("catalog/descriptionjob/<int:object_id>/progress/", ALL),
    *steps("catalog/descriptionjob/<int:object_id>/<slug:step>/now/", JOB_STEPS),
    *model("catalog/descriptionjobitem"),
    *model("catalog/approvalcertificate", **SHOWN),
    Row("catalog/approvalcertificate/issue/", MANAGERS, "post", data={"percent": "2"}),
    Row(
        "catalog/approvalcertificate/<int:certificate_id>/stop/",
        MANAGERS,
        "post",
        data={"reason": "Asked."},
    ),
    *model("catalog/stylerule", **SHOWN),
    Row("catalog/stylerule/find/", OPERATORS, "post"),
    Row("catalog/stylerule/<int:rule_id>/switch/", OPERATORS, "post", data={"on": "yes"}),
    *model("catalog/modelversion", **SHOWN),
    Row("catalog/modelversion/<int:version_id>/judge/", ALL),
    *steps("catalog/modelversion/<int:version_id>/<slug:step>/now/", VERSION_STEPS),
    *model("catalog/trainingrun", **SHOWN),
    Row("catalog/trainingrun/start/", OPERATORS),
    Row("catalog/trainingrun/start/", OPERATORS, "post"),
    Row("catalog/trainingrun/<int:object_id>/watch/", ALL),
    *steps("catalog/trainingrun/<int:object_id>/<slug:step>/now/", RUN_STEPS),
    *model("catalog/trainingexample", view=OPERATORS),
    *model("catalog/deployment"),
    *model("catalog/forgetting", view=OPERATORS),
    Row("catalog/forgetting/begin/", OPERATORS),
    Row("catalog/forgetting/begin/", OPERATORS, "post"),
    *model("catalog/productimport", **SHOWN),
    Row("catalog/productimport/begin/", EDITORS),
    Row("catalog/productimport/begin/", EDITORS, "post"),
    Row("catalog/productimport/<int:object_id>/progress/", ALL),
    Row("catalog/productimport/<int:object_id>/columns/", EDITORS),
    Row("catalog/productimport/<int:object_id>/faulty.csv", ALL),
    *steps("catalog/productimport/<int:object_id>/<slug:step>/now/", IMPORT_STEPS),
    *model("catalog/productexport", **SHOWN),
    Row("catalog/productexport/<int:object_id>/progress/", ALL),
    Row("catalog/productexport/file/<str:secret>/", ALL),
    *model("catalog/apikey", view=MANAGERS, add=MANAGERS),
    *model("catalog/persontoken", add=ALL, delete=ALL),
    *model("catalog/webhookendpoint", view=MANAGERS),
    *model("catalog/webhookdelivery", view=MANAGERS),
    *model("auth/group", **dict.fromkeys(("view", "add", "change", "delete"), SUPERUSERS)),
    *model("auth/user", **dict.fromkeys(("view", "add", "change", "delete"), SUPERUSERS)),
    Row("auth/user/<id>/password/", SUPERUSERS),
    *model("axes/accessattempt", view=SUPERUSERS, change=SUPERUSERS, delete=SUPERUSERS),
    *model("axes/accesslog", view=SUPERUSERS, change=SUPERUSERS, delete=SUPERUSERS),
    *model("axes/accessfailurelog", view=SUPERUSERS, change=SUPERUSERS, delete=SUPERUSERS),
]

DELETE = {"delete_selected": SUPERUSERS}
ACTIONS: dict[str, dict[str, frozenset[str]]] = {
    "catalog.product": {
        "describe_selected": EDITORS,
        "describe_again": EDITORS,
        "publish_selected": EDITORS,
        "unpublish_selected": EDITORS,
        "export_selected": EDITORS,
        "retrain_selected": OPERATORS,
    },
    "catalog.category": {"delete_selected": MANAGERS},
    "catalog.brandvoice": {"delete_selected": MANAGERS},
    "catalog.importsource": {
        "delete_selected": MANAGERS,
        "look_selected": MANAGERS,
        "stop_selected": MANAGERS,
    },
    "catalog.channel": {"delete_selected": MANAGERS},
    "catalog.description": {"approve_selected": EDITORS, "reject_selected": EDITORS},
    "catalog.apikey": {"replace_selected": MANAGERS, "revoke_selected": MANAGERS},
    "catalog.persontoken": {"delete_selected": ALL},
    "catalog.webhookendpoint": {"enable_selected": MANAGERS},
    "catalog.webhookdelivery": {"send_again_selected": MANAGERS},
    "auth.group": DELETE,
    "auth.user": DELETE,
    "axes.accessattempt": {**DELETE, "cleanup_expired_attempts": SUPERUSERS},
    "axes.accesslog": DELETE,
    "axes.accessfailurelog": DELETE,
}
