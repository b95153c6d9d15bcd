"""The real web server answers a body that the portal doesn't read."""

import httpx

from tests.claims.api.signed import ADDRESS, SECRET
from tests.processes import web


def test_a_large_body_is_answered_and_the_connection_goes_on(real_commits, tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_WEBHOOK_SECRETS", SECRET)
    with web(tmp_path) as server, httpx.Client(base_url=server.url) as program:
        answers = [program.post(ADDRESS, content=b"x" * 2_700_000) for _ in range(3)]
        small = program.post(ADDRESS, content=b"{}")

    for answer in answers:
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
    assert small.status_code == 401
