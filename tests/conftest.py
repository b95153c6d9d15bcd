from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.db import connection, connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import User
from claims.models import Service
from claims.queries.orders import unmapped_names
from config.logs.jobs import REQUEST_ID
from tests import databases, sampling
from tests.clamd import running_clamd
from tests.mail_server import MailServer, running_mail_server
from tests.makers import make_staff, make_user
from tests.shop_server import SECRET, ShopServer, running_shop

# The time of an example depends on the machine.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("any machine")
    sampling.draw_seed()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items[:], left = sampling.keep(items)
    config.hook.pytest_deselected(items=left)


def pytest_report_header() -> str:
    return sampling.describe()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(sampling.describe())


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path: Path) -> None:
    """Give each test a spool, store and mail box of its own, and plain names for static files."""
    for name in ("incoming", "static"):
        (tmp_path / name).mkdir(exist_ok=True)
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "incoming")
    settings.STATIC_ROOT = tmp_path / "static"
    storages = {name: dict(config) for name, config in settings.STORAGES.items()}
    for name in ("spool", "evidence"):
        storages[name]["OPTIONS"] = storages[name]["OPTIONS"] | {"location": tmp_path / name}
    storages["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = storages


@pytest.fixture(autouse=True)
def no_malware_scanner(settings) -> None:
    """Turn the scanner off, whatever the environment says; tests that need one ask for it."""
    settings.CLAMD_URL, settings.MALWARE_SCAN = "", "optional"


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Clear the cache: values that are kept for a minute would outlast a test's database.

    The number in the desk's navigation is kept, as it is for all but one page in a minute, so that
    the first page of a test asks for as much as the others.
    """
    caches["process"].clear()
    caches["process"].set(unmapped_names.KEY, 0)


@pytest.fixture(autouse=True)
def quick_passwords(settings) -> None:
    """Hash passwords quickly: real hashes are slow on purpose, and each person made needs one."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def ann(db) -> User:
    """A customer."""
    return make_user("ann@example.com", display_name="Ann")


@pytest.fixture
def bob(db) -> User:
    """Another customer."""
    return make_user("bob@example.com", display_name="Bob")


@pytest.fixture
def sue(db) -> User:
    """Support."""
    return make_staff("sue@example.com", "Support")


@pytest.fixture
def max_(db) -> User:
    """A supervisor."""
    return make_staff("max@example.com", "Supervisor")


@pytest.fixture
def rita(db) -> User:
    """Exports reports."""
    return make_staff("rita@example.com", "Reports")


@pytest.fixture
def otto(db) -> User:
    """An auditor."""
    return make_staff("otto@example.com", "Auditor")


@pytest.fixture
def run_jobs(db, django_capture_on_commit_callbacks) -> Callable[[], list[str]]:
    """Return a function that does a worker's jobs in this process and transaction, and returns task
    names.
    """

    def run() -> list[str]:
        names = []
        while job := ProcrastinateJob.objects.filter(status="todo").order_by("id").first():
            with django_capture_on_commit_callbacks(execute=True):
                task = app.tasks[job.task_name]
                context = SimpleNamespace(job=job, abort_reason=lambda: None)
                args = {name: job.args[name] for name in job.args if name != REQUEST_ID}
                task.func(*([context] if task.pass_context else []), **args)
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [job.id]
                )
            names.append(job.task_name)
        return names

    return run


@pytest.fixture
def server(settings) -> Iterator[MailServer]:
    """Yield a mail server that gets the mail of this test."""
    with running_mail_server() as running:
        settings.EMAIL_BACKEND = "accounts.mail_backend.SmtpBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


@pytest.fixture
def shop(settings) -> Iterator[ShopServer]:
    """Yield the shop's server, to which this test's webhooks go."""
    with running_shop() as running:
        settings.SHOP_URL = f"http://127.0.0.1:{running.port}/events"
        settings.SHOP_URL_SECRETS = [SECRET]
        settings.SHOP_URL_MAY_BE_PRIVATE = True
        yield running


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Make the migrated test database, also when only tests with real commits are chosen."""
    with django_db_blocker.unblock(), databases.migrated_database():
        # A process reads the catalogue once, and no test should be the one that pays for it.
        Service.objects.known("telegram")
        # Each test requests database access itself.
        django_db_blocker.block()
        yield
        django_db_blocker.unblock()


@pytest.fixture
def real_commits(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Yield the name of a database of this test's own, in which transactions really commit.

    It is a copy of the migrated test database. Append-only tables can't be emptied afterwards, so
    the copy is dropped as a whole.
    """
    with django_db_blocker.unblock():
        original = connection.settings_dict["NAME"]
        copy = f"{original}_{uuid4().hex[:8]}"
        connections.close_all()
        with databases.server() as beside:
            databases.copy_database(beside, original, copy)
        connection.settings_dict["NAME"] = copy
        try:
            yield copy
        finally:
            connections.close_all()
            connection.settings_dict["NAME"] = original
            with databases.server() as beside:
                databases.drop_database(beside, copy)


@pytest.fixture(scope="session")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a real malware scanner that knows the EICAR test string."""
    with running_clamd(tmp_path_factory.mktemp("clamd")) as url:
        yield url


@pytest.fixture(scope="session")
def project_root() -> Path:
    return Path(django_settings.BASE_DIR)
