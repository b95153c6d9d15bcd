"""Static files under names that hold a hash of what is in them, so that browsers keep them."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it has no types
    """Rewrites the names in JavaScript's `import`, too: one module imports another by its hash."""

    support_js_module_import_aggregation = True
