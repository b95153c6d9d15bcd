import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError

from config.embedded_postgres import base
from tests.processes import PATIENCE, wait_until

User = subprocess.Popen[str]
USE_THE_SERVER = """
import sys
from pathlib import Path
from config.embedded_postgres import server
print(server.start(Path(sys.argv[1])).host, flush=True)
sys.stdin.readline()
"""
THIRTY_THREADS = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from config.embedded_postgres import server
ready = threading.Barrier(30)
def start(_):
    ready.wait()
    return server.start(Path(sys.argv[1]))
with ThreadPoolExecutor(30) as pool:
    print(len(set(pool.map(start, range(30)))))
"""

pytestmark = pytest.mark.xdist_group("embedded postgres")


@pytest.fixture(scope="module")
def folder(data_dir: Path) -> Path:
    return data_dir / "postgres"


@pytest.fixture
def use(folder: Path, bare: dict[str, str]) -> Iterator[Callable[[], User]]:
    """Return a function that starts a process; it uses the server until it gets a line on stdin."""
    with ExitStack() as users:

        def start() -> User:
            command = [sys.executable, "-c", USE_THE_SERVER, str(folder)]
            user = users.enter_context(
                subprocess.Popen(
                    command,
                    env=bare,
                    cwd=settings.BASE_DIR,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            users.callback(user.kill)
            assert user.stdout
            assert user.stdout.readline()
            return user

        yield start


def leave(user: User) -> None:
    user.communicate("\n", timeout=PATIENCE)
    assert user.returncode == 0


def postmaster(folder: Path) -> int:
    """Return the server's process id, 0 when it doesn't run."""
    try:
        return int((folder / "postmaster.pid").read_text().splitlines()[0])
    except FileNotFoundError:
        return 0


def is_alive(pid: int) -> bool:
    ps = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False)
    return bool(ps.stdout.strip()) and not ps.stdout.strip().startswith(b"Z")


def wait_until_it_ends(pid: int) -> None:
    wait_until(lambda: not is_alive(pid))


def test_two_processes_share_a_server_and_the_last_one_stops_it(use, folder):
    first = use()
    server = postmaster(folder)
    second = use()
    assert postmaster(folder) == server

    leave(first)
    assert is_alive(server)

    leave(second)
    wait_until_it_ends(server)
    assert postmaster(folder) == 0


def test_the_first_requests_of_a_web_server_may_come_all_at_once(folder, bare):
    asked = subprocess.run(
        [sys.executable, "-c", THIRTY_THREADS, str(folder)],
        env=bare,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (asked.returncode, asked.stdout.strip()) == (0, "1"), asked.stderr


def test_a_process_that_was_killed_does_not_keep_the_server_alive(use, folder):
    killed = use()
    other = use()
    server = postmaster(folder)

    killed.kill()
    killed.wait()
    assert is_alive(server)

    leave(other)
    wait_until_it_ends(server)


def test_a_server_whose_only_user_was_killed_is_used_and_stopped_by_the_next(use, folder):
    killed = use()
    server = postmaster(folder)
    killed.kill()
    killed.wait()
    assert is_alive(server)

    following = use()
    assert postmaster(folder) == server

    leave(following)
    wait_until_it_ends(server)


def test_a_folder_that_cannot_hold_a_database_is_a_database_error(tmp_path):
    occupied = tmp_path / "postgres"
    occupied.write_text("not a folder")
    wrapper = base.DatabaseWrapper({"NAME": "postgres", "HOST": str(occupied)})

    with pytest.raises(OperationalError, match="the embedded PostgreSQL doesn't start on"):
        wrapper.get_connection_params()
