"""Customers by the words with which staff name them."""

from accounts.addresses import stored_form
from accounts.models import User


def people_called(text: str) -> list[User]:
    """Return the people with this email address, or this id of the shop, in full.

    There are two of them if one person's id is another one's address.
    """
    text = text.strip()
    if not text:
        return []
    by_address = User.objects.with_addresses([stored_form(text)])
    by_id = User.objects.filter(customer_ids__customer_id=text)
    return list({user.pk: user for user in (*by_address, *by_id)}.values())
