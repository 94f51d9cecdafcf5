"""Jobs in the admin: the list, the progress page and its polls, the buttons."""

import json
import re

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.choices import (
    DescriptionState,
    FailureReason,
    ItemOutcome,
    JobItemState,
    JobState,
    SkipReason,
)
from catalog.models import DescriptionJob
from tests.factories import (
    DescriptionFactory,
    DescriptionJobFactory,
    DescriptionJobItemFactory,
    ModelVersionFactory,
    end_item,
)

LIST = reverse("admin:catalog_descriptionjob_changelist")
pytestmark = pytest.mark.django_db


def progress(job):
    return reverse("admin:catalog_descriptionjob_progress", args=[job.pk])


def press(client, job, step):
    return client.post(reverse("admin:catalog_descriptionjob_step", args=[job.pk, step]))


def poll(client, job, state):
    return client.get(f"{progress(job)}?state={state}", headers={"HX-Request": "true"})


@pytest.fixture
def job():
    """Running: one item done, one failed, two left."""
    job = DescriptionJobFactory(state=JobState.RUNNING, started_at=timezone.now())
    DescriptionJobItemFactory(job=job, state=JobItemState.DONE, ended_at=timezone.now())
    DescriptionJobItemFactory(
        job=job,
        state=JobItemState.FAILED,
        failure_reason=FailureReason.PHOTO_UNREADABLE,
        ended_at=timezone.now(),
    )
    DescriptionJobItemFactory(job=job)
    DescriptionJobItemFactory(job=job)
    return job


def test_the_page_shows_counts_and_failures(admin_client, job):
    text = admin_client.get(progress(job)).content.decode()
    assert "2 of 4 finished" in text
    assert 'max="4" value="2"' in text
    assert "<dt>Described</dt><dd>1</dd>" in text
    assert "<dt>Left</dt><dd>2</dd>" in text
    assert "1 photo</a> – The photo cannot be read: upload it again" in text
    link = reverse("admin:catalog_descriptionjobitem_changelist")
    link += f"?job__id__exact={job.pk}&amp;failure_reason__exact=photo_unreadable"
    assert link in text
    failed = admin_client.get(link.replace("&amp;", "&"))
    assert [item.state for item in failed.context["cl"].result_list] == [JobItemState.FAILED]


def test_the_page_leads_to_the_drafts_of_this_job_at_the_desk(admin_client, job):
    text = admin_client.get(progress(job)).content.decode()
    assert f'<a href="/admin/review/?job={job.pk}">Review the drafts of this job</a>' in text


def test_htmx_is_told_not_to_write_style_nor_to_eval(admin_client, job):
    text = admin_client.get(progress(job)).content.decode()
    configuration = re.search(r'<meta name="htmx-config" content=\'(.*?)\'>', text)
    assert configuration
    assert json.loads(configuration[1]) == {
        "includeIndicatorStyles": False,
        "allowEval": False,
        # A key pressed while htmx settles would be lost.
        "defaultSettleDelay": 0,
    }
    assert 'hx-trigger="every 2s"' in text
    assert "<style" not in text
    assert " style=" not in text


def test_a_poll_brings_the_changing_part_only(admin_client, job):
    answer = poll(admin_client, job, "running")
    text = answer.content.decode()
    assert "2 of 4 finished" in text
    assert "<html" not in text
    assert "HX-Refresh" not in answer.headers


def test_a_poll_after_a_change_of_state_loads_the_page_again(admin_client, job):
    answer = poll(admin_client, job, "queued")
    assert answer.headers["HX-Refresh"] == "true"


def test_an_ended_job_polls_no_more(admin_client, job):
    for item in job.items.filter(state=JobItemState.QUEUED):
        end_item(item)
    DescriptionJob.objects.update(state=JobState.COMPLETED, ended_at=timezone.now())
    text = admin_client.get(progress(job)).content.decode()
    assert "hx-get" not in text
    assert "4 of 4 finished" in text


def test_pause_resume_cancel(admin_client, job):
    for step, state in [("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")]:
        answer = press(admin_client, job, step)
        assert answer.url == progress(job)
        job.refresh_from_db()
        assert job.state == state
    assert job.items.filter(state=JobItemState.CANCELLED).count() == 2


def test_retry_the_failed(admin_client, job):
    ModelVersionFactory()
    for item in job.items.filter(state=JobItemState.QUEUED):
        end_item(item)
    DescriptionJob.objects.update(state=JobState.COMPLETED, ended_at=timezone.now())
    assert "Retry failed photos" in admin_client.get(progress(job)).content.decode()
    press(admin_client, job, "retry")
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    assert job.items.filter(state=JobItemState.QUEUED).count() == 1


def test_a_refused_step_is_a_message(admin_client, job):
    press(admin_client, job, "cancel")
    answer = press(admin_client, job, "pause")
    messages = [str(message) for message in get_messages(answer.wsgi_request)]
    assert messages[-1] == f"Job {job.pk} is cancelled, so this step is not possible now."


