import pytest

from claims.inspection import FileProblem, Limits
from claims.wording.file_problems import file_problem


@pytest.mark.parametrize("problem", FileProblem)
def test_every_problem_tells_the_customer_what_to_do(problem: FileProblem) -> None:
    message = file_problem(problem, Limits())
    assert "{" not in message
    assert any(verb in message for verb in ("Send", "send", "Choose", "Record"))


def test_message_names_the_limits_in_force() -> None:
    assert file_problem(FileProblem.TOO_LONG, Limits(max_duration=30)) == (
        "This video is longer than 30 s. Send one between 1 s and 30 s long."
    )
