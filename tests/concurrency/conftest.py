import pytest

from tests.makers import make_staff, make_user


@pytest.fixture
def ann(real_commits):
    return make_user("ann@example.com", display_name="Ann")


@pytest.fixture
def bob(real_commits):
    return make_user("bob@example.com", display_name="Bob")


@pytest.fixture
def sue(real_commits):
    return make_staff("sue@example.com", "Support")


@pytest.fixture
def max_(real_commits):
    return make_staff("max@example.com", "Supervisor")
