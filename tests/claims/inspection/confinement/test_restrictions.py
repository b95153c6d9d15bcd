"""The things that a child taken over by hostile bytes can't do, and could do without the guards."""

import json
import os
import sys
from pathlib import Path

import pytest

from claims.inspection import FileProblem, Format, Limits, orchestration
from claims.inspection.confinement import landlock, sandbox, seccomp
from claims.inspection.confinement.sandbox import run_confined
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

# Only Linux has seccomp and Landlock. Where the kernel lacks one of the two, there is nothing to
# test of it. The suite's machines have both, and skip nothing.
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the cut needs Linux")

WITHOUT_LANDLOCK = changed("landlock.version = lambda: 0")
WITHOUT_FILTER = changed("restrictions._refuse_system_calls = lambda: None")
WITHOUT_BOTH = changed(
    "landlock.version = lambda: 0; restrictions._refuse_system_calls = lambda: None"
)

FILES = {
    "a secret beside": "open('../secret').read()",
    "a link to it": "open('link').read()",
    "the folder around": "os.listdir('..')",
    "the settings": "open({root!r} + '/config/settings.py').read()",
    "its caller's environment": "open(f'/proc/{{os.getppid()}}/environ', 'rb').read()",
    "its own": "open('/proc/self/environ', 'rb').read()",
    "the system's users": "open('/etc/passwd').read()",
    "a new file outside": "open('../new', 'w')",
    "shared memory": "open('/dev/shm/a-child-was-here', 'w').close()",
    "a file cut short": "os.truncate('../secret', 0)",
    "a new folder": "os.mkdir('inner')",
    "a socket's path": "os.mknod('socket', 0o140600)",
}


