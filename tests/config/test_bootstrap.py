"""The messages of `make` on a machine that lacks a requirement, before an environment exists."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.processes import PATIENCE

MAKE = shutil.which("make") or "make"


class Machine:
    """A checkout, and the only folder in which its programs are found."""

    def __init__(self, folder: Path) -> None:
        self.checkout, self.programs = folder / "checkout", folder / "programs"
        self.checkout.mkdir()
        self.programs.mkdir()
        shutil.copy(settings.BASE_DIR / "Makefile", self.checkout)
        for name in ("pyproject.toml", "uv.lock"):
            (self.checkout / name).touch()

    def has_python(self, name: str, change: str) -> None:
        """Add a Python of that name: this one with the change."""
        program = self.programs / name
        script = f"import sys; {change}; exec(sys.argv[1])"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{script}" "$2"\n')
        program.chmod(0o755)

    def errors(self) -> list[str]:
        """Return the output of a `make run` that fails, without make's own last line."""
        answer = subprocess.run(
            [MAKE, "run"],
            cwd=self.checkout,
            env={"PATH": str(self.programs)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert answer.returncode == 2
        assert answer.stdout == ""
        assert not (self.checkout / ".venv").exists()
        return [line for line in answer.stderr.splitlines() if not line.startswith("make: ***")]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_no_python_is_one_line_that_says_what_to_do(machine):
    (line,) = machine.errors()
    assert line.startswith("error: no Python 3.11 or newer is found; install one")


def test_a_python_that_is_too_old_counts_as_none(machine):
    machine.has_python("python3", "sys.version_info = (3, 10, 14)")
    (line,) = machine.errors()
    assert line.startswith("error: no Python 3.11 or newer is found; install one")


def test_a_python_without_its_venv_module_is_one_line_that_names_the_package(machine):
    machine.has_python("python3", "sys.version_info = (3, 10, 14)")
    machine.has_python("python3.12", "sys.modules['ensurepip'] = None")
    (line,) = machine.errors()
    assert line == (
        "error: python3.12 lacks its venv module; on Debian and Ubuntu: "
        "apt-get install python3-venv"
    )
