"""The name of a service that the catalogue doesn't know."""

from django.utils.translation import gettext as _


def unmapped_name(sent: str) -> str:
    """Return the name as it was sent, marked as one that nobody has mapped yet."""
    return _("“%(name)s” (unknown service)") % {"name": sent}
