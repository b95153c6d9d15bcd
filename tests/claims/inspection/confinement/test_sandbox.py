"""The limits of the child process, and the parent's reaction when the child misbehaves."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from claims.inspection import ChildFailed, FileProblem, InspectionError, Limits, inspect
from claims.inspection import orchestration as parent
from claims.inspection.confinement import landlock, sandbox
from claims.inspection.confinement.sandbox import run_confined
from claims.inspection.findings import COLOUR_TABLE, Findings
from tests.claims.inspection.children import (
    MEBIBYTE,
    REPORTING,
    UNCONFINED,
    changed,
    eventually,
    processes_in,
    run,
)
from tests.claims.inspection.conftest import Inspector
from tests.media import make_screenshot, make_video


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def connecting(listener: socket.socket) -> str:
    address = listener.getsockname()
    return (
        REPORTING
        + f"""
import socket
print(attempt(lambda: socket.create_connection({address!r}, timeout=2)))
"""
    )


# Elsewhere there is no such cut, and nothing to test of it; CI is Linux, and skips nothing.
@pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")
class TestCutOff:
    def test_child_opens_no_connection(self, into: Path, listener: socket.socket) -> None:
        assert run(connecting(listener), into).output == b"PermissionError\n"
        with pytest.raises(BlockingIOError):
            listener.accept()

    def test_child_would_connect_without_its_confinement(
        self, into: Path, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sandbox, "PREAMBLE", "import sys\n")
        assert run(connecting(listener), into).output == b"done\n"
        listener.accept()[0].close()

    @pytest.mark.parametrize("family", ["AF_UNIX", "AF_INET6", "AF_NETLINK"])
    def test_child_opens_no_socket_of_any_family(self, into: Path, family: str) -> None:
        work = REPORTING + f"import socket\nprint(attempt(lambda: socket.socket(socket.{family})))"
        assert run(work, into).output == b"PermissionError\n"

    @pytest.mark.parametrize(
        "action",
        [
            "os.fork()",
            "os.execv('/bin/true', ['true'])",
            "os.setsid()",
            "os.posix_spawn('/bin/true', ['true'], {})",
        ],
    )
    def test_child_starts_no_process(self, into: Path, action: str) -> None:
        work = REPORTING + f"import os\nprint(attempt(lambda: {action}))"
        assert run(work, into).output == b"PermissionError\n"

    @pytest.mark.parametrize(
        "refused", ["PR_SET_PDEATHSIG", "PR_SET_NO_NEW_PRIVS", "SECCOMP_MODE_FILTER"]
    )
    def test_nothing_is_decoded_when_the_kernel_refuses_the_confinement(
        self, inspected: Inspector, into: Path, monkeypatch: pytest.MonkeyPatch, refused: str
    ) -> None:
        """No kernel knows the number 9999."""
        monkeypatch.setattr(sandbox, "PREAMBLE", changed(f"restrictions.{refused} = 9999"))
        with pytest.raises(InspectionError, match="The kernel refuses prctl"):
            inspected(make_screenshot())
        assert not list(into.iterdir())
        assert run("print('not reached')", into).output == b""

    def test_a_machine_whose_system_calls_are_unknown_inspects_with_the_limits_alone(
        self, inspected: Inspector, into: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        elsewhere = changed("restrictions._machine = lambda: 'another'")
        monkeypatch.setattr(sandbox, "PREAMBLE", elsewhere)
        assert inspected(make_screenshot()).ok
        work = "import resource\nprint(resource.getrlimit(resource.RLIMIT_NOFILE))"
        assert run(work, into).output == b"(64, 64)\n"

    def test_child_may_start_threads(self, into: Path) -> None:
        work = (
            "import threading as t\nw = t.Thread(target=print, args=('hi',))\nw.start()\nw.join()"
        )
        assert run(work, into).output == b"hi\n"


def test_environment_does_not_reach_the_child(into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "not for the child")
    monkeypatch.setenv("PYTHONPATH", "/not/for/the/child")
    ending = run("import os\nprint(json.dumps([dict(os.environ), sys.path]))", into)
    environment, path = json.loads(ending.output)
    assert set(environment) <= {"LANG", "LC_CTYPE", "MALLOC_ARENA_MAX"}
    assert not {"/not/for/the/child", str(into), ""} & set(path)


def test_limits_are_in_force_and_cannot_be_raised(into: Path) -> None:
    names = ("CORE", "NOFILE", "FSIZE", "AS")
    work = f"""
