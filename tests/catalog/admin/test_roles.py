"""Every address and action of the admin, asked for by every role and by a stranger."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import get_resolver
from django.urls.resolvers import URLResolver
from django.utils import timezone

from catalog.admin.desk.steps import STEPS as DESK_STEPS
from catalog.admin.imports import STEPS as IMPORT_STEPS
from catalog.admin.jobs import STEPS as JOB_STEPS
from catalog.admin.model_versions import STEPS as VERSION_STEPS
from catalog.admin.product_texts import STEPS as PRODUCT_STEPS
from catalog.admin.training_runs import STEPS as RUN_STEPS
from catalog.choices import ExportFormat, ExportState, ImportState
from catalog.exporting.exports import export_path
from catalog.models import (
    ApiKey,
    ApprovalCertificate,
    BrandVoice,
    Channel,
    Deployment,
    Forgetting,
    ImportSource,
    PersonToken,
    ProductExport,
    ProductImport,
    SavedView,
    StyleRule,
    TrainingExample,
    TrainingRun,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
)
from tests.catalog.admin import role_table
from tests.catalog.admin.role_table import ACTIONS, ROLES, ROWS, SUPERUSER, Row
from tests.factories import (
    CategoryFactory,
    DescriptionFactory,
    DescriptionJobItemFactory,
    ModelVersionFactory,
    ProductImageFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def routes(resolver: Any, prefix: str = "") -> Iterator[str]:
    """All routes below a resolver, regular expressions reduced to the names of their groups."""
    for entry in resolver.url_patterns:
        route = prefix + re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", str(entry.pattern).strip("^$"))
        if isinstance(entry, URLResolver):
            yield from routes(entry, route)
        else:
            yield route


def user_of(role: str) -> Any:
    if role == SUPERUSER:
        return UserFactory(is_superuser=True)
    user = UserFactory()
    user.groups.add(Group.objects.get(name=role))
    return user


def parts_for(user: Any) -> dict[str, Any]:
    """A row of every model, so that what is refused is refused for want of a permission."""
    draft = DescriptionFactory(product=ProductImageFactory().product)
    item = DescriptionJobItemFactory(image=draft.product.images.get())
    product_import = ProductImport.objects.create(name="a.csv", path="a", state=ImportState.MAPPING)
    export = ProductExport.objects.create(
        state=ExportState.DONE,
        format=ExportFormat.MODA_CSV,
        expires_at=timezone.now() + timedelta(hours=1),
    )
    export_path(export).parent.mkdir(parents=True, exist_ok=True)
    export_path(export).write_text("sku\n")
    key, _ = ApiKey.objects.create_key(name="shop")
    token = PersonToken.objects.create(user=user, name="mine", expiry=timedelta(days=1))[0]
    endpoint = WebhookEndpoint.objects.create(owner="x", url="https://x.example/", events=[])
    event = WebhookEvent.objects.create(type="job.completed", subject="1", data={})
    now = timezone.now()
    delivery = WebhookDelivery.objects.create(
        endpoint=endpoint, event=event, subject="1", due_at=now, give_up_at=now
    )
    version = ModelVersionFactory()
    run = TrainingRun.objects.create(base=version)
    certificate = ApprovalCertificate.objects.create(
        version=version, alpha=0.02, threshold=0.9, reviews=150, wrong=0, bound=0.02
    )
    rule = StyleRule.objects.create(said="sports shoes", wanted="trainers", changed=5, seen=5)
    return {
        "product_id": draft.product_id,
        "view_id": SavedView.objects.create(owner=user, name="Mine").pk,
        "description": draft.pk,
        "pk": draft.pk,
        "event_id": draft.events.create(action="edited", after={"standard": "Before."}).pk,
        "job_id": item.job_id,
        "import_id": product_import.pk,
        "export_id": export.pk,
        "secret": export.secret,
        "version_id": version.pk,
        "run_id": run.pk,
        "rule_id": rule.pk,
        "certificate_id": certificate.pk,
        "catalog/approvalcertificate": certificate.pk,
        "catalog/stylerule": rule.pk,
        "id": user.pk,
        "content_type_id": 0,
        "catalog/product": draft.product_id,
        "catalog/category": CategoryFactory().pk,
        "catalog/importsource": ImportSource.objects.create(name="Shop", path="shop.csv").pk,
        "catalog/channel": Channel.objects.first().pk,
        "catalog/brandvoice": BrandVoice.objects.create(brand="Wren").pk,
        "catalog/description": draft.pk,
        "catalog/descriptionjob": item.job_id,
        "catalog/descriptionjobitem": item.pk,
        "catalog/modelversion": version.pk,
        "catalog/trainingrun": run.pk,
        "catalog/trainingexample": TrainingExample.objects.create(run=run, number=0).pk,
        "catalog/deployment": Deployment.objects.create(version=version, action="promoted").pk,
        "catalog/forgetting": Forgetting.objects.create(product=draft.product, reason="Asked.").pk,
        "catalog/productimport": product_import.pk,
        "catalog/productexport": export.pk,
        "catalog/apikey": key.pk,
        "catalog/persontoken": token.pk,
        "catalog/webhookendpoint": endpoint.pk,
        "catalog/webhookdelivery": delivery.pk,
        "auth/group": Group.objects.first().pk,
        "auth/user": UserFactory().pk,
        "axes/accessattempt": AccessAttempt.objects.create(failures_since_start=1).pk,
        "axes/accesslog": AccessLog.objects.create().pk,
        "axes/accessfailurelog": AccessFailureLog.objects.create().pk,
    }


def address(row: Row, parts: dict[str, Any]) -> str:
    known = {**parts, "object_id": parts.get("/".join(row.route.split("/")[:2])), **row.parts}
    return "/admin/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(known[part[1]]), row.route)


def leads_on(route: str) -> bool:
    """Whether the address is only another of a page that asks who it is."""
    shown_elsewhere = (
        "description",
        "descriptionjob",
        "productimport",
        "productexport",
        "trainingrun",
    )
    return route.endswith("/<path:object_id>/") or route in {
        f"catalog/{model}/<path:object_id>/change/" for model in shown_elsewhere
    }


def answer(client: Client, row: Row, parts: dict[str, Any]) -> str:
    """ "may", "log in", or the status; whatever the request changed is taken back."""
    with transaction.atomic():
        data = {**row.data}
        if "step" in data:
            data["description"] = parts["description"]
        if row.route == "grid/cell/":
            data["product"] = parts["product_id"]
        response = getattr(client, row.method)(address(row, parts), data)
        if response.streaming:
            list(response.streaming_content)  # read to its end, a file is closed
        transaction.set_rollback(True)
    if response.status_code == 302:
        return "log in" if "/login/?next=" in response.url else "may"
    return "may" if response.status_code == 200 else str(response.status_code)


def test_every_address_is_in_the_table():
    below_admin = {
        route.removeprefix("admin/")
        for route in routes(get_resolver())
        if route.startswith("admin/")
    }
    assert below_admin == {row.route for row in ROWS}


def test_every_step_is_in_the_table():
    assert set(role_table.PRODUCT_STEPS) == set(PRODUCT_STEPS)
    assert set(role_table.DESK_STEPS) == set(DESK_STEPS)
    assert set(role_table.JOB_STEPS) == set(JOB_STEPS)
    assert set(role_table.IMPORT_STEPS) == set(IMPORT_STEPS)
    assert set(role_table.RUN_STEPS) == set(RUN_STEPS)
    assert set(role_table.VERSION_STEPS) == set(VERSION_STEPS)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_the_table_says_and_no_more(role, client):
    user = user_of(role)
    parts = parts_for(user)
    wrong = {}
    for row in ROWS:
        client.force_login(user)
        got = answer(client, row, parts)
        refused = ("403", "404")  # the index of an application says 404 rather than 403
        if (got != "may") if role in row.allowed else (got not in refused):
            wrong[row.method, row.route, *row.parts.values(), row.data.get("step")] = got
    assert wrong == {}


def test_a_stranger_is_sent_to_the_log_in(client):
    parts = parts_for(UserFactory())
    wrong = {}
    for row in ROWS:
        got = answer(client, row, parts)
        if got != ("may" if "anonymous" in row.allowed else "log in"):
            wrong[row.method, row.route] = got
    assert wrong == {}


def test_somebody_without_a_role_may_do_nothing(client):
    user = UserFactory()
    parts = parts_for(user)
    client.force_login(user)
    may = {
        row.route
        for row in ROWS
        if row.route.startswith("catalog/") and answer(client, row, parts) == "may"
    }
    assert may == {route for route in may if leads_on(route)}


@pytest.mark.parametrize("role", ROLES)
def test_the_actions_of_a_role(role):
    request = RequestFactory().get("/admin/")
    request.user = user_of(role)
    offered = {
        model._meta.label_lower: set(
            # Actions are on the list: where it may not be seen there are none.
            model_admin.get_actions(request) if model_admin.has_view_permission(request) else []
        )
        for model, model_admin in admin.site._registry.items()
    }
    expected = {
        label: {name for name, roles in ACTIONS.get(label, {}).items() if role in roles}
        for label in offered
    }
    assert offered == expected


def test_the_table_names_every_action():
    """Also those that are offered to nobody of today's roles."""
    declared = {
        model._meta.label_lower: {*model_admin.actions}
        for model, model_admin in admin.site._registry.items()
        if model_admin.actions
    }
    missing = {
        label: names - set(ACTIONS.get(label, {}))
        for label, names in declared.items()
        if names - set(ACTIONS.get(label, {}))
    }
    assert missing == {}


def test_roles_are_groups_with_what_they_need():
    """Each role has all that the one before it has; only managers hold keys of machines."""
    held = {
        group.name: set(group.permissions.values_list("codename", flat=True))
        for group in Group.objects.all()
    }
    assert set(held) == set(ROLES) - {SUPERUSER}
    assert held["Viewer"] < held["Merchandiser"] < held["Manager"]
    assert held["Viewer"] < held["Model operator"]
    assert [role for role in held if "add_apikey" in held[role]] == ["Manager"]
    assert [role for role in held if "override_gate" in held[role]] == ["Manager"]
