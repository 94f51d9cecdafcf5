"""Celery's settings: what must hold between them and the settings of leases and wakes."""

import pytest
from celery.app.utils import find_app

from catalog.task_table import LOAD_SECONDS
from config.celery_app import HARD_LIMIT_AFTER, celery_app, celery_settings


def test_the_command_line_finds_the_application():
    assert find_app("config") is celery_app


def test_the_settings_are_the_ones_in_use():
    for name, value in celery_settings().items():
        assert celery_app.conf[name] == value, name


def test_messages_are_acknowledged_late_and_never_run_again_by_a_dead_child():
    conf = celery_app.conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost) == (True, False)
    assert (conf.worker_prefetch_multiplier, conf.task_ignore_result) == (1, True)
    assert (conf.accept_content, conf.result_backend) == (["json"], None)


@pytest.mark.parametrize(("wake", "lease"), [(30, 120), (600, 3600), (1, 1)])
def test_no_task_outlives_the_visibility_of_its_message(settings, wake, lease):
    settings.WAKE_SECONDS, settings.LEASE_SECONDS = wake, lease
    values = celery_settings()
    limits = values["task_annotations"]
    longest = max(limit["time_limit"] for limit in limits.values())
    assert values["broker_transport_options"]["visibility_timeout"] > longest
    describe = limits["catalog.tasks.describe_wake"]
    assert describe["soft_time_limit"] == LOAD_SECONDS + wake + lease
    assert describe["time_limit"] == describe["soft_time_limit"] + HARD_LIMIT_AFTER


def test_every_task_has_its_queue_and_limits():
    celery_app.loader.import_default_modules()
    ours = {name for name in celery_app.tasks if name.startswith("catalog.")}
    assert ours == {
        "catalog.tasks.answer_photo_requests",
        "catalog.tasks.deliver_webhooks",
        "catalog.tasks.describe_urgent",
        "catalog.tasks.describe_wake",
        "catalog.tasks.imports_wake",
        "catalog.tasks.look_for_webhooks",
        "catalog.tasks.review_many",
        "catalog.tasks.sweep",
        "catalog.tasks.tidy",
        "catalog.tasks.training_wake",
    }
    assert set(celery_app.conf.task_routes) == ours
    # A run takes hours, in a pool without limits: its lease and heartbeat stand in for them.
    assert set(celery_app.conf.task_annotations) == ours - {"catalog.tasks.training_wake"}


def test_the_clock_sweeps(settings):
    entry = celery_app.conf.beat_schedule["sweep"]
    assert set(celery_app.conf.beat_schedule) == {"sweep", "tidy", "look_for_webhooks"}
    assert entry["task"] == "catalog.tasks.sweep"
    assert entry["schedule"] == settings.SWEEP_SECONDS
    assert entry["options"] == {"expires": settings.SWEEP_SECONDS, "retry": False}
