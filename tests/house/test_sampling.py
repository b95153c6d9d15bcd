"""A run plays a sample of the exhaustive tests, and prints its seed."""

import os
import subprocess
import sys

import pytest

from tests import sampling
from tests.processes import PATIENCE

POINTS = range(1, 61)


@pytest.fixture(autouse=True)
def one_part(monkeypatch):
    monkeypatch.delenv("SAMPLE", raising=False)
    monkeypatch.setenv(sampling.SEED, "7")


def test_a_third_is_drawn_with_the_first_and_the_last_in_their_order():
    drawn = sampling.sample(POINTS, of="filing")

    assert (drawn[0], drawn[-1], len(drawn)) == (1, 60, 21)
    assert drawn == sorted(set(drawn))


def test_the_same_seed_draws_the_same_and_another_seed_another_part(monkeypatch):
    drawn = sampling.sample(POINTS, of="filing")
    assert sampling.sample(POINTS, of="filing") == drawn
    assert sampling.sample(POINTS, of="approving") != drawn

    monkeypatch.setenv(sampling.SEED, "8")

    assert sampling.sample(POINTS, of="filing") != drawn


def test_at_night_everything_is_played(monkeypatch):
    monkeypatch.setenv("SAMPLE", "all")

    assert sampling.sample(POINTS, of="filing") == list(POINTS)
    assert sampling.load(2_000) == 2_000


@pytest.mark.patient
@pytest.mark.parametrize(
    ("sample", "said"),
    [("", "23/27 tests collected (4 deselected)"), ("all", "27 tests collected")],
)
def test_of_sampled_tests_a_share_runs_and_the_seed_is_printed(project_root, sample, said):
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider"]
    answer = subprocess.run(
        [*command, "tests/claims/portal/uploads/test_malformed_uploads.py"], cwd=project_root,
        env=os.environ | {"SAMPLE": sample, "PYTEST_ADDOPTS": ""},
        capture_output=True, text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip

    assert said in answer.stdout
    assert sample == "all" or "sampled with SAMPLE_SEED=7 " in answer.stdout
