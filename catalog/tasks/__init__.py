"""What Celery runs. A task carries nothing and calls one function of `catalog.workers`.

Named here, not by module, so that the names on the wire never change when files move.
"""

from celery import shared_task

from catalog.workers import stopping as stopping  # before the pool is forked: see there
from catalog.workers import training_host as training_host  # listens for its worker to be ready


@shared_task(name="catalog.tasks.describe_wake")
def describe_wake() -> None:
    """Describe due photos for a while (queue `descriptions`)."""
    from catalog.workers.wake import wake_run

    wake_run()


@shared_task(name="catalog.tasks.describe_urgent")
def describe_urgent() -> None:
    """Describe due photos that somebody waits for (queue `interactive`)."""
    from catalog.workers.wake import wake_run

    wake_run(urgent=True)


@shared_task(name="catalog.tasks.imports_wake")
def imports_wake() -> None:
    """Take imports, their photos and exports further for a while (queue `imports`)."""
    from catalog.workers.importing import imports_wake_run

    imports_wake_run()


# Acknowledged when it begins: a run takes hours, the message is only a hint, and the sweep sends
# another while a run waits.
@shared_task(name="catalog.tasks.training_wake", acks_late=False)
def training_wake() -> None:
    """Train what waits, one run after another (queue `training`, pool `solo`)."""
    from catalog.workers.training import training_wake_run

    training_wake_run()


@shared_task(name="catalog.tasks.sweep")
def sweep() -> None:
    """Put right what was left behind (queue `maintenance`)."""
    from catalog.workers.sweep import sweep_run

    sweep_run()


@shared_task(name="catalog.tasks.review_many")
def review_many() -> None:
    """Approve, reject or undo what is too much for one request (queue `maintenance`)."""
    from catalog.workers.bulk_reviews import bulk_reviews_run

    bulk_reviews_run()


@shared_task(name="catalog.tasks.answer_photo_requests")
def answer_photo_requests() -> None:
    """Describe the photos for which somebody waits (queue `interactive`)."""
    from catalog.workers.photo_requests import photo_requests_run

    photo_requests_run()


@shared_task(name="catalog.tasks.deliver_webhooks")
def deliver_webhooks() -> None:
    """Deliver what is due (queue `webhooks`)."""
    from catalog.workers.webhooks import webhooks_run

    webhooks_run()


@shared_task(name="catalog.tasks.look_for_webhooks")
def look_for_webhooks() -> None:
    """Wake a worker that delivers, if there is anything to deliver (queue `maintenance`)."""
    from catalog.workers.webhooks import webhooks_look

    webhooks_look()


@shared_task(name="catalog.tasks.tidy")
def tidy() -> None:
    """Delete what was kept for a time only (queue `maintenance`)."""
    from catalog.workers.sweep import tidy_run

    tidy_run()
