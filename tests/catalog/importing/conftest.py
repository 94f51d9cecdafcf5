"""A way to import a text. Django is loaded only when a test runs, hence the late imports."""

import pytest


@pytest.fixture
def import_text(tmp_path):
    """Imports a file of this content, by default with its descriptions as approved texts."""
    from catalog.choices import DescriptionUse
    from catalog.importing.now import products_import

    def run(content, name="table.csv", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        options.setdefault("descriptions", DescriptionUse.APPROVED)
        return products_import(source=path, **options)

    return run
