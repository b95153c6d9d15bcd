import json
import subprocess
import sys

import pytest
from django.conf import settings

from tests.processes import PATIENCE

Environment = dict[str, str]


def python(environment: Environment, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def read(environment: Environment, *names: str) -> dict[str, object]:
    values = ", ".join(f"{name!r}: settings.{name}" for name in names)
    script = f"import json; from config import settings; print(json.dumps({{{values}}}))"
    answer = python(environment, "-c", script)
    assert answer.returncode == 0, answer.stderr
    values_read: dict[str, object] = json.loads(answer.stdout)
    return values_read


def refusal(environment: Environment) -> str:
    """Return the one line with which the settings refuse to load."""
    answer = python(environment, "-c", "import config.settings")
    assert answer.returncode == 1
    kind, _, message = answer.stderr.splitlines()[-1].partition(": ")
    assert kind == "django.core.exceptions.ImproperlyConfigured"
    return message


def test_without_any_variable_it_is_a_demo_for_this_machine_alone(bare):
    assert read(bare, "DEBUG", "ALLOWED_HOSTS", "EMBEDDED_DATABASE", "BASE_URL") == {
        "DEBUG": True,
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"],
        "EMBEDDED_DATABASE": True,
        "BASE_URL": "http://localhost:8000",
    }


def test_the_base_url_follows_the_port_until_it_is_set(bare):
    assert read(bare | {"PORT": "9000"}, "BASE_URL") == {"BASE_URL": "http://localhost:9000"}
    both = bare | {"PORT": "9000", "BASE_URL": "http://localhost:9001/"}
    assert read(both, "BASE_URL") == {"BASE_URL": "http://localhost:9001"}


@pytest.mark.parametrize("scheme", ["smtp", "smtp+tls", "smtp+ssl"])
def test_mail_goes_out_by_the_backend_that_knows_smtputf8(bare, scheme):
    known = {"EMAIL_BACKEND": "accounts.mail_backend.SmtpBackend"}
    assert read(bare | {"EMAIL_URL": f"{scheme}://127.0.0.1:1"}, "EMAIL_BACKEND") == known


def test_production_starts_with_what_it_needs(production):
    expected = {"DEBUG": False, "EMBEDDED_DATABASE": False, "SESSION_COOKIE_SECURE": True}
    assert read(production, *expected) == expected


@pytest.mark.parametrize("variable", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL"])
def test_production_refuses_to_start_without(production, variable):
    del production[variable]

    message = refusal(production)

    assert message.startswith("DEBUG is false: set ")
    assert variable in message


def test_production_refuses_the_demo_key_when_it_is_spelled_out(bare, production):
    demo_key = read(bare, "DEMO_SECRET_KEY")["DEMO_SECRET_KEY"]
    assert "SECRET_KEY" in refusal(production | {"SECRET_KEY": str(demo_key)})


@pytest.mark.parametrize("start", ["bare", "production"])
@pytest.mark.parametrize(
    "url", ["mysql://root@localhost/claims", "sqlite:///claims.db", "rubbish", "localhost:5432"]
)
def test_a_database_that_is_not_postgresql_is_refused(start, url, request):
    message = refusal(request.getfixturevalue(start) | {"DATABASE_URL": url})
    assert message.startswith("DATABASE_URL must name a PostgreSQL database")


def test_a_database_url_with_a_port_that_is_no_number_is_refused(bare):
    message = refusal(bare | {"DATABASE_URL": "postgresql://me@localhost:many/claims"})
    assert message.startswith("DATABASE_URL can't be read as a URL")


def owner_url(role: str, name: str = "nothing") -> dict[str, str]:
    return {"DATABASE_OWNER_URL": f"postgresql://{role}:secret@127.0.0.1:1/{name}"}


def test_the_owner_has_its_own_login(production):
    both = read(production | owner_url("somebody"), "DATABASE_OWNER", "DATABASE_APP")
    assert both == {
        "DATABASE_OWNER": {
            "USER": "somebody", "PASSWORD": "secret", "HOST": "127.0.0.1", "PORT": 1,
            "OPTIONS": {},
        },
        "DATABASE_APP": {"USER": "nobody", "PASSWORD": ""},
    }  # fmt: skip


def test_without_an_owner_there_is_one_role(production):
    one = read(production | {"DATABASE_OWNER_URL": ""}, "DATABASE_OWNER", "DATABASE_APP")
    assert one == {"DATABASE_OWNER": {}, "DATABASE_APP": {}}


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (owner_url("somebody", "another"), "must name the same database as DATABASE_URL"),
        (owner_url("nobody"), "must name another role than DATABASE_URL"),
        ({"DATABASE_OWNER_URL": "mysql://me@x/y"}, "must name a PostgreSQL database"),
    ],
)
def test_an_owner_that_can_t_be_one_is_refused(production, url, told):
    assert refusal(production | url).startswith(f"DATABASE_OWNER_URL {told}")


