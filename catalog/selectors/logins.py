"""Failed log-ins, as django-axes notes them: a row for each name, address and browser."""

from datetime import timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Sum
from django.utils import timezone


def is_spraying(address: str) -> bool:
    """Whether one address failed so often, whatever the names, that no more is tried from there.

    A name and an address together are locked much earlier. This counts one password tried on many
    names, and allows for an office behind one address.
    """
    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    attempts = AccessAttempt.objects.filter(ip_address=address, attempt_time__gte=since)
    failures = attempts.aggregate(failures=Sum("failures_since_start"))["failures"]
    return (failures or 0) >= settings.LOGIN_FAILURES_OF_ADDRESS
