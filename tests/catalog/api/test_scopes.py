"""Who may ask what: every address and method in one table; one that is not in it fails."""

import pytest
from django.urls import reverse

from catalog.api.urls import urlpatterns
from catalog.models import ApiScope

NOWHERE = "00000000-0000-0000-0000-000000000000"
#: Address, its arguments, and the scope that each method needs; None needs nothing.
TABLE = {
    "product-list": ([], {"GET": "read", "POST": "write"}),
    "product-bulk": ([], {"POST": "write"}),
    "product-detail": (["P"], {"GET": "read", "PATCH": "write"}),
    "product-images": (["P"], {"POST": "write"}),
    "product-describe": (["P"], {"POST": "generate"}),
    "job-list": ([], {"POST": "generate"}),
    "job": ([1], {"GET": "generate"}),
    "job-cancel": ([1], {"POST": "generate"}),
    "describe": ([], {"POST": "generate"}),
    "webhook-list": ([], {"GET": "webhooks", "POST": "webhooks"}),
    "webhook": ([NOWHERE], dict.fromkeys(("GET", "PATCH", "DELETE"), "webhooks")),
    "delivery-list": ([NOWHERE], {"GET": "webhooks"}),
    "send-again": ([NOWHERE, 1], {"POST": "webhooks"}),
    "import-list": ([], {"GET": "imports", "POST": "imports"}),
    **{name: ([1], {"GET": "imports"}) for name in ("import", "import-rows", "import-faulty-rows")},
    **{f"import-{step}": ([1], {"POST": "imports"}) for step in ("map", "apply", "cancel", "undo")},
    "export-list": ([], {"POST": "exports"}),
    "export": ([1], {"GET": "exports"}),
    "export-file": ([1], {"GET": "exports"}),
    "category-list": ([], {"GET": "read"}),
    "problem": (["not-found"], {"GET": None}),
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
pytestmark = pytest.mark.django_db


def test_every_address_is_in_the_table():
    assert {route.name for route in urlpatterns} - {"schema", "docs", "nowhere"} == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_scopes(client, with_scopes, settings, name):
    settings.API_PUBLIC_READ = False
    arguments, scopes = TABLE[name]
    url = reverse(f"api:{name}", args=arguments)
    for method in METHODS:
        if method not in scopes:
            every = with_scopes(*ApiScope.values)
            assert every.generic(method, url).status_code == 405, method
            continue
        needed = scopes[method]
        others = [scope for scope in ApiScope.values if scope != needed]
        refused = (401, 403) if needed else (200, 200)
        answers = (client.generic(method, url), with_scopes(*others).generic(method, url))
        assert tuple(answer.status_code for answer in answers) == refused, method
        if needed:
            allowed = with_scopes(needed).generic(method, url).status_code
            assert allowed not in (401, 403, 405), (method, allowed)
