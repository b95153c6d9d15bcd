from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from tests.makers import make_user


@pytest.fixture
def root(db) -> User:
    """A superuser."""
    return make_user("root@example.com", is_staff=True, is_superuser=True)


@pytest.fixture
def browse(settings) -> Callable[[User], Client]:
    """A browser in which this person is signed in."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in