import resource
print([resource.getrlimit(getattr(resource, "RLIMIT_" + name)) for name in {names}])
"""
    ending = run(work, into, limits=Limits(output_bytes=MEBIBYTE, memory_bytes=300 * MEBIBYTE))
    expected = [0, 64, MEBIBYTE, 300 * MEBIBYTE]
    assert ending.output.decode().strip() == str([(value, value) for value in expected])


def test_work_takes_long_and_is_killed_without_a_trace(inspected: Inspector, into: Path) -> None:
    data = make_video(seconds=10, fps=30, size=(480, 852), audio=False)
    report = inspected(data, wall_seconds=0.4)
    assert (report.ok, report.problem) == (False, FileProblem.TOOK_TOO_LONG)
    assert processes_in(into) == []
    assert not list(into.iterdir())


def test_child_that_sleeps_for_ever_is_killed(into: Path) -> None:
    ending = run("import time\ntime.sleep(60)", into, limits=Limits(wall_seconds=0.4))
    assert (ending.timed_out, ending.problem) == (True, FileProblem.TOOK_TOO_LONG)
    assert processes_in(into) == []


def test_child_that_computes_for_ever_is_stopped_by_the_system(into: Path) -> None:
    ending = run("while True: pass", into, limits=Limits(cpu_seconds=1))
    assert (ending.timed_out, ending.problem) == (False, FileProblem.TOOK_TOO_LONG)


def test_interrupted_parent_leaves_no_child(into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(sandbox, "_ends", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run("import time\ntime.sleep(60)", into)
    assert processes_in(into) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of this death")
def test_killed_parent_leaves_no_child(into: Path, project_root: Path) -> None:
    parents_work = f"""
from pathlib import Path
from claims.inspection import Limits
from claims.inspection.confinement.sandbox import run_confined
work = "print('ready', flush=True); import time; time.sleep(60)"
run_confined(work, source=open("/dev/null", "rb"), into=Path({str(into)!r}), limits=Limits())
"""
    worker = subprocess.Popen([sys.executable, "-c", parents_work], cwd=project_root)
    assert eventually(lambda: confined_in(into))
    worker.kill()
    worker.wait()
    assert eventually(lambda: not processes_in(into))


def confined_in(folder: Path) -> bool:
    """Return True if a process there has got past its confinement."""
    statuses = [Path("/proc", number, "status").read_text() for number in processes_in(folder)]
    return any("Seccomp:\t2" in status for status in statuses)


def test_picture_that_needs_too_much_memory_is_refused(inspected: Inspector) -> None:
    data = make_screenshot(size=(4000, 4000), file_format="jpeg")
    report = inspected(data, memory_bytes=120 * MEBIBYTE)
    assert report.problem is FileProblem.USED_TOO_MUCH


def test_rendition_that_grows_too_large_is_refused(inspected: Inspector, into: Path) -> None:
    report = inspected(make_video(), output_bytes=3000)
    assert report.problem is FileProblem.USED_TOO_MUCH
    assert not list(into.iterdir())


def test_child_that_prints_without_end_is_cut_short(into: Path) -> None:
    work = "while True: sys.stdout.write('x' * 65536)"
    ending = run(work, into, limits=Limits(output_bytes=MEBIBYTE))
    assert ending.problem is FileProblem.DAMAGED
    assert len(ending.output) == sandbox.ANSWER_BYTES + 1


WRITING = "open('picture.webp', 'wb').write(b'RIFF    WEBPVP8 ')\n"
ONE = {"picture.webp": [9, 9]}
TWO = ONE | {"thumbnail.webp": [9, 9]}
SMALL = "open('thumbnail.webp', 'wb').write(b'RIFF    WEBPVP8 '.ljust({size}))\n"


def saying(**differences: object) -> str:
    """Return code that gives a whole answer with these differences."""
    answer = asdict(Findings(width=9, height=9)) | {"renditions": ONE} | differences
    return f"print({json.dumps(answer)!r})"


LIES = {
    "crash": "import ctypes; ctypes.string_at(0)",
    "silence": "pass",
    "garbage": "print('[[[')",
    "other shape": "print('[]')",
    "deep nesting": "print('[' * 50000)",
    "no renditions": saying(renditions={}),
    "missing rendition": saying(),
    "foreign name": WRITING + saying(renditions={"../upload": [9, 9]}),
    "foreign bytes": "open('picture.webp', 'w').write('<script>')\n" + saying(),
    "large thumbnail": WRITING + SMALL.format(size=65537) + saying(renditions=TWO),
    "link": "import os; os.symlink('../upload', 'picture.webp')\n" + saying(),
    "pipe": "import os; os.mkfifo('picture.webp')\n" + saying(),
    "folder for a table": f"import os; os.mkdir({COLOUR_TABLE!r})\n" + saying(),
    "unknown problem": saying(problem="fine"),
    "infinite width": WRITING + saying(width=float("inf")),
    "endless duration": WRITING + saying(duration=float("inf")),
    "duration that is no number": WRITING + saying(duration=float("nan")),
    "duration below nothing": WRITING + saying(duration=-1.0),
    "markup for a codec": WRITING + saying(codec="<b>"),
    "text for a height": WRITING + saying(renditions={"picture.webp": [9, "<b>"]}),
}


def test_truth_is_believed(inspected: Inspector, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lies below fail because of the part that is untrue."""
    monkeypatch.setitem(parent.WORK, "screenshot", WRITING + saying())
    assert inspected(make_screenshot()).ok