@pytest.fixture
def secret(tmp_path: Path, into: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("the key of everything")
    (into / "link").symlink_to(path)
    return path


def attempt(action: str, into: Path) -> str:
    work = REPORTING + f"print(attempt(lambda: {action}))"
    return run(work, into).output.decode().strip()


@pytest.fixture
def _clean_shared_memory() -> object:
    yield
    Path("/dev/shm/a-child-was-here").unlink(missing_ok=True)


@pytest.mark.usefixtures("_clean_shared_memory")
@pytest.mark.parametrize("action", FILES.values(), ids=FILES)
class TestFiles:
    def test_child_opens_nothing_outside_its_folder(
        self, into: Path, secret: Path, project_root: Path, action: str
    ) -> None:
        expected = "PermissionError" if landlock.version() else "done"
        assert attempt(action.format(root=str(project_root)), into) == expected

    def test_child_would_open_it_without_landlock(
        self,
        into: Path,
        secret: Path,
        project_root: Path,
        monkeypatch: pytest.MonkeyPatch,
        action: str,
    ) -> None:
        monkeypatch.setattr(sandbox, "PREAMBLE", WITHOUT_LANDLOCK)
        assert attempt(action.format(root=str(project_root)), into) == "done"


@pytest.mark.parametrize("make", [make_screenshot, make_video])
@pytest.mark.parametrize("without", [WITHOUT_LANDLOCK, WITHOUT_FILTER, WITHOUT_BOTH])
def test_a_system_that_has_only_some_of_it_inspects_with_the_rest(
    inspected: Inspector, monkeypatch: pytest.MonkeyPatch, make: object, without: str
) -> None:
    monkeypatch.setattr(sandbox, "PREAMBLE", without)
    assert callable(make)
    assert inspected(make()).ok


# Without Landlock the child inspects with the rest, which the test above shows everywhere.
@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock to refuse")
def test_nothing_is_decoded_when_the_kernel_refuses_landlock(
    into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "PREAMBLE", changed("landlock.RESTRICT_SELF = 9999"))
    ending = run("print('not reached')", into)
    assert (ending.returncode, ending.output) == (1, b"")
    assert "The kernel refuses Landlock" in ending.log


OWN_LIMITS = "(resource.RLIM_INFINITY, resource.RLIM_INFINITY)"
DEEDS = {
    "a signal to its caller": "os.kill(os.getppid(), 0)",
    "a signal to a thread of its caller": "call(TGKILL, os.getppid(), os.getppid(), 0)",
    "a signal by a descriptor": "os.pidfd_open(os.getppid())",
    "signals on behalf of a file": "fcntl.fcntl(1, fcntl.F_SETOWN, os.getppid())",
    "its caller's limits": "resource.prlimit(os.getppid(), resource.RLIMIT_CORE)",
    "limits of its own": "resource.prlimit(0, resource.RLIMIT_NOFILE, (60, 60))",
    "its caller's pace": "os.setpriority(0, os.getppid(), os.getpriority(0, os.getppid()))",
    "outliving its caller": "call(PRCTL, 1, 0)",
    "memory that is a file": "os.memfd_create('hidden')",
    "other rights": "os.chmod('../secret', 0o644)",
    "another time": "os.utime('../secret', (0, 0))",
    "a file gone": "os.unlink('link')",
    "a file renamed": "os.rename('link', 'other')",
}


def do(action: str, into: Path) -> str:
    numbers = {"TGKILL": "tgkill", "PRCTL": "prctl"}
    column = seccomp.MACHINES[os.uname().machine][1]
    known = {name: calls[column] for name, calls, *_ in seccomp.BY_ARGUMENT}
    head = "import fcntl, resource\n"
    head += "".join(f"{name} = {known[call]}\n" for name, call in numbers.items())
    work = REPORTING + head + f"print(attempt(lambda: {action}))"
    return run(work, into).output.decode().strip()


# The filter names system calls by number, and knows the numbers of two machines.
@pytest.mark.skipif(
    os.uname().machine not in seccomp.MACHINES, reason="its system calls aren't known"
)
class TestSystemCalls:
    @pytest.mark.parametrize("action", DEEDS.values(), ids=DEEDS)
    def test_child_does_nothing_to_others_and_to_its_limits(
        self, into: Path, secret: Path, action: str
    ) -> None:
        assert do(action, into) == "PermissionError"

    @pytest.mark.parametrize("action", DEEDS.values(), ids=DEEDS)
    def test_child_would_do_it_without_its_filter(
        self, into: Path, secret: Path, monkeypatch: pytest.MonkeyPatch, action: str
    ) -> None:
        monkeypatch.setattr(sandbox, "PREAMBLE", WITHOUT_BOTH)
        assert do(action, into) == "done"

    def test_every_call_on_the_list_is_refused(self, into: Path) -> None:
        column = seccomp.MACHINES[os.uname().machine][1]
        listed = {
            name: numbers[column]
            for name, numbers in seccomp.REFUSED.items()
            if numbers[column] is not None
        }
        work = f"""
allowed = []
for name, number in {listed}.items():
    if attempt(lambda: call(number, -1, -1, -1, -1, -1, -1)) != "PermissionError":
        allowed.append(name)
print(json.dumps(allowed))
"""
        assert json.loads(run(REPORTING + work, into).output) == []

    def test_child_makes_no_file_without_a_name(self, into: Path) -> None:
        assert attempt("os.open('.', os.O_TMPFILE | os.O_RDWR)", into) == "PermissionError"

    @pytest.mark.parametrize(
        ("end", "code"),
        [
            ("os.abort()", -6),
            ("os.kill(os.getpid(), 8)", -8),
            ("__import__('signal').raise_signal(11)", -11),
        ],
    )
    def test_child_may_still_end_itself(self, into: Path, end: str, code: int) -> None:
        ending = run(f"import os\n{end}", into)
        assert (ending.returncode, ending.problem) == (code, FileProblem.DAMAGED)


def verdict(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """Return the filter's verdict, by reading its program as the kernel does."""
    program = seccomp.instructions_for(machine)
    data = {0: number, 4: architecture or seccomp.MACHINES[machine][0]}
    for at, argument in enumerate(arguments):
        data |= {16 + 8 * at: argument & 0xFFFFFFFF, 20 + 8 * at: argument >> 32 & 0xFFFFFFFF}
    at = value = 0
    while True:
        code, if_true, if_false, operand = program[at]
        at += 1
        if code == seccomp.RETURN:
            return operand
        if code == seccomp.LOAD:
            value = data.get(operand, 0)
            continue
        true = {
            seccomp.JUMP_IF_EQUAL: value == operand,
            seccomp.JUMP_IF_AT_LEAST: value >= operand,
            seccomp.JUMP_IF_BIT: bool(value & operand),
        }[code]
        at += if_true if true else if_false


@pytest.mark.parametrize("machine", seccomp.MACHINES)
class TestFilter:
    def number(self, machine: str, name: str) -> int:
        listed = seccomp.REFUSED | {name: calls for name, calls, *_ in seccomp.BY_ARGUMENT}
        number = listed[name][seccomp.MACHINES[machine][1]]
        assert number is not None
        return number

    def test_refuses_what_is_listed_and_nothing_else(self, machine: str) -> None:
        column = seccomp.MACHINES[machine][1]
        refused = {calls[column] for calls in seccomp.REFUSED.values()} - {None}
        judged = {calls[column] for _, calls, *_ in seccomp.BY_ARGUMENT}
        for number in set(range(500)) - judged - {435, 437}:
            expected = seccomp.FAIL_EPERM if number in refused else seccomp.ALLOW
            assert verdict(machine, number) == expected
        assert verdict(machine, 435) == verdict(machine, 437) == seccomp.FAIL_ENOSYS

    def test_kills_who_speaks_another_machines_language(self, machine: str) -> None:
        assert verdict(machine, 0, architecture=0x40000003) == seccomp.KILL

    def test_refuses_numbers_of_the_x32_kind(self, machine: str) -> None:
        number = self.number(machine, "socket")
        assert verdict(machine, 0x40000000 + number) == seccomp.FAIL_EPERM

    @pytest.mark.parametrize(
        ("name", "arguments", "allowed"),
        [
            ("clone", (0x00010000,), True),
            ("clone", (17,), False),
            ("kill", (os.getpid(), 6), True),
            ("kill", (1, 6), False),
            ("kill", (0, 6), False),
            ("kill", (-1, 6), False),
            ("tgkill", (os.getpid(), 1, 6), True),
            ("tgkill", (1, 1, 6), False),
            ("prlimit64", (0, 7, 0, 1), True),
            ("prlimit64", (1, 7, 0, 1), False),
            ("prlimit64", (0, 7, 1, 0), False),
            ("prlimit64", (0, 7, 1 << 40, 0), False),
            ("prctl", (15, 1), True),
            ("prctl", (1, 0), False),
            ("fcntl", (1, 2, 1), True),
            ("fcntl", (1, 8, 1), False),
            ("fcntl", (1, 15, 1), False),
            ("openat", (1, 1, os.O_CREAT | os.O_RDWR), True),
            ("openat", (1, 1, os.O_TMPFILE | os.O_RDWR), False),
        ],
    )
    def test_judges_by_the_argument(
        self, machine: str, name: str, arguments: tuple[int, ...], allowed: bool
    ) -> None:
        expected = seccomp.ALLOW if allowed else seccomp.FAIL_EPERM
        assert verdict(machine, self.number(machine, name), *arguments) == expected


class TestAmounts:
    @pytest.fixture(autouse=True)
    def _often(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sandbox, "CHECK_EVERY", 0.02)

    # Each makes too much at once, and then stays so that it can be found.
    EXCESSES = {
        "bytes": "for at in range(8): open(str(at), 'wb').write(bytes(1 << 20))",
        "files": "for at in range(30): open(str(at), 'wb')",
        "threads": "import threading\nfor at in range(30):"
        " threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
    }
    TIGHT = Limits(folder_bytes=6 * MEBIBYTE, folder_files=20, threads=20)

    @pytest.mark.parametrize("excess", EXCESSES.values(), ids=EXCESSES)
    def test_child_that_takes_too_much_is_killed(self, into: Path, excess: str) -> None:
        ending = run(f"import time\n{excess}\ntime.sleep(60)", into, limits=self.TIGHT)
        assert (ending.timed_out, ending.problem) == (False, FileProblem.USED_TOO_MUCH)
        assert processes_in(into) == []

    @pytest.mark.parametrize("excess", EXCESSES.values(), ids=EXCESSES)
    def test_within_its_limits_it_lives(self, into: Path, excess: str) -> None:
        work = f"import os, time\n{excess}\ntime.sleep(0.2)\nprint('done', flush=True)\nos._exit(0)"
        roomy = Limits(folder_bytes=10 * MEBIBYTE, folder_files=40, threads=40)
        assert run(work, into, limits=roomy).output == b"done\n"

    def test_what_it_leaves_under_other_names_goes(
        self, inspected: Inspector, into: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        work = "import os\nopen('other', 'w')\nos.mkdir('inner')\nopen('inner/third', 'w')"
        monkeypatch.setattr(sandbox, "PREAMBLE", WITHOUT_LANDLOCK)
        monkeypatch.setitem(orchestration.WORK, "screenshot", work)
        assert inspected(make_screenshot()).problem is FileProblem.DAMAGED
        assert not list(into.iterdir())


class _SeenEnough(Exception):
    pass


def test_child_goes_before_its_worker_when_memory_runs_out(
    into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "LOOK_EVERY", 0.02)
    scores = []

    def look(_: int) -> None:
        (number,) = processes_in(into)
        scores.append(Path("/proc", number, "oom_score_adj").read_text())
        raise _SeenEnough

    work = "import os, time\nos.write(1, b'5\\n')\ntime.sleep(60)"
    with Path(os.devnull).open("rb") as nothing, pytest.raises(_SeenEnough):
        run_confined(work, source=nothing, into=into, limits=Limits(), on_progress=look)
    assert scores == ["1000\n"]
    assert processes_in(into) == []


def test_what_a_child_could_start_is_killed_with_it(
    into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "PREAMBLE", WITHOUT_FILTER)
    work = "import os, time\nif os.fork(): {}\ntime.sleep(60)"
    for end, seconds, timed_out in (("time.sleep(600)", 1, True), ("os._exit(0)", 300, False)):
        ending = run(work.format(end), into, limits=Limits(wall_seconds=seconds))
        assert ending.timed_out is timed_out
        assert eventually(lambda: processes_in(into) == [])


@pytest.mark.parametrize("form", Format)
def test_importing_starts_no_thread_that_would_stay_unconfined(
    into: Path, monkeypatch: pytest.MonkeyPatch, form: Format
) -> None:
    monkeypatch.setattr(sandbox, "PREAMBLE", UNCONFINED)
    work = "import os\nprint(len(os.listdir('/proc/self/task')))"
    modules = orchestration.modules_of(form)
    with Path(os.devnull).open("rb") as nothing:
        ending = run_confined(work, source=nothing, into=into, limits=Limits(), modules=modules)
    assert ending.output == b"1\n"


def test_small_picture_pays_for_no_library_that_it_does_not_need(
    tmp_path: Path, into: Path
) -> None:
    """A child's start is most of the cost of a screenshot, see docs/adr/0016."""
    upload = tmp_path / "upload"
    upload.write_bytes(make_screenshot())
    work = """
from claims.inspection.confinement import child
from claims.inspection.pictures import rendering
def render(*arguments):
    rendering.render(*arguments)
    print(json.dumps(list(sys.modules)), flush=True)
child.answer(render)
"""
    modules = orchestration.modules_of(Format.PNG)
    with upload.open("rb") as source:
        ending = run_confined(work, source=source, into=into, limits=Limits(), modules=modules)
    imported = set(json.loads(ending.output.splitlines()[0]))
    assert "PIL.PngImagePlugin" in imported
    needless = {"av", "pillow_heif", "PIL.GifImagePlugin", "PIL.JpegImagePlugin", "site"}
    assert not imported & (needless | {"subprocess", "tempfile", "hashlib", "django"})
