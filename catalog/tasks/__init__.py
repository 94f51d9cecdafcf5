"""What Celery runs. A task carries nothing and calls one function of `catalog.workers`.

Named here, not by module, so that the names on the wire never change when files move.
"""

from celery import shared_task

from catalog.workers import stopping as stopping  # before the pool is forked: see there


@shared_task(name="catalog.tasks.describe_wake")
def describe_wake() -> None:
    """Describe due photos for a while (queue `descriptions`)."""
    from catalog.workers.wake import wake_run

    wake_run()


@shared_task(name="catalog.tasks.imports_wake")
def imports_wake() -> None:
    """Take imports, their photos and exports further for a while (queue `imports`)."""
    from catalog.workers.importing import imports_wake_run

    imports_wake_run()


@shared_task(name="catalog.tasks.sweep")
def sweep() -> None:
    """Put right what was left behind (queue `maintenance`)."""
    from catalog.workers.sweep import sweep_run

    sweep_run()
