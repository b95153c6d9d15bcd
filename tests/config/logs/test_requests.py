"""The lines of requests, their ids, and security events."""

import json
import logging
import re
from contextlib import suppress

import httpx
import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.http import HttpResponse
from django.urls import reverse
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts import tokens
from accounts.log_context import logging_about
from accounts.models import ApiToken, User
from claims.models import ApprovalLimit
from config.logs.requests import RequestLogMiddleware
from tests.makers import make_claim, make_order
from tests.processes import free_port, running, wait_until, web, worker

ID = re.compile(r"[0-9a-f]{32}")


def test_a_request_has_a_line_and_an_id_that_its_answer_tells(logged, client, ann):
    claim = make_claim(make_order(ann))
    client.force_login(ann)

    answer = client.get(reverse("portal:claim", args=[claim.code]))

    (line,) = logged(message="Request")
    assert ID.fullmatch(line["request_id"])
    assert answer["X-Request-ID"] == line["request_id"]
    assert {name: line[name] for name in ("view", "method", "status", "user_id", "claim")} == {
        "view": "portal:claim", "method": "GET", "status": 200, "user_id": ann.pk,
        "claim": claim.code,
    }  # fmt: skip


def test_another_request_has_another_id(logged, client, db):
    first, second = (client.get("/policy/")["X-Request-ID"] for _ in range(2))
    assert first != second


GIVEN = "0123456789-From-The-Proxy"


@pytest.mark.parametrize(
    ("behind", "given", "is_kept"),
    [
        (True, GIVEN, True),
        (False, GIVEN, False),
        (True, "short", False),
        (True, "x" * 65, False),
        (True, "ann@example.com", False),
        (True, 'a","level":"INFO', False),
    ],
)
def test_only_a_trusted_proxy_names_a_request_and_only_plainly(
    client, settings, db, behind, given, is_kept
):
    settings.BEHIND_PROXY = behind

    answer = client.get("/policy/", headers={"X-Request-ID": given})

    assert (answer["X-Request-ID"] == given) is is_kept


def test_a_slow_request_is_a_warning(logged, client, settings, db):
    settings.SLOW_REQUEST_MS = 0
    client.get("/policy/")
    (line,) = logged(message="Slow request")
    assert (line["level"], line["view"]) == ("WARNING", "portal:policy")


def test_the_desk_names_the_claim_by_its_number(logged, client, sue, ann):
    claim = make_claim(make_order(ann))
    client.force_login(sue)
    client.get(reverse("admin:claims_claim_review", args=[claim.pk]))
    assert logged(message="Request")[-1]["claim_id"] == claim.pk


def test_an_error_is_told_with_its_place_and_without_the_address(logged, client, ann, monkeypatch):
    client.raise_request_exception = False
    client.force_login(ann)
    monkeypatch.setattr("claims.portal.orders.order_views.render", lambda *_: 1 / 0)

    answer = client.get("/orders/?q=my-secret-words")

    (line,) = [one for one in logged.lines if "error" in one]
    assert answer.status_code == 500
    assert line["request_id"] == answer["X-Request-ID"]
    assert line["error"][0]["type"] == "builtins.ZeroDivisionError"
    assert "my-secret-words" not in logged.text()


# Security events.


def events(logged):
    return [line["event"] for line in logged.lines if line["logger"] == "security"]


def test_a_wrong_password_is_a_failed_sign_in_without_the_address(logged, client, ann):
    client.post(reverse("account_login"), {"login": ann.email, "password": "Not-my-Password"})

    assert events(logged) == ["sign_in_failed"]
    assert ann.email not in logged.text()
    assert "Not-my-Password" not in logged.text()


def test_a_wrong_code_is_a_failed_sign_in(logged, client, ann):
    client.post(reverse("account_request_login_code"), {"email": ann.email})
    client.post(reverse("account_confirm_login_code"), {"code": "WRONG1"})

    assert "sign_in_failed" in events(logged)
    assert "WRONG1" not in logged.text()


def test_a_page_that_is_refused_names_the_view_and_the_person(logged, client, ann):
    client.force_login(ann)
    client.get(reverse("admin:claims_claim_changelist"), follow=True)

    (line,) = logged(event="refused")
    assert (line["view"], line["user_id"], line["level"]) == (
        "admin:login", ann.pk, "WARNING",
    )  # fmt: skip


