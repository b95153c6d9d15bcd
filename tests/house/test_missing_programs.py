"""Only machines that aren't for testing may skip tests because a program is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import PATIENCE

ONE_TEST = {
    "Chromium": "tests/browser/test_main_job.py::test_the_export_comes_as_a_file",
    "clamd": "tests/claims/inspection/test_malware.py::test_a_screenshot_is_clean",
    "gettext": "tests/config/test_messages.py::test_all_messages_are_there",
    "promtool": "tests/deploy/test_alerts.py::test_promtool_reads_the_rules",
}
LEFT_OUT = {
    "Chromium": "No Chromium was found; CHROMIUM can name one.",
    "clamd": "No clamd was found; CLAMD can name one.",
    "gettext": "No gettext was found; Debian has it as gettext.",
    "promtool": "No promtool was found; PROMTOOL can name one.",
}

pytestmark = pytest.mark.patient


def run_without(program: str, project: Path, folder: Path, ci: str) -> str:
    """Return pytest's output on one test, on a machine without programs and without a database."""
    hidden = {"CHROMIUM", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST"}
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    nothing = {
        "CI": ci,
        "PATH": str(folder),
        "CLAMD": "a-program-that-nobody-has",
        "DATA_DIR": str(folder / "data"),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    }
    answer = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            ONE_TEST[program],
        ],
        env=kept | nothing,
        cwd=project,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert answer.stderr == ""
    return answer.stdout


@pytest.mark.parametrize("program", ONE_TEST)
def test_continuous_integration_fails_without_a_program(program, project_root, tmp_path):
    said = run_without(program, project_root, tmp_path, ci="true")
    assert f"No {program} was found. Install one" in said
    assert "1 error in" in said


@pytest.mark.parametrize("program", ONE_TEST)
def test_another_machine_leaves_its_tests_out(program, project_root, tmp_path):
    said = run_without(program, project_root, tmp_path, ci="")
    assert LEFT_OUT[program] in said
    assert "1 skipped in" in said
