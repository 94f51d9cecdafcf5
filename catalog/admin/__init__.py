"""The admin: a chapter for each thing that people manage. Services do what a page asks for.

Importing a chapter registers its models.
"""

from catalog.admin import (  # noqa: F401
    api_access,
    auto_approval,
    captions,
    channels,
    description,
    exports,
    import_sources,
    imports,
    jobs,
    model_versions,
    products,
    style_sheet,
    training_runs,
    voices,
)
