"""Whether a machine without a browser may leave the browser tests out."""

import os
import subprocess
import sys
from pathlib import Path

ONE_TEST = "tests/browser/test_main_job.py::test_the_export_comes_as_a_file"


def run_without_a_browser(project: Path, folder: Path, ci: str) -> str:
    """What pytest says of one browser test, on a machine that has nothing: no database either."""
    hidden = {"CHROMIUM", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST"}
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    nothing = {
        "CI": ci,
        "PATH": str(folder),
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
            ONE_TEST,
        ],
        env=kept | nothing,
        cwd=project,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.stderr == ""
    return answer.stdout


def test_continuous_integration_fails_without_a_chromium(project_root, tmp_path):
    said = run_without_a_browser(project_root, tmp_path, ci="true")
    assert "No Chromium was found. Install one, or name it in CHROMIUM." in said
    assert "1 error in" in said


def test_another_machine_leaves_the_browser_tests_out(project_root, tmp_path):
    said = run_without_a_browser(project_root, tmp_path, ci="")
    assert "No Chromium was found; CHROMIUM can name one." in said
    assert "1 skipped in" in said
