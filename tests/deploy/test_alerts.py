"""The alert rules: Prometheus's own promtool reads and plays them."""

import os
import re
import shutil
import subprocess

import pytest
from django.test import Client

from claims.models import JobCount

EXPRESSION = re.compile(r"expr: .*?\n(?=        (for|labels):)", re.DOTALL)
PROMTOOL = os.environ.get("PROMTOOL", "promtool")


@pytest.fixture(scope="module")
def promtool():
    """Return a function that runs promtool and returns its code and output."""
    if shutil.which(PROMTOOL) is None:
        if os.environ.get("CI") == "true":
            pytest.fail("No promtool was found. Install one (Debian: prometheus).")
        pytest.skip("No promtool was found; PROMTOOL can name one.")

    def run(*arguments):
        answer = subprocess.run(
            [PROMTOOL, *map(str, arguments)], capture_output=True, text=True, check=False
        )
        return answer.returncode, answer.stdout + answer.stderr

    return run


@pytest.fixture(scope="module")
def rules(project_root):
    return (project_root / "deploy/alerts/claims.yml").read_text()


def play(promtool, folder, project_root, rules):
    """Play the tests of the rules on these rules."""
    (folder / "rules.yml").write_text(rules)
    tests = (project_root / "tests/deploy/claims_test.yml").read_text()
    (folder / "test.yml").write_text(tests.replace("RULES", "rules.yml"))
    return promtool("test", "rules", folder / "test.yml")


def test_promtool_reads_the_rules(promtool, project_root):
    code, said = promtool("check", "rules", project_root / "deploy/alerts/claims.yml")
    assert code == 0, said


def test_each_alert_fires_in_time_and_none_for_a_well_portal(
    promtool, tmp_path, project_root, rules
):
    code, said = play(promtool, tmp_path, project_root, rules)
    assert code == 0, said


def alerts(rules):
    return re.findall(r"- alert: (\w+)", rules)


def test_a_rule_that_never_fires_or_always_does_is_noticed(promtool, tmp_path, project_root, rules):
    parts = re.split(r"(?=      - alert: )", rules)
    for number, part in enumerate(parts[1:], 1):
        for instead in ("vector(0) > 1", 'label_replace(vector(1), "of", "x", "", "")'):
            mutant = EXPRESSION.sub(f"expr: '{instead}'\n", part)
            assert mutant != part
            changed = "".join([*parts[:number], mutant, *parts[number + 1 :]])
            code, _said = play(promtool, tmp_path, project_root, changed)
            assert code != 0, mutant


def test_each_alert_names_figures_that_the_page_has(rules, ann):
    JobCount.objects.create(
        task="t", queue="q", outcome="failed", bucket="0.5", count=1, seconds=0.1
    )
    Client().get("/policy/")
    text = Client().get("/metrics").content.decode()

    named = set(re.findall(r"claims_[a-z_]+", rules)) - {"claims_inspect"}
    # These two appear once somebody is refused, or money goes back, and in a server with a pool.
    later = {"claims_limits_hit_total", "claims_returns_total", "claims_pool"}
    assert {name for name in named - later if f"\n{name}" not in text} == set()


def test_the_manual_says_of_each_alert_and_figure_what_to_do(rules, ann, project_root):
    manual = (project_root / "docs/operations.md").read_text()
    figures = re.findall(r"# TYPE (\w+) ", Client().get("/metrics").content.decode())
    figures = {name.removesuffix("_created") for name in figures}

    assert len(figures) > 12
    assert {name for name in figures if f"`{name}`" not in manual} == set()
    assert {name for name in alerts(rules) if f"`{name}`" not in manual} == set()