def test_truth_about_a_thumbnail_is_believed(
    inspected: Inspector, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = WRITING + SMALL.format(size=65536) + saying(renditions=TWO)
    monkeypatch.setitem(parent.WORK, "screenshot", work)
    names = [made.name for made in inspected(make_screenshot()).renditions]
    assert names == ["picture.webp", "thumbnail.webp"]


@pytest.mark.parametrize("work", LIES.values(), ids=LIES)
def test_nothing_that_a_taken_over_child_says_is_believed(
    inspected: Inspector, into: Path, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    # With Landlock the child could make neither a link nor a pipe; not every kernel has it.
    monkeypatch.setattr(sandbox, "PREAMBLE", changed("landlock.version = lambda: 0"))
    monkeypatch.setitem(parent.WORK, "screenshot", work)
    report = inspected(make_screenshot(file_format="webp"))
    assert (report.ok, report.problem, report.renditions) == (False, FileProblem.DAMAGED, ())
    assert not list(into.iterdir())


def test_broken_installation_is_not_the_files_fault(
    inspected: Inspector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parent, "modules_of", lambda form: ("no_such_module",))
    with pytest.raises(InspectionError, match="no_such_module"):
        inspected(make_screenshot())


NO_ROOM = """
from claims.inspection.confinement import child
def render(source, limits, findings):
    raise OSError(28, "No space left on device")
child.answer(render)
"""


def test_full_disk_is_not_the_files_fault(
    inspected: Inspector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(parent.WORK, "screenshot", NO_ROOM)
    usage = type(shutil.disk_usage("/"))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(total=9, used=9, free=0))
    with pytest.raises(InspectionError, match="No space left"):
        inspected(make_screenshot())


@pytest.mark.skipif(not landlock.version(), reason="by Landlock it is made to take none")
def test_folder_that_takes_no_file_is_not_the_files_fault(
    inspected: Inspector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(parent.WORK, "screenshot", NO_ROOM)
    monkeypatch.setattr(sandbox, "PREAMBLE", changed("landlock.WORK = landlock.READ_FILE"))
    with pytest.raises(InspectionError, match="No space left"):
        inspected(make_screenshot())


@pytest.mark.parametrize("work", [NO_ROOM, "import os; os._exit(1)"], ids=["no room", "silence"])
def test_child_that_fails_where_another_works_is_not_excused(
    inspected: Inspector, into: Path, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    monkeypatch.setitem(parent.WORK, "screenshot", work)
    with pytest.raises(ChildFailed, match="exit 1"):
        inspected(make_screenshot())


def test_missing_upload_raises(tmp_path: Path, into: Path) -> None:
    with pytest.raises(FileNotFoundError):
        inspect(tmp_path / "gone", into)


@pytest.fixture
def playlist(tmp_path: Path, listener: socket.socket) -> Path:
    """Return an HLS playlist whose only piece is behind the listener."""
    path = tmp_path / "playlist.m3u8"
    address = "http://{}:{}/piece.ts".format(*listener.getsockname())
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{address}\n#EXT-X-ENDLIST\n")
    return path


@pytest.mark.parametrize("form", ["MP4", "WEBM"])
def test_playlist_that_passes_for_a_video_is_not_followed(
    into: Path,
    playlist: Path,
    listener: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
    form: str,
) -> None:
    """The lists of formats and protocols are enough: this child could open connections."""
    monkeypatch.setattr(sandbox, "PREAMBLE", UNCONFINED)
    work = f"""
from claims.inspection.confinement import child
from claims.inspection.videos import rendering
rendering.sniff = lambda head: rendering.Format.{form}
child.answer(rendering.render)
"""
    with playlist.open("rb") as source:
        ending = run_confined(work, source=source, into=into, limits=Limits())
    assert json.loads(ending.output)["problem"] == "damaged"
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_playlist_is_followed_by_a_reader_without_those_lists(
    into: Path, playlist: Path, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "PREAMBLE", UNCONFINED)
    run(f"import av\nav.open(open({str(playlist)!r}, 'rb'))", into, limits=Limits(wall_seconds=2))
    listener.accept()[0].close()
