import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pytest
from django.conf import settings

from config import serve
from config.environment.databases import EMBEDDED_APP, EMBEDDED_OWNER
from tests.config.test_embedded_postgres import postmaster, wait_until_it_ends
from tests.processes import PATIENCE, wait_until

THE_LAST_LINE = "Ctrl-C stops everything."

pytestmark = pytest.mark.xdist_group("supervisor")


class Portal:
    """A portal started by a command, with the lines that it printed until it was ready."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            command,
            env=environment,
            cwd=settings.BASE_DIR,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []

    def read_until(self, line: str) -> None:
        assert self.process.stdout
        for printed in self.process.stdout:
            self.lines.append(printed.rstrip())
            if line in printed:
                return
        pytest.fail("it ended instead:\n" + "\n".join(self.lines))

    def interrupt(self) -> None:
        """Interrupt everyone in the foreground group, as Ctrl-C in a terminal does."""
        os.killpg(self.process.pid, signal.SIGINT)

    def finish(self) -> tuple[int, str]:
        output, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, output

    def end(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.communicate(timeout=PATIENCE)


@pytest.fixture(scope="module")
def environment(bare: dict[str, str], free_port: int) -> dict[str, str]:
    return bare | {"PORT": str(free_port)}


@pytest.fixture
def portal(environment: dict[str, str]) -> Iterator[Portal]:
    portal = Portal([sys.executable, "-m", "config.serve"], environment)
    yield portal
    portal.end()


@pytest.fixture
def made_portal(environment: dict[str, str]) -> Iterator[Portal]:
    portal = Portal(["make", "run"], environment)
    yield portal
    portal.end()


def descendants(pid: int) -> dict[int, str]:
    """Return every process below this one, with its command line."""
    table = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in table.stdout.splitlines()]
    found: dict[int, str] = {}
    parents = {pid}
    while parents:
        below = {int(row[0]): row[-1] for row in rows if int(row[1]) in parents}
        found |= below
        parents = set(below)
    return found


def ask(environment: dict[str, str], module: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def errors(answer: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the output except the log."""
    return [line for line in answer.stderr.splitlines() if " INFO " not in line]


def test_make_run_answers_tells_how_to_sign_in_and_leaves_nothing_behind(
    made_portal, environment, data_dir, free_port
):
    made_portal.read_until(THE_LAST_LINE)

    with urlopen(f"http://127.0.0.1:{free_port}/account/login/", timeout=PATIENCE) as page:
        assert page.status == 200
    printed = "\n".join(made_portal.lines)
    assert f"http://localhost:{free_port}/" in printed
    assert "ann@example.com" in printed
    assert str(data_dir / "mail") in printed
    assert_a_second_start_and_a_reset_are_refused(environment, free_port)

    assert roles_connected(data_dir) == {EMBEDDED_APP}
    below = descendants(made_portal.process.pid)
    assert any("granian" in command for command in below.values())
    assert any("manage.py work inspection" in command for command in below.values())
    server = postmaster(data_dir / "postgres")
    made_portal.interrupt()
    made_portal.finish()

    for pid in below:
        wait_until_it_ends(pid)
    wait_until_it_ends(server)
    assert is_free(free_port)


def roles_connected(data_dir: Path) -> set[str]:
    """Return the roles of all connections but this one."""
    where = f"host={data_dir / 'postgres'} user={EMBEDDED_OWNER} dbname=postgres"
    with psycopg.connect(where) as connection:
        query = "SELECT usename FROM pg_stat_activity WHERE backend_type = 'client backend'"
        rows = connection.execute(f"{query} AND pid <> pg_backend_pid()").fetchall()
    return {name for (name,) in rows}


