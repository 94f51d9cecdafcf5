"""The whole road with everything real: upload, describe, edit, approve, read by the API."""

from io import BytesIO, StringIO

import pytest
from django.core.management import call_command

from catalog.choices import OPEN_JOB_STATES, DescriptionState, JobState
from catalog.models import ModelVersion
from catalog.services.jobs import description_job_create
from catalog.services.products import product_image_add
from catalog.transitions.description import description_approve, description_change_text
from tests.factories import ProductFactory, UserFactory, drawn_photo

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


def test_from_a_photo_to_an_approved_description(
    client, start_broker, workers, wait_until, environment
):
    call_command("register_starter", stdout=StringIO())
    version = ModelVersion.objects.get()
    merchandiser = UserFactory()
    product = ProductFactory(sku="SHIRT-1", title="Shirt")
    product_image_add(
        product=product,
        upload=BytesIO(drawn_photo()),
        name="SHIRT-1.jpg",
    )
    start_broker()
    workers("maintenance")
    workers("describer", MODA_LEASE_SECONDS="120")

    job = description_job_create(products=type(product).objects.all(), actor=merchandiser)

    def ended():
        job.refresh_from_db()
        return job.state not in OPEN_JOB_STATES

    wait_until(ended, "the worker to describe the photo", seconds=180)
    assert job.state == JobState.COMPLETED
    draft = product.descriptions.get()
    assert draft.state == DescriptionState.DRAFT
    assert draft.standard == draft.generated_standard != ""
    assert draft.model_version == version
    assert 0 <= draft.confidence <= 1
    assert client.get("/api/v1/products/SHIRT-1/").json()["description"] is None

    description_change_text(
        description=draft, actor=merchandiser, texts={"standard": "Navy shirt, long sleeves."}
    )
    assert client.get("/api/v1/products/SHIRT-1/").json()["description"] is None
    description_approve(description=draft, actor=merchandiser)
    answer = client.get("/api/v1/products/SHIRT-1/").json()["description"]
    assert answer["standard"] == "Navy shirt, long sleeves."
    assert answer["model_version"] == version.name