@pytest.mark.parametrize("step", ["pause", "resume", "cancel", "retry"])
def test_steps_are_by_post_and_need_permission(viewer, admin_client, job, step):
    url = reverse("admin:catalog_descriptionjob_step", args=[job.pk, step])
    assert admin_client.get(url).status_code == 405
    assert viewer.post(url).status_code == 403
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    assert "Pause" not in viewer.get(progress(job)).content.decode()


def test_unknown_jobs_and_steps_are_not_found(admin_client, job):
    assert press(admin_client, job, "explode").status_code == 404
    missing = reverse("admin:catalog_descriptionjob_progress", args=[999])
    assert admin_client.get(missing).status_code == 404


def test_who_may_not_see_jobs_does_not(client_with, job):
    assert client_with("view_product").get(progress(job)).status_code == 403


def test_the_list_counts_and_leads_to_the_progress(admin_client, job):
    text = admin_client.get(LIST).content.decode()
    assert '<progress class="moda-progress" value="2" max="4"' in text
    assert "<br>2 of 4" in text
    url = reverse("admin:catalog_descriptionjob_change", args=[job.pk])
    assert admin_client.get(url).url == progress(job)


def test_jobs_are_not_made_or_deleted_here(admin_client, job):
    assert admin_client.get(reverse("admin:catalog_descriptionjob_add")).status_code == 403
    delete = reverse("admin:catalog_descriptionjob_delete", args=[job.pk])
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403
    assert DescriptionJob.objects.filter(pk=job.pk).exists()


def test_an_empty_list_says_what_to_do(admin_client):
    assert "choose “Describe selected products”" in admin_client.get(LIST).content.decode()


def test_list_and_progress_ask_nothing_of_the_items(admin_client, job):
    """However many there are: the counts come from the tallies, in as many queries."""
    for url in (LIST, progress(job)):
        with CaptureQueriesContext(connection) as few:
            admin_client.get(url)
        for _ in range(3):
            other = DescriptionJobFactory(state=JobState.RUNNING, started_at=timezone.now())
            DescriptionJobItemFactory(job=other, state=JobItemState.DONE)
            DescriptionJobItemFactory(job=job, state=JobItemState.DONE)
        with CaptureQueriesContext(connection) as many:
            admin_client.get(url)
        assert len(many) == len(few)
        assert not [one for one in many if 'FROM "catalog_descriptionjobitem"' in one["sql"]]


def test_the_page_says_what_was_skipped_with_links(admin_client, job):
    DescriptionJobItemFactory(job=job, state=JobItemState.SKIPPED, skip_reason=SkipReason.NO_PHOTO)
    text = admin_client.get(progress(job)).content.decode()
    link = reverse("admin:catalog_descriptionjobitem_changelist")
    link += f"?job__id__exact={job.pk}&amp;skip_reason__exact=no_photo"
    assert f'<a href="{link}">1 product</a> – No photo' in text


def test_what_to_look_at_first_is_counted_and_linked(admin_client, job):
    assert "To look at first" not in admin_client.get(progress(job)).content.decode()
    item = DescriptionJobItemFactory(
        job=job,
        state=JobItemState.DONE,
        outcome=ItemOutcome.NOT_RECOGNISED,
        detail="No item is shown.",
        ended_at=timezone.now(),
    )
    marks = [(2, False), (1, True), (0, True), (0, False)]
    for contradictions, disagrees in marks:
        done = DescriptionJobItemFactory(job=job, state=JobItemState.DONE, ended_at=timezone.now())
        DescriptionFactory(
            product=done.product,
            job_item=done,
            contradictions=contradictions,
            photo_disagrees=disagrees,
        )
    DescriptionFactory(contradictions=1, photo_disagrees=True)  # of no job
    DescriptionFactory(
        job_item=DescriptionJobItemFactory(job=job, state=JobItemState.DONE),
        state=DescriptionState.REJECTED,
        contradictions=1,
    )
    text = admin_client.get(progress(job)).content.decode()
    assert "<dt>Not recognised</dt><dd>1</dd>" in text
    found = re.findall(r'<a href="([^"]+)">(?:2 drafts|1 product)</a> – ', text)
    texts, items = (
        reverse(f"admin:catalog_{name}_changelist")
        for name in ("description", "descriptionjobitem")
    )
    ours = [
        f"{texts}?job_item__job__id__exact={job.pk}&finding=photo",
        f"{texts}?job_item__job__id__exact={job.pk}&finding=contradiction",
        f"{items}?job__id__exact={job.pk}&outcome__exact=not_recognised",
    ]
    assert {link.replace("&amp;", "&") for link in found} == set(ours)
    for link, count in zip(ours, (2, 2, 1), strict=True):
        assert len(admin_client.get(link).context["cl"].result_list) == count
    assert [one.pk for one in admin_client.get(ours[2]).context["cl"].result_list] == [item.pk]
    assert "No fashion item recognised on the photo" in admin_client.get(ours[2]).content.decode()