def test_an_owner_without_a_database_is_refused(bare):
    assert refusal(bare | owner_url("somebody")).startswith("DATABASE_OWNER_URL is set: set")


def test_a_deployment_with_one_role_is_warned(production):
    one = production | {"DATABASE_OWNER_URL": ""}

    answer = python(one, "manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert answer.returncode == 1
    assert answer.stderr.count("accounts.W001") == 1


@pytest.mark.parametrize("port", ["many", "0", "65536", "-1", "80.5"])
def test_a_port_that_cannot_be_is_refused(bare, port):
    assert refusal(bare | {"PORT": port}).startswith("PORT must be a number from 1 to 65535")


@pytest.mark.parametrize("number", ["-1", "many", "", "1001"])
def test_a_wrong_number_of_connections_is_refused(bare, number):
    told = refusal(bare | {"WEB_CONNECTIONS": number})
    assert told.startswith("WEB_CONNECTIONS must be a number of connections from 0 to 1000")


def test_commands_say_what_is_wrong_with_the_settings_in_one_line(bare):
    answer = python(bare | {"DEBUG": "false"}, "manage.py", "check")

    assert answer.returncode == 1
    assert answer.stderr == "error: DEBUG is false: set SECRET_KEY to a long random text.\n"


def test_commands_show_the_traceback_to_whoever_asks(bare):
    answer = python(bare | {"DEBUG": "false"}, "manage.py", "check", "--traceback")

    assert answer.returncode == 1
    assert answer.stderr.startswith("Traceback")


def test_the_deployment_check_is_clean_under_production_variables(production):
    answer = python(production, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert answer.returncode == 0, answer.stderr


def test_a_production_setting_that_is_turned_off_fails_the_deployment_check(production):
    careless = production | {"SECURE_HSTS_SECONDS": "0"}
    answer = python(careless, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert answer.returncode == 1
    assert "security.W004" in answer.stderr


@pytest.mark.parametrize(
    "url", ["unix:///run/clamav/clamd.ctl", "tcp://127.0.0.1:3310", "tcp://[::1]:3310", ""]
)
def test_clamd_is_named_by_a_url(bare, url):
    assert read(bare | {"CLAMD_URL": url}, "CLAMD_URL") == {"CLAMD_URL": url}


@pytest.mark.parametrize(
    "url",
    ["/run/clamav/clamd.ctl", "tcp://host", "http://host:3310", "unix://clamd.ctl", "tcp://:3"],
)
def test_what_names_no_clamd_is_refused(bare, url):
    assert "CLAMD_URL must be" in refusal(bare | {"CLAMD_URL": url})


def test_a_required_malware_scan_needs_a_scanner(bare):
    assert "set CLAMD_URL" in refusal(bare | {"MALWARE_SCAN": "required"})
    assert "optional or required" in refusal(bare | {"MALWARE_SCAN": "yes"})
    with_clamd = bare | {"MALWARE_SCAN": "required", "CLAMD_URL": "tcp://127.0.0.1:3310"}
    assert read(with_clamd, "MALWARE_SCAN") == {"MALWARE_SCAN": "required"}


def test_a_deployment_without_a_malware_scanner_is_warned(production):
    unscanned = production | {"CLAMD_URL": ""}

    answer = python(unscanned, "manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert answer.returncode == 1
    assert answer.stderr.count("claims.W001") == 1


@pytest.mark.parametrize("days", ["0", "-1", "half a year", "99999"])
def test_evidence_is_kept_for_a_number_of_days(bare, days):
    message = refusal(bare | {"EVIDENCE_RETENTION_DAYS": days})
    assert message.startswith("EVIDENCE_RETENTION_DAYS must be a number of days from 1 to 36500")


def sources(environment: Environment) -> list[list[str]]:
    """Return the origins from which pages may load pictures and videos."""
    script = (
        "import json; from config import settings;"
        " policy = settings.CONTENT_SECURITY_POLICY['DIRECTIVES'];"
        " print(json.dumps([policy['img-src'], policy['media-src'], policy['connect-src']]))"
    )
    answer = python(environment, "-c", script)
    assert answer.returncode == 0, answer.stderr
    found: list[list[str]] = json.loads(answer.stdout)
    return found


def test_pages_load_evidence_from_the_store_s_origin_and_nothing_wider(bare):
    here = sources(bare)
    bucket = "s3://claims?endpoint_url=https://s3.example.com:9000&region_name=eu-1"
    virtual = f"{bucket}&addressing_style=virtual"

    assert here == [["'self'", "data:", "blob:"], ["'self'", "blob:"], ["'self'"]]
    for url, origin in (
        (bucket, "https://s3.example.com:9000"),
        (virtual, "https://claims.s3.example.com:9000"),
        ("s3://claims?region_name=eu-1", "https://claims.s3.eu-1.amazonaws.com"),
    ):
        pictures, videos, scripts = sources(bare | {"STORAGE_URL": url})
        assert pictures == [*here[0], origin]
        assert videos == [*here[1], origin]
        assert scripts == here[2]


@pytest.mark.parametrize("wrong", ["secret", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64"])
@pytest.mark.parametrize("name", ["SHOP_WEBHOOK_SECRETS", "SHOP_URL_SECRETS"])
def test_a_secret_of_the_shop_that_is_none_is_refused_by_its_place(bare, name, wrong):
    good = "whsec_" + "c" * 32

    assert refusal(bare | {name: f"{good},{wrong}"}).startswith(
        f"{name}, number 2: write whsec_ and 24 to 64 random bytes"
    )
    assert read(bare | {name: good}, name) == {name: [good]}


@pytest.mark.parametrize(
    "wrong", ["shop.example", "ftp://shop.example/", "https://", "https://me:secret@shop.example/"]
)
def test_what_is_no_address_of_the_shop_is_refused(bare, wrong):
    assert "SHOP_URL must be like" in refusal(bare | {"SHOP_URL": wrong})


def test_the_shop_is_told_nothing_unsigned(bare):
    url = "https://shop.example/events"

    assert "set SHOP_URL_SECRETS, too" in refusal(bare | {"SHOP_URL": url})
    assert read(bare | {"SHOP_URL": url, "SHOP_URL_SECRETS": "whsec_" + "c" * 32}, "SHOP_URL") == {
        "SHOP_URL": url
    }


def test_in_production_the_shop_is_told_over_tls_unless_it_may_be_private(production):
    production |= {
        "SHOP_URL": "http://shop.example/events",
        "SHOP_URL_SECRETS": "whsec_" + "c" * 32,
    }

    assert "SHOP_URL must begin with https:" in refusal(production)
    private = production | {"SHOP_URL_MAY_BE_PRIVATE": "true"}
    assert read(private, "SHOP_URL") == {"SHOP_URL": "http://shop.example/events"}
