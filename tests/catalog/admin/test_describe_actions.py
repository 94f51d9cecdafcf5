"""The actions that describe many products: the page that asks, the job, who may."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from catalog.choices import JobItemState, JobState, KnownSource, ModelVersionState
from catalog.models import DescriptionJob, DescriptionJobTally, ModelVersion
from tests.factories import (
    DescriptionFactory,
    DescriptionJobFactory,
    ModelVersionFactory,
    ProductFactory,
    ProductImageFactory,
)

LIST = reverse("admin:catalog_product_changelist")
pytestmark = pytest.mark.django_db


def press(client, action, products, url=LIST, **more):
    keys = [product.pk for product in products]
    return client.post(url, {"action": action, "_selected_action": keys, **more})


def shown_by(page):
    """What the form of the page holds, as a browser posts it: of boxes those that are ticked."""
    fields = page.context["form"]
    return {field.html_name: field.value() or "" for field in fields if field.value() != []}


def confirm(client, action, products, **more):
    """Press, then the button of the page that asks, with all that its form holds."""
    page = press(client, action, products, **more)
    return press(client, action, products, confirmed="yes", **{**more, **shown_by(page)})


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
    answer = confirm(admin_client, "describe_selected", products)
    job = DescriptionJob.objects.get()
    assert answer.url == reverse("admin:catalog_descriptionjob_progress", args=[job.pk])
    assert (job.state, job.created_by) == (JobState.QUEUED, admin_user)
    states = dict(job.items.values_list("product__sku", "state"))
    assert states == {
        "PLAIN": JobItemState.QUEUED,
        "DESCRIBED": JobItemState.SKIPPED,
        "NO-PHOTO": JobItemState.SKIPPED,
    }


def test_the_model_is_told_all_that_the_catalog_knows_but_what_is_not_ticked(
    admin_client, products
):
    page = press(admin_client, "describe_selected", products)
    assert page.content.decode().count('name="sources"') == len(KnownSource)
    assert page.context["form"]["sources"].value() == KnownSource.values
    confirm(admin_client, "describe_selected", products)
    assert DescriptionJob.objects.get().options == {}

    # A change of what will happen is counted again before anything is made.
    changed = {**shown_by(page), "which": "again", "sources": ["title", "tags"]}
    counted = press(admin_client, "describe_selected", products, confirmed="yes", **changed)
    assert DescriptionJob.objects.count() == 1
    press(admin_client, "describe_selected", products, confirmed="yes", **shown_by(counted))
    assert DescriptionJob.objects.first().options == {"sources": ["title", "tags"]}


def test_without_any_tick_the_photo_alone_is_described(admin_client, products):
    shown = shown_by(press(admin_client, "describe_selected", products))
    del shown["sources"]
    page = press(admin_client, "describe_selected", products, **shown)
    shown = {**shown, "counted": page.context["form"]["counted"].value()}
    press(admin_client, "describe_selected", products, confirmed="yes", **shown)
    assert DescriptionJob.objects.get().options == {"sources": []}


def test_a_source_that_does_not_exist_is_refused(admin_client, products):
    shown = shown_by(press(admin_client, "describe_selected", products))
    shown["sources"] = ["title", "price"]
    page = press(admin_client, "describe_selected", products, confirmed="yes", **shown)
    assert page.status_code == 302
    assert not DescriptionJob.objects.exists()


def test_versions_that_may_be_chosen_say_what_they_are(admin_client, products):
    candidate, passed = ModelVersionState.CANDIDATE, {"gate": {"passed": True}}
    ModelVersionFactory(name="autumn", state=ModelVersionState.RETIRED)
    ModelVersionFactory(name="unproven", state=candidate)
    ModelVersionFactory(name="proven", state=candidate, judgement=passed)
    ModelVersionFactory(name="bad", state=ModelVersionState.REJECTED)
    page = press(admin_client, "describe_selected", products)
    shown = [str(label) for value, label in page.context["form"]["model_version"].field.choices]
    in_use = ModelVersion.objects.get(state=ModelVersionState.ACTIVE).name
    assert shown[1:] == ["proven (candidate)", "autumn (retired)", in_use]


def test_describe_again_takes_those_that_have_a_text(admin_client, products):
    page = press(admin_client, "describe_again", products)
    assert "2 of 3 products will be described" in page.content.decode()
    confirm(admin_client, "describe_again", products)
    queued = DescriptionJob.objects.get().items.filter(state=JobItemState.QUEUED)
    assert queued.count() == 2


def test_nothing_to_do_offers_no_button(admin_client, products):
    page = press(admin_client, "describe_selected", products[1:]).content.decode()
    assert "0 of 2 products will be described" in page
    assert "Describe 0" not in page
    assert "Back to the list" in page


def test_all_across_pages_takes_what_the_list_shows(admin_client, products):
    ProductImageFactory(product__sku="OTHER")
    confirm(
        admin_client, "describe_selected", products[:1], url=f"{LIST}?q=DESC", select_across="1"
    )
    assert [item.product.sku for item in DescriptionJob.objects.get().items.all()] == ["DESCRIBED"]


@pytest.mark.parametrize("action", ["describe_selected", "describe_again"])
def test_who_may_not_make_jobs_cannot(viewer, products, action):
    press(viewer, action, products, confirmed="yes")
    assert not DescriptionJob.objects.exists()
    assert action not in viewer.get(LIST).content.decode()


def test_the_button_for_all_that_match_selects_by_the_lists_query(admin_client, products):
    page = admin_client.get(f"{LIST}?q=DESC").content.decode()
    assert "Describe all 1 that match</button>" in page
    assert '<input type="hidden" name="select_across" value="1">' in page
    assert "Describe all 3</button>" in admin_client.get(LIST).content.decode()
    data = {"action": "describe_selected", "select_across": "1", "_selected_action": "0"}
    asked = admin_client.post(f"{LIST}?q=DESC", data).content.decode()
    assert "0 of 1 product will be described" in asked


def test_the_options_reach_the_job(admin_client, products):
    other = ModelVersionFactory(state=ModelVersionState.RETIRED)
    confirm(
        admin_client,
        "describe_selected",
        products,
        which="usual",
        length="detailed",
        slots=["bullets", "page_title"],
        model_version=str(other.pk),
    )
    job = DescriptionJob.objects.get()
    options = {"length": "detailed", "slots": ["page_title", "bullets"]}
    assert (job.options, job.model_version) == (options, other)
    assert job.items.get(product__sku="DESCRIBED").state == JobItemState.QUEUED


def test_only_those_without_text(admin_client, products):
    DescriptionFactory(product=products[0], model_version=None)
    confirm(admin_client, "describe_selected", products, which="without_text")
    reasons = DescriptionJob.objects.get().items.values_list("product__sku", "skip_reason")
    assert dict(reasons) == {
        "PLAIN": "has_text",
        "DESCRIBED": "has_text",
        "NO-PHOTO": "no_photo",
    }


def test_options_changed_after_the_count_are_counted_first(admin_client, products):
    page = press(admin_client, "describe_selected", products)
    counted = page.context["form"].data["counted"]
    changed = {"which": "again", "counted": counted, "confirmed": "yes"}
    page = press(admin_client, "describe_selected", products, **changed).content.decode()
    assert "2 of 3 products will be described" in page
    assert not DescriptionJob.objects.exists()


def test_an_option_that_the_page_does_not_offer_is_a_message(admin_client, products):
    answer = press(admin_client, "describe_selected", products, which="everything")
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "Choose one of the options on the page."
    ]
    assert not DescriptionJob.objects.exists()


def test_the_page_says_how_long_it_will_take(admin_client, products):
    page = press(admin_client, "describe_selected", products).content.decode()
    assert "An estimate is available once workers have described some photos." in page
    now = timezone.now()
    former = DescriptionJobFactory(
        state=JobState.COMPLETED, started_at=now - timedelta(minutes=100), ended_at=now
    )
    DescriptionJobTally.objects.create(job=former, state="done", count=20, at=now)
    page = press(admin_client, "describe_selected", products).content.decode()
    assert "Estimated time: 5 min, including photos that are already waiting." in page


def test_without_a_choice_the_texts_are_in_the_language_that_the_version_writes(admin_client):
    ModelVersionFactory(languages=["de"])
    product = ProductImageFactory().product
    assert "language" not in press(admin_client, "describe_selected", [product]).context["form"]
    confirm(admin_client, "describe_selected", [product])
    assert DescriptionJob.objects.get().language == "de"


def test_of_several_languages_one_is_chosen(admin_client):
    ModelVersionFactory(languages=["es", "en"])
    other = ModelVersionFactory(state=ModelVersionState.RETIRED, languages=["de"])
    ModelVersionFactory(state=ModelVersionState.REJECTED, languages=["fr"])
    product = ProductImageFactory().product
    form = press(admin_client, "describe_selected", [product]).context["form"]
    assert form["language"].field.choices == [
        ("", "English if the model version writes it, else its first language"),
        ("de", "German"),
        ("en", "English"),
        ("es", "Spanish"),
    ]
    for chosen in ({}, {"language": "es"}, {"model_version": other.pk}):
        confirm(admin_client, "describe_selected", [product], **chosen)
    jobs = DescriptionJob.objects.order_by("pk")
    assert list(jobs.values_list("language", flat=True)) == ["en", "es", "de"]


def test_a_language_that_no_version_writes_is_a_message(admin_client):
    ModelVersionFactory()
    ModelVersionFactory(state=ModelVersionState.RETIRED, languages=["de"])
    product = ProductImageFactory().product
    answer = press(admin_client, "describe_selected", [product], language="de")
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "No model version in use writes “de” here. Those in use write: en."
    ]
    assert not DescriptionJob.objects.exists()
