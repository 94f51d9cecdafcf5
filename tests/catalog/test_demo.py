"""The steps of the demo: log-in, source, progress, texts."""

import pytest
from django.contrib.auth import get_user_model

from catalog.choices import FailureReason, JobItemState, JobState, SkipReason
from catalog.demo import (
    WorkersSilent,
    demo_account,
    demo_source,
    description_lines,
    failure_lines,
    job_follow,
)
from catalog.exceptions import ImportRefused
from catalog.models import DescriptionJobItem
from catalog.transitions.description import description_approve
from catalog.transitions.job import job_close
from tests.factories import (
    DescriptionFactory,
    DescriptionJobFactory,
    DescriptionJobItemFactory,
    ProductFactory,
    end_item,
)

pytestmark = pytest.mark.django_db


def test_the_log_in_is_made_once_and_kept_from_others(tmp_path):
    first = demo_account(data_directory=tmp_path)
    assert demo_account(data_directory=tmp_path) == first
    user, password = first
    assert get_user_model().objects.get(username=user).check_password(password)
    assert (tmp_path / "demo-password").stat().st_mode & 0o777 == 0o600


def test_a_password_that_a_person_changed_is_neither_changed_nor_shown(tmp_path):
    _, password = demo_account(data_directory=tmp_path)
    user = get_user_model().objects.get()
    user.set_password("their own words")
    user.save()
    shown = demo_account(data_directory=tmp_path)[1]
    assert password not in shown
    user.refresh_from_db()
    assert user.check_password("their own words")


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ImportRefused, match="There is no folder"):
        demo_source(images=str(tmp_path / "none"), data_directory=tmp_path, root=tmp_path)


def test_a_drawing_that_fails_says_why(tmp_path):
    # In an empty folder there is no laboratory to draw with.
    with pytest.raises(ImportRefused, match=r"could not be drawn: .*No module named 'lab'"):
        demo_source(images="", data_directory=tmp_path, root=tmp_path)


def test_a_job_is_followed_to_its_end(capsys):
    job = DescriptionJobFactory(state=JobState.RUNNING)
    items = [DescriptionJobItemFactory(job=job) for _ in range(2)]
    DescriptionJobItemFactory(
        job=job, state=JobItemState.SKIPPED, skip_reason=SkipReason.ALREADY_DESCRIBED
    )
    waits = []

    def wait(seconds):
        end_item(items[len(waits)])
        waits.append(seconds)
        if len(waits) == len(items):
            job_close(job=job)

    job_follow(job=job, wait=wait)
    assert len(waits) == 2
    assert job.state == JobState.COMPLETED
    assert "2/2" in capsys.readouterr().err


def test_workers_that_never_answer_end_the_wait():
    item = DescriptionJobItemFactory()
    with pytest.raises(WorkersSilent, match="No worker has described a photo for 0 seconds"):
        job_follow(job=item.job, wait=lambda seconds: None, silence_seconds=0)


def test_one_line_a_product_by_sku_with_the_text_in_use():
    job = DescriptionJobFactory()
    for sku in ("B", "A", "C"):
        product = ProductFactory(sku=sku, title=f"Title {sku}")
        DescriptionJobItemFactory(job=job, image__product=product)
    older = DescriptionFactory(product__sku="D", product__title="Title D", standard="Not asked.")
    a, b = (DescriptionJobItem.objects.get(product__sku=sku).product for sku in "AB")
    DescriptionFactory(product=a, standard="Older draft.")
    DescriptionFactory(product=a, standard="Newer\ndraft.")
    approved = DescriptionFactory(product=b, standard="Approved.")
    description_approve(description=approved, actor=None)
    DescriptionFactory(product=b, standard="Draft beside it.")
    assert list(description_lines(job=job)) == [
        "A  Title A — Newer draft.",
        "B  Title B — Approved.",
    ]
    assert older.product.sku == "D"


def test_one_line_a_failure_with_what_can_be_done():
    item = DescriptionJobItemFactory(
        image__product__sku="A",
        state=JobItemState.FAILED,
        failure_reason=FailureReason.PHOTO_MISSING,
        detail="x.jpg",
    )
    assert list(failure_lines(job=item.job)) == [
        "A  The photo is missing from storage: upload it again (x.jpg)"
    ]
