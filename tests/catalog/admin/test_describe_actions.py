"""The actions that describe many products: the page that asks, the job, who may."""

import pytest
from django.urls import reverse

from catalog.choices import JobItemState, JobState
from catalog.models import DescriptionJob
from tests.factories import (
    DescriptionFactory,
    ModelVersionFactory,
    ProductFactory,
    ProductImageFactory,
)

LIST = reverse("admin:catalog_product_changelist")
pytestmark = pytest.mark.django_db


def press(client, action, products, **more):
    keys = [product.pk for product in products]
    return client.post(LIST, {"action": action, "_selected_action": keys, **more})


@pytest.fixture
def products():
    """One to describe, one described by the active version, one without a photo."""
    plain = ProductImageFactory(product__sku="PLAIN").product
    described = ProductImageFactory(product__sku="DESCRIBED").product
    DescriptionFactory(product=described, model_version=ModelVersionFactory())
    return [plain, described, ProductFactory(sku="NO-PHOTO")]


def test_the_page_says_how_many_and_why_not(admin_client, products):
    page = press(admin_client, "describe_selected", products)
    assert page.status_code == 200
    text = page.content.decode()
    assert "1 of 3 products will be described" in text
    assert "<li>1 – No photo</li><li>1 – Already described by this model version</li>" in text
    assert "Describe 1 product</button>" in text
    assert not DescriptionJob.objects.exists()


def test_confirming_makes_the_job_and_shows_its_progress(admin_client, admin_user, products):
    answer = press(admin_client, "describe_selected", products, confirmed="yes")
    job = DescriptionJob.objects.get()
    assert answer.url == reverse("admin:catalog_descriptionjob_progress", args=[job.pk])
    assert (job.state, job.created_by) == (JobState.QUEUED, admin_user)
    states = dict(job.items.values_list("product__sku", "state"))
    assert states == {
        "PLAIN": JobItemState.QUEUED,
        "DESCRIBED": JobItemState.SKIPPED,
        "NO-PHOTO": JobItemState.SKIPPED,
    }


def test_describe_again_takes_those_that_have_a_text(admin_client, products):
    page = press(admin_client, "describe_again", products)
    assert "2 of 3 products will be described" in page.content.decode()
    press(admin_client, "describe_again", products, confirmed="yes")
    queued = DescriptionJob.objects.get().items.filter(state=JobItemState.QUEUED)
    assert queued.count() == 2


def test_nothing_to_do_offers_no_button(admin_client, products):
    page = press(admin_client, "describe_selected", products[1:]).content.decode()
    assert "0 of 2 products will be described" in page
    assert "Describe 0" not in page
    assert "Back to the list" in page


def test_all_across_pages_takes_what_the_list_shows(admin_client, products):
    ProductImageFactory(product__sku="OTHER")
    data = {"action": "describe_selected", "_selected_action": [products[0].pk]}
    data |= {"select_across": "1", "confirmed": "yes"}
    admin_client.post(f"{LIST}?q=DESC", data)
    assert [item.product.sku for item in DescriptionJob.objects.get().items.all()] == ["DESCRIBED"]


@pytest.mark.parametrize("action", ["describe_selected", "describe_again"])
def test_who_may_not_make_jobs_cannot(viewer, products, action):
    press(viewer, action, products, confirmed="yes")
    assert not DescriptionJob.objects.exists()
    assert action not in viewer.get(LIST).content.decode()
