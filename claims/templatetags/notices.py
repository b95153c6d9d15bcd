from django import template

from accounts.models import User
from claims import access

register = template.Library()

MOST_COUNTED = 99


@register.simple_tag
def unread_notices(user: User) -> str:
    """Return the number of the person's unread notices, such as `3` or `99+`; empty for none."""
    count = access.notices_of(user).filter(read_at__isnull=True)[: MOST_COUNTED + 1].count()
    if count > MOST_COUNTED:
        return f"{MOST_COUNTED}+"
    return str(count or "")
