"""Every page in a real browser: no grave axe fault, no complaint, nothing wider than a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from catalog.choices import (
    DeploymentAction,
    DescriptionState,
    FailureReason,
    JobItemState,
    JobState,
    ModelVersionState,
)
from catalog.models import Deployment
from tests.factories import (
    CategoryFactory,
    DescriptionFactory,
    DescriptionJobFactory,
    DescriptionJobItemFactory,
    ModelVersionFactory,
    ProductFactory,
    ProductImageFactory,
    UserFactory,
)

ADMIN = "/admin/catalog"
PAGES = {
    "start": "/admin/",
    "figures": "/admin/review/figures/",
    "figures without reviews": "/admin/review/figures/?until=2020-01-01",
    "completeness": "/admin/completeness/",
    "channels": f"{ADMIN}/channel/",
    "grid": "/admin/grid/",
    "grid, nothing matches": "/admin/grid/?brand=zebra",
    "many at once": "/admin/review/many/",
    "many at once, nothing matches": "/admin/review/many/?most=1",
    "many at once, none chosen of a category": "/admin/review/many/?category={category}",
    "products": f"{ADMIN}/product/",
    "no products found": f"{ADMIN}/product/?q=zebra",
    "product with a draft": f"{ADMIN}/product/{{draft}}/change/",
    "product with an approved text": f"{ADMIN}/product/{{approved}}/change/",
    "product without a text": f"{ADMIN}/product/{{bare}}/change/",
    "new product": f"{ADMIN}/product/add/",
    "jobs": f"{ADMIN}/descriptionjob/",
    "job progress": f"{ADMIN}/descriptionjob/{{job}}/progress/",
    "job items": f"{ADMIN}/descriptionjobitem/?job__id__exact={{job}}",
    "descriptions": f"{ADMIN}/description/",
    "all descriptions": f"{ADMIN}/description/?state=all",
    "review queue": "/admin/review/",
    "review": "/admin/review/{text}/",
    "categories": f"{ADMIN}/category/",
    "model version": f"{ADMIN}/modelversion/{{version}}/change/",
    "keys": f"{ADMIN}/apikey/",
    "new key": f"{ADMIN}/apikey/add/",
    "new token": f"{ADMIN}/persontoken/add/",
    "webhooks": f"{ADMIN}/webhookendpoint/",
    "deliveries": f"{ADMIN}/webhookdelivery/",
    "imports": f"{ADMIN}/productimport/",
    "exports": f"{ADMIN}/productexport/",
    "users": "/admin/auth/user/",
    "groups": "/admin/auth/group/",
    "log-in failures": "/admin/axes/accessattempt/",
    "history": f"{ADMIN}/product/{{draft}}/history/",
    "password": "/admin/password_change/",
    "storefront": "/",
    "nothing found": "/?search=zebra",
    "storefront product": "/products/APPROVED/",
}


@pytest.fixture
def keys():
    """A little of everything, by the names that PAGES uses."""
    version = ModelVersionFactory()
    category = CategoryFactory()
    draft = ProductImageFactory(product__category=category).product
    text = DescriptionFactory(product=draft, confidence=0.7, model_version=version)
    DescriptionFactory(product=draft, state=DescriptionState.REJECTED)
    for state, distance in (("approved", 0), ("superseded", 4), ("rejected", None)):
        DescriptionFactory(
            model_version=version,
            state=DescriptionState(state),
            edit_distance=distance,
            reviewed_by=UserFactory(),
            reviewed_at=timezone.now(),
        )
    approved = ProductImageFactory(product__sku="APPROVED", product__colour="Red").product
    DescriptionFactory(product=approved, state=DescriptionState.APPROVED)
    job = DescriptionJobFactory(state=JobState.RUNNING)
    DescriptionJobItemFactory(job=job)
    DescriptionJobItemFactory(
        job=job, state=JobItemState.FAILED, failure_reason=FailureReason.MODEL_ERROR
    )
    bare = ProductFactory()
    return {
        "category": category.pk,
        "draft": draft.pk,
        "approved": approved.pk,
        "bare": bare.pk,
        "job": job.pk,
        "text": text.pk,
        "version": version.pk,
    }


def faults(page: Page):
    """What axe calls serious or critical, each with the first element it is about."""
    # Its preloading copies style sheets into the page, which our policy rightly forbids.
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [
        (fault["id"], fault["nodes"][0]["html"])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


def too_wide(page: Page):
    return page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible_and_fit(logged_in, live_server, keys, scheme):
    page = logged_in()
    page.emulate_media(color_scheme=scheme)
    wrong = {}
    for name, address in PAGES.items():
        page.goto(live_server.url + address.format(**keys))
        found = faults(page)
        # A phone, and a window of 1280 pixels at 200 %, which then has half of them.
        for width, words in ((390, "wider than a phone"), (640, "too wide at 200 %")):
            page.set_viewport_size({"width": width, "height": 600})
            if too_wide(page):
                found.append((words, ""))
        page.set_viewport_size({"width": 1280, "height": 900})
        if found:
            wrong[name] = found
    assert wrong == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_log_in_is_accessible(page, live_server, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{live_server.url}/admin/login/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    assert faults(page) == []


def test_the_api_docs_work_without_the_network_and_under_the_policy(page, live_server):
    ProductFactory(sku="P-1")
    hosts = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.goto(f"{live_server.url}/api/v1/docs/")
    operation = page.locator("#operations-products-products_retrieve")
    operation.locator(".opblock-summary-path").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_placeholder("sku", exact=True).fill("P-1")
    operation.get_by_role("button", name="Execute").click()
    status = operation.locator(".live-responses-table tr.response td.response-col_status")
    expect(status).to_have_text("200")
    assert {host for host in hosts if host} == {live_server.url.split("/")[2]}


def test_long_lists_fit_into_a_window_of_1280_pixels(logged_in, live_server):
    actor = UserFactory()
    candidate = ModelVersionFactory(
        name="autumn-retrained-2",
        state=ModelVersionState.CANARY,
        canary_share=10,
        licence="CC-BY-NC-4.0",
        non_commercial=True,
    )
    Deployment.objects.create(
        version=candidate,
        former=ModelVersionFactory(scope="brand:Marlow Thread"),
        action=DeploymentAction.CANARY_STARTED,
        share=10,
        reason="It writes sleeves better than the version before",
        override=True,
        actor=actor,
    )
    page = logged_in()
    page.set_viewport_size({"width": 1280, "height": 860})
    for model in ("deployment", "modelversion"):
        page.goto(f"{live_server.url}{ADMIN}/{model}/")
        shown, whole = page.locator("#changelist .results").evaluate(
            "list => [list.clientWidth, list.scrollWidth]"
        )
        assert whole == shown, model


def test_figures_stand_under_their_headings(logged_in, live_server):
    DescriptionFactory(
        model_version=ModelVersionFactory(),
        state=DescriptionState.REJECTED,
        reviewed_by=UserFactory(),
        reviewed_at=timezone.now(),
    )
    page = logged_in()
    page.set_viewport_size({"width": 1280, "height": 860})
    page.goto(f"{live_server.url}/admin/review/figures/")
    table = page.locator(".moda-figures-table").first
    for cell in (table.locator("thead th").nth(1), table.locator("tbody td").first):
        assert cell.evaluate("cell => getComputedStyle(cell).textAlign") == "end"