def assert_a_second_start_and_a_reset_are_refused(environment: dict[str, str], port: int) -> None:
    second = ask(environment, "config.serve")
    assert second.returncode == 1
    assert errors(second) == [
        f"error: port {port} is taken; choose another one: PORT=9000 make run"
    ]
    reset = ask(environment, "config.reset")
    assert reset.returncode == 1
    assert errors(reset) == ["error: the portal or a command is running; stop it first."]


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_worker_that_dies_takes_everything_down_and_the_data_stay(environment, data_dir):
    for run in ("first", "second"):
        portal = Portal([sys.executable, "-m", "config.serve"], environment)
        try:
            portal.read_until(THE_LAST_LINE)
            below = descendants(portal.process.pid)
            server = postmaster(data_dir / "postgres")
            assert tables_kept(data_dir) == ([] if run == "first" else ["kept"])
            worker = next(pid for pid in below if "work --but inspection" in below[pid])
            os.kill(worker, signal.SIGKILL)
            code, output = portal.finish()
        finally:
            portal.end()

        assert code == 1
        assert output.splitlines()[-1] == "error: the worker ended by itself (exit code -9)"
        for pid in below:
            wait_until_it_ends(pid)
        wait_until_it_ends(server)


def tables_kept(data_dir: Path) -> list[str]:
    """Return the tables that an earlier call left behind."""
    where = f"host={data_dir / 'postgres'} user=postgres dbname=postgres"
    with psycopg.connect(where) as connection:
        query = "SELECT relname FROM pg_class WHERE relname = 'kept'"
        names = [name for (name,) in connection.execute(query)]
        connection.execute("CREATE TABLE IF NOT EXISTS kept ()")
    return names


def test_a_stop_during_the_preparation_leaves_no_database_server(portal, data_dir):
    portal.read_until("Preparing the database")
    wait_until(lambda: postmaster(data_dir / "postgres"))
    server = postmaster(data_dir / "postgres")

    os.kill(portal.process.pid, signal.SIGTERM)
    code, _ = portal.finish()

    assert code == 0
    wait_until_it_ends(server)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("postgresql://me:pw@127.0.0.1:1/claims", "error: the database of DATABASE_URL can't be"),
        ("postgresql://me:pw@127.0.0.1:one/claims", "error: DATABASE_URL can't be read"),
        ("mysql://me:pw@127.0.0.1/claims", "error: DATABASE_URL must name a PostgreSQL"),
    ],
)
def test_an_unusable_database_url_is_one_line_without_the_password(environment, url, complaint):
    answer = ask(environment | {"DATABASE_URL": url}, "config.serve")

    assert answer.returncode == 1
    (line,) = errors(answer)
    assert line.startswith(complaint)
    assert "pw@" not in line


def test_a_database_server_that_is_too_old_is_refused(db, monkeypatch):
    monkeypatch.setattr(serve, "OLDEST_POSTGRES", 99)
    with pytest.raises(serve.CannotRun, match="99 or newer is needed"):
        serve.require_database()


@pytest.mark.parametrize(("debug", "loaded"), [(True, True), (False, False)])
def test_only_a_demo_gets_the_people_whose_passwords_are_known(
    settings, monkeypatch, debug, loaded
):
    called: list[str] = []
    monkeypatch.setattr(serve, "require_free_port", lambda port: None)
    monkeypatch.setattr(serve, "require_database", lambda: None)
    monkeypatch.setattr(serve, "supervise", lambda: None)
    monkeypatch.setattr(serve, "call_command", lambda name, **options: called.append(name))
    monkeypatch.setattr(serve.demo, "load", lambda say: called.append("demo"))
    settings.DEBUG = debug

    serve._run()

    assert ("demo" in called) is loaded
    assert "migrate" in called


SAYING_WHERE = (
    "import django; django.setup(); from config import serve; print(serve.where_mail_goes())"
)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("smtp+tls://me:pw@mail.example:587", "Mail goes out through mail.example"),
        ("filemail:////var/letters", "Mail is written to files in /var/letters"),
        ("consolemail://", "Mail goes out through django.core.mail.backends.console"),
    ],
)
def test_where_mail_goes_is_what_the_email_url_says(bare, url, said):
    answer = subprocess.run(
        [sys.executable, "-c", SAYING_WHERE],
        env=bare | {"EMAIL_URL": url},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert answer.stdout.startswith(said)
    assert "pw" not in answer.stdout