def test_a_program_with_a_wrong_token_is_refused(logged, client, db):
    secret = "esimpy_" + "a1" * 20
    answer = client.get("/api/v1/orders", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401
    assert events(logged) == ["refused"]
    assert secret not in logged.text()


def test_an_export_is_an_event(logged, client, rita):
    client.force_login(rita)
    answer = client.get(reverse("admin:claims_claim_export"))
    b"".join(answer.streaming_content)
    (line,) = logged(event="exported")
    assert line["user_id"] == rita.pk


def test_a_changed_setting_names_who_and_which_and_no_value(logged, client, db):
    root = User.objects.create_superuser("root@example.com", "a-Password-1")
    limit = ApprovalLimit.objects.create(currency="USD", amount="50.00")
    client.force_login(root)
    page = reverse("admin:claims_approvallimit_change", args=[limit.pk])

    answer = client.post(page, {"currency": "USD", "amount": "77.77"})

    assert answer.status_code == 302, answer.content
    (line,) = logged(event="changed")
    told = {name: line[name] for name in ("model", "object", "action", "user_id")}
    assert told == {
        "model": "claims.approvallimit", "object": "USD", "action": "changed",
        "user_id": root.pk,
    }  # fmt: skip
    assert "77.77" not in logged.text()


def make_entry(by, message, key="7"):
    LogEntry.objects.create(
        user=by, content_type=ContentType.objects.get_for_model(User), object_id=key,
        object_repr="Ann", action_flag=CHANGE, change_message=message,
    )  # fmt: skip


def test_the_names_of_changed_fields_are_told(logged, sue):
    make_entry(sue, '[{"changed": {"fields": ["Groups"]}}]')
    assert [line["fields"] for line in logged(event="changed")] == [["Groups"]]


def test_our_own_sentence_in_the_admins_log_is_not_told(logged, sue):
    make_entry(sue, "Ann said: hello", key="ann@example.com")
    (line,) = logged(event="changed")
    assert (line["fields"], line["object"]) == ([], None)
    assert "Ann" not in logged.text()
    assert "ann@" not in logged.text()


def test_tokens_are_made_and_revoked(logged, ann):
    token, secret = make_token(ann)
    tokens.revoke_token(token_id=token.pk, by=ann, now=token.made_at)
    assert events(logged) == ["token_made", "token_revoked"]
    assert secret not in logged.text()


def make_token(owner):
    return tokens.make_token(
        owner=owner, name="mine", scopes=[ApiToken.Scope.READ_ORDERS], now=owner.date_joined
    )


# Jobs.


def test_a_job_keeps_the_id_of_its_request(rf, db):
    def answer(request):
        app.configure_task("claims.tell_staff").defer(event_id=1)
        return HttpResponse()

    app.configure_task("claims.tell_staff").defer(event_id=2)
    told = RequestLogMiddleware(answer)(rf.get("/"))["X-Request-ID"]

    kept = {job.args["event_id"]: job.args.get("request_id") for job in jobs()}
    assert kept == {1: told, 2: None}


def jobs():
    return ProcrastinateJob.objects.all()


def test_a_request_is_followed_into_its_job_in_real_processes(real_commits, tmp_path, monkeypatch):
    monkeypatch.setenv("LOG_FORMAT", "json")
    with web(tmp_path) as server, httpx.Client(base_url=server.url) as browser:
        page = browser.get("/account/login/")
        assert page.headers["X-Request-ID"]
    (web_log,) = tmp_path.glob("web-*.log")
    assert page.headers["X-Request-ID"] in {line.get("request_id") for line in lines_of(web_log)}
    request_id = "f" * 32
    with logging_about(request_id=request_id):
        ann = User.objects.create_user("ann@example.com", "a-Password-1")
        make_claim(make_order(ann))
    log = tmp_path / "worker.log"
    with worker(tmp_path):
        wait_until(lambda: log.exists() and request_id in log.read_text(), log)

    done = [line for line in lines_of(log) if line.get("request_id") == request_id]
    assert {"task": "claims.tell_customer", "message": "Job done"}.items() <= done[-1].items()
    assert "ann@example.com" not in log.read_text() + web_log.read_text()


def lines_of(path):
    lines = path.read_text().splitlines()
    # The web server's parent and Procrastinate's command print these before the portal is loaded.
    first = re.compile(r"\[(INFO|WARNING)\] |Launching a worker on all queues")
    return [json.loads(line) for line in lines if not first.match(line)]


def answers(url):
    with suppress(httpx.HTTPError):
        return httpx.get(url).status_code == 200


def test_the_web_server_logs_in_the_same_form(tmp_path, project_root, monkeypatch):
    log = tmp_path / "granian.log"
    port = free_port()
    arguments = [
        "-m", "granian", "--interface", "wsgi", "--port", str(port), "--log-config",
        str(project_root / "deploy/granian-logging.json"), "--workers", "1",
        "config.wsgi:application",
    ]  # fmt: skip
    monkeypatch.setenv("LOG_FORMAT", "json")
    with running(arguments, tmp_path, log):
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/health/live"), log)

    assert all(json.loads(line)["logger"] for line in log.read_text().splitlines())


def test_a_job_that_fails_is_told_once_with_its_error(real_commits, tmp_path, monkeypatch):
    monkeypatch.setenv("LOG_FORMAT", "json")
    app.configure_task("claims.look_for_repeats").defer(claim_id=-1)
    app.configure_task("claims.beat").defer(timestamp=1, name="Ann Smith")
    log = tmp_path / "worker.log"
    with worker(tmp_path):
        wait_until(lambda: log.exists() and log.read_text().count("Job failed") >= 2, log)

    failed = [line for line in lines_of(log) if line["message"] == "Job failed"]
    assert {(line["task"], line["level"]) for line in failed} >= {
        ("claims.beat", "ERROR"),
        ("claims.look_for_repeats", "WARNING"),
    }
    assert all(line["error"] for line in failed)
    assert "Ann Smith" not in log.read_text()
    assert logging.getLogger("procrastinate").level == logging.WARNING
