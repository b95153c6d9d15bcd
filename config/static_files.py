"""Storage of static files whose names contain a hash, so that browsers can cache them."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it has no types
    """The storage, which also rewrites the names in JavaScript imports to the hashed names."""

    support_js_module_import_aggregation = True
