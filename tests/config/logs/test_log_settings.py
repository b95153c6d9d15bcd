"""The settings of the log and of the page of metrics."""

import pytest

from tests.config.test_settings import read, refusal


def test_production_logs_json_and_the_demo_lines(bare, production):
    assert read(bare, "LOG_FORMAT") == {"LOG_FORMAT": "lines"}
    assert read(bare | {"LOG_FORMAT": "json"}, "LOG_FORMAT") == {"LOG_FORMAT": "json"}
    assert read(production, "LOG_FORMAT") == {"LOG_FORMAT": "json"}


def test_lines_with_whole_messages_are_refused_in_production(production):
    assert refusal(production | {"LOG_FORMAT": "lines"}) == (
        "DEBUG is false: LOG_FORMAT must be json."
    )


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LOG_FORMAT", "xml", "LOG_FORMAT must be json or lines."),
        ("METRICS_TOKEN", "x" * 31, "METRICS_TOKEN must have 32 characters or more."),
        (
            "SLOW_QUERY_MS",
            "0",
            "SLOW_QUERY_MS must be a number of milliseconds from 1 to 600000.",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(bare, name, value, said):
    assert refusal(bare | {name: value}) == said
