"""Unsafe starts are refused, each in one line that names the variable and says what it must be."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from config.environment.names import KNOWN, distance
from config.settings import DEMO_SECRET_KEY
from tests.config.test_env_example import variables_read
from tests.processes import PATIENCE

LOADING = """
import importlib, json, os, sys, traceback
from django.core.exceptions import ImproperlyConfigured
for environment in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(environment)
    sys.modules.pop("config.settings", None)
    try:
        importlib.import_module("config.settings")
        told = ""
    except ImproperlyConfigured as error:
        told = str(error)
    except BaseException:
        told = traceback.format_exc()
    print(json.dumps(told))
"""
"""Loads the settings with each environment, and prints the refusals; '' for none."""

SOUND = "0123456789abcdefghijABCDEFGHIJ-_0123456789abcdefghijABCDEFGHIJ"
KEYS = {
    "nothing": "",
    "blanks": " " * 60,
    "a short one": "abcdefghijklmnopqrstuvwxyz",
    "49 characters": SOUND[:49],
    "one letter": "a" * 60,
    "a word again and again": "secret-" * 10,
    "Django's placeholder": "django-insecure-" + SOUND,
    "the demo's": DEMO_SECRET_KEY,
    "the demo's in capitals": DEMO_SECRET_KEY.upper(),
    "the demo's in quotes": f'"{DEMO_SECRET_KEY}"',
    "the demo's with blanks": f" {DEMO_SECRET_KEY} ",
    "the demo's and more": f"{DEMO_SECRET_KEY}-{SOUND}",
    "the demo's with underscores": DEMO_SECRET_KEY.replace("-", "_"),
    "the demo's cut short": DEMO_SECRET_KEY[:-3],
    "the demo's end": SOUND + DEMO_SECRET_KEY[30:],
    "the demo's backwards": DEMO_SECRET_KEY[::-1],
    "the demo's in base64": base64.b64encode(DEMO_SECRET_KEY.encode()).decode(),
    "the demo's in hexadecimal": DEMO_SECRET_KEY.encode().hex(),
}
BAD: list[tuple[str, str]] = [
    *(("SECRET_KEY", key) for key in KEYS.values()),
    ("SECRET_KEY_FALLBACKS", "short"),
    ("SECRET_KEY_FALLBACKS", f"{SOUND},{DEMO_SECRET_KEY}"),
    ("DEBUG", "flase"),
    ("DEBUG", ""),
    ("ALLOWED_HOSTS", "*"),
    ("ALLOWED_HOSTS", "https://claims.example"),
    ("ALLOWED_HOSTS", "claims.example:443"),
    ("ALLOWED_HOSTS", "claims.example/portal"),
    *(
        ("BASE_URL", url)
        for url in (
            "", "claims.example", "http://claims.example", "https://localhost",
            "https://localhost:8000", "https://LOCALHOST.", "https://portal.localhost",
            "https://127.0.0.1", "https://127.1", "https://2130706433", "https://[::1]",
            "https://[::ffff:127.0.0.1]", "https://0.0.0.0", "https://me:pw@claims.example",
            "https://claims.example/portal", "https://claims.example?a=1",
            "https://claims.example:many", "https://[::1", "ftp://claims.example", "https://",
        )
    ),
    *(
        ("EMAIL_URL", url)
        for url in (
            "", "mail.example", "smtp://", "smpt://mail.example", "http://mail.example",
            "consolemail://", "filemail:///var/mail", "memorymail://", "dummymail://",
            "smtp://me:pw@mail.example:many", "smtp://[mail.example",
        )
    ),
    *(("BEHIND_PROXY", text) for text in ("maybe", "", "2", "true;", "nginx")),
    ("SECURE_SSL_REDIRECT", "perhaps"),
    ("SECURE_HSTS_SECONDS", "a year"),
    ("SHOP_URL_MAY_BE_PRIVATE", "sometimes"),
    *(
        ("DATABASE_URL", url)
        for url in (
            "postgresql://me@%2Frun%2Fpostgresql/claims", "postgresql://%2frun/claims",
            "postgresql://me:p%2Fw@%2Frun%2Fpostgresql:5432/claims",
            "postgresql://me:p/w@host/claims", "postgresql://me:p#w@host/claims",
            "postgresql://me@host", "postgresql://me@host/", "postgresql://me@[host/claims",
            "postgresql://me@host/claims?sslmod=require",
        )
    ),
    ("DATABASE_OWNER_URL", "postgresql://me@%2Frun%2Fpostgresql/nothing"),
    ("CACHE_URL", "locmemcache://"),
    ("CACHE_URL", "dummycache://"),
    ("CACHE_URL", "rubbish"),
    ("CACHE_URL", "rediscache://host:many/0"),
    ("CLAMD_URL", "unix://%2Frun%2Fclamd.ctl"),
    ("CLAMD_URL", "tcp://host:99999"),
    ("SHOP_URL", "https://shop.example:many/"),
    ("STORAGE_URL", "s3://[bucket?region_name=x"),
    ("STORAGE_URL", "s3://bucket?endpoint_url=https://[host&region_name=x"),
    ("CSRF_TRUSTED_ORIGINS", "claims.example"),
    ("CSRF_TRUSTED_ORIGINS", "http://claims.example"),
    ("LOG_LEVEL", "LOUD"),
    ("DEFAULT_FROM_EMAIL", "ESIMPY claims"),
    ("DATA_DIR", ""),
    ("DATA_DIR", "/proc/nothing"),
    ("REMIND_DAYS", "9" * 5000),
    ("WEB_STATEMENT_SECONDS", "half"),
]  # fmt: skip
"""Variables and bad values, each tried in an otherwise production production."""
SLIPS = {
    "REMINDER_DAYS": "REMIND_DAYS",
    "SECERT_KEY": "SECRET_KEY",
    "SECRET_KEYS": "SECRET_KEY",
    "SECRET_KEY_FALLBACK": "SECRET_KEY_FALLBACKS",
    "DEBUGG": "DEBUG",
    "debug": "DEBUG",
    "ALLOWED_HOST": "ALLOWED_HOSTS",
    "DATABASE_URI": "DATABASE_URL",
    "EMAIL_URLS": "EMAIL_URL",
    "BEHIND_PROXYS": "BEHIND_PROXY",
    "BEHIND_A_PROXY": "BEHIND_PROXY",
    "BASEURL": "BASE_URL",
    "SECRET_KEY_FLIE": "SECRET_KEY_FILE",
}
OTHERS = (
    "PATH", "HOME", "BASE_DIR", "PGDATA", "XDG_DATA_DIRS", "TEST_DATABASE_URL", "WEB_CONCURRENCY",
    "SORT", "HOST", "CI", "PORTS", "CLAMD", "SAMPLE_SEED", "EMAIL_HOST", "DEBUGINFOD_URLS",
    "AWS_REGION", "AWS_REQUEST_CHECKSUM_CALCULATION", "AWS_SHARED_CREDENTIALS_FILE",
)  # fmt: skip
"""Variables of other programs."""
FOR_PRODUCTION = {
    "SECRET_KEY": SOUND,
    "SECRET_KEY_FALLBACKS": SOUND,
    "ALLOWED_HOSTS": "localhost",
    "BEHIND_PROXY": "true",
    "SECURE_SSL_REDIRECT": "true",
    "SECURE_HSTS_SECONDS": "60",
}


def refusals(environments: list[dict[str, str]]) -> list[str]:
    answer = subprocess.run(
        [sys.executable, "-c", LOADING],
        input=json.dumps(environments), cwd=settings.BASE_DIR, capture_output=True, text=True,
        timeout=PATIENCE, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in answer.stdout.splitlines()]


def assert_refused(told: str, *names: str) -> None:
    """Check that the refusal is one line that names a variable and says what it must be."""
    assert told, "nothing was refused"
    assert len(told.splitlines()) == 1, told
    assert any(name in told for name in names), told
    assert re.search(r"\bmust\b|: set |: write | is not like | is none of ", told), told


def test_every_bad_value_of_production_is_refused_in_one_line(production):
    assert len(BAD) >= 60
    told = refusals([production | {name: value} for name, value in BAD])

    for (name, value), each in zip(BAD, told, strict=True):
        assert_refused(each, name)
        secret = value if len(value) > 8 and "KEY" in name else "pw@"
        assert secret not in each


def test_nothing_sound_is_refused(bare, production, tmp_path):
    socket = "postgresql://me@/claims?host=/run/postgresql"
    fine = [
        bare,
        production,
        production | {"SECRET_KEY_FALLBACKS": f"{SOUND},{SOUND[::-1]}"},
        production | {"BEHIND_PROXY": "on", "SECURE_SSL_REDIRECT": "no", "DEBUG": "0"},
        production | {"DATABASE_URL": socket, "DATABASE_OWNER_URL": socket.replace("me", "it")},
        production | {"DATABASE_URL": "postgresql://me:%2F@host/nothing?sslmode=require"},
        production | {"EMAIL_URL": "smtp+tls://me:p%2Fw@mail.example:587"},
        production | {"CACHE_URL": "rediscache://host:6379/0"},
        production | {"CSRF_TRUSTED_ORIGINS": "https://one.example, https://*.two.example"},
        production | {"ALLOWED_HOSTS": "claims.example, .claims.example,10.1.2.3,[fe80::1]"},
        production | {"SECRET_KEY": "$" + SOUND},
        bare | {"ALLOWED_HOSTS": "", "SECRET_KEY_FALLBACKS": ""},
        bare | {"DEBUG": "true", "SECRET_KEY": "mine", "ALLOWED_HOSTS": "portal.localhost"},
        bare | {"SECRET_KEY": DEMO_SECRET_KEY, "EMAIL_URL": "consolemail://"},
        bare | dict.fromkeys(OTHERS, "x"),
    ]  # fmt: skip
    assert refusals(fine) == [""] * len(fine)


@pytest.mark.parametrize("start", ["bare", "production"])
def test_a_name_that_is_nearly_known_is_refused(start, request):
    around = request.getfixturevalue(start)
    told = refusals([around | {slip: "x"} for slip in SLIPS])

    assert told == [
        f"{slip} must not be set: did you mean {meant}?" for slip, meant in SLIPS.items()
    ]


def test_production_with_a_slip_of_debug_is_no_demo(production):
    del production["DEBUG"]
    assert refusals([production | {"DEBUGS": "false"}]) == [
        "DEBUGS must not be set: did you mean DEBUG?"
    ]


def test_the_known_names_are_those_that_the_settings_read():
    assert variables_read() == KNOWN


def test_no_known_name_is_a_slip_of_another():
    both = sorted({*KNOWN, *(f"{name}_FILE" for name in KNOWN)})
    near = {(a, b) for a in both for b in both if a < b and distance(a, b) < 2}
    assert near == set()


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("", "ab", 2), ("abc", "acb", 1),
     ("abc", "abxc", 1), ("kitten", "sitting", 3), ("ca", "abc", 3)],
)  # fmt: skip
def test_the_distance_counts_letters(one, other, steps):
    assert distance(one, other) == distance(other, one) == steps


def test_variables_for_production_need_debug_to_be_said(bare):
    told = refusals([bare | {name: value} for name, value in FOR_PRODUCTION.items()])

    for name, each in zip(FOR_PRODUCTION, told, strict=True):
        assert each == (
            f"DEBUG must be false, because {name} is set; or true for a demo on this machine."
        )


def test_a_whole_production_without_debug_is_refused(production):
    del production["DEBUG"]
    assert refusals([production])[0].startswith("DEBUG must be false, because SECRET_KEY is set")


@pytest.mark.parametrize(
    "open_door",
    [
        {"ALLOWED_HOSTS": "claims.example"},
        {"ALLOWED_HOSTS": "localhost,192.0.2.1"},
        {"BASE_URL": "https://claims.example"},
        {"BASE_URL": "http://192.0.2.1:8000"},
        {"BEHIND_PROXY": "true"},
    ],
)
def test_a_demo_that_others_could_reach_is_refused(bare, open_door):
    (name,) = open_door
    told = refusals([bare | {"DEBUG": "true"} | open_door])[0]

    assert told.startswith("DEBUG must be false, because ")
    assert_refused(told, name)


FROM_FILES: dict[str, str] = {
    "SECRET_KEY": SOUND,
    "SECRET_KEY_FALLBACKS": SOUND[::-1],
    "DATABASE_URL": "postgresql://me:secret@host/claims",
    "DATABASE_OWNER_URL": "postgresql://owner:secret@host/claims",
    "EMAIL_URL": "smtp+tls://me:secret@mail.example:587",
    "CACHE_URL": "rediscache://:secret@host:6379/0",
    "SHOP_WEBHOOK_SECRETS": "whsec_" + "c" * 32,
    "SHOP_URL_SECRETS": "whsec_" + "d" * 32,
    "AWS_ACCESS_KEY_ID": "AKIA",
    "AWS_SECRET_ACCESS_KEY": "of the store",
}
SHOWN = """
import json
from config import settings as s
print(json.dumps({
    "SECRET_KEY": s.SECRET_KEY, "SECRET_KEY_FALLBACKS": s.SECRET_KEY_FALLBACKS,
    "DATABASE_URL": s.DATABASES["default"]["PASSWORD"],
    "DATABASE_OWNER_URL": s.DATABASE_OWNER["PASSWORD"], "EMAIL_URL": s.EMAIL_HOST_PASSWORD,
    "CACHE_URL": s.CACHES["default"]["LOCATION"], "SHOP_WEBHOOK_SECRETS": s.SHOP_WEBHOOK_SECRETS,
    "SHOP_URL_SECRETS": s.SHOP_URL_SECRETS, "AWS_ACCESS_KEY_ID": s.AWS_ACCESS_KEY_ID,
    "AWS_SECRET_ACCESS_KEY": s.AWS_SECRET_ACCESS_KEY,
}))
"""


def in_files(folder: Path, values: dict[str, str]) -> dict[str, str]:
    for name, value in values.items():
        (folder / name).write_text(value + "\n")
    return {f"{name}_FILE": str(folder / name) for name in values}


def test_every_secret_can_come_from_a_file(production, tmp_path):
    others = {name: value for name, value in production.items() if name not in FROM_FILES}
    answer = run(others | in_files(tmp_path, FROM_FILES), "-c", SHOWN)

    assert answer.returncode == 0, answer.stderr
    values: dict[str, Any] = json.loads(answer.stdout)
    assert values == FROM_FILES | {
        "SECRET_KEY_FALLBACKS": [SOUND[::-1]],
        "DATABASE_URL": "secret",
        "DATABASE_OWNER_URL": "secret",
        "EMAIL_URL": "secret",
        "CACHE_URL": "redis://:secret@host:6379/0",
        "SHOP_WEBHOOK_SECRETS": ["whsec_" + "c" * 32],
        "SHOP_URL_SECRETS": ["whsec_" + "d" * 32],
    }


def test_a_file_that_holds_no_value_is_refused(production, tmp_path):
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "huge").write_text("a" * 70_000)
    (tmp_path / "nul").write_text("a\0b")
    files = ["missing", "empty", "binary", "huge", "nul", ""]
    around = {name: value for name, value in production.items() if name != "SECRET_KEY"}
    wrong = [around | {"SECRET_KEY_FILE": str(tmp_path / file)} for file in files]
    both = production | in_files(tmp_path, {"SECRET_KEY": SOUND})

    *told, of_both = refusals([*wrong, both, ])  # fmt: skip

    for each in told:
        assert_refused(each, "SECRET_KEY_FILE")
    assert of_both == "SECRET_KEY or SECRET_KEY_FILE must be set, not both."


def test_a_bad_value_in_a_file_is_refused_like_any_other(production, tmp_path):
    around = {name: value for name, value in production.items() if name != "SECRET_KEY"}
    assert_refused(
        refusals([around | in_files(tmp_path, {"SECRET_KEY": "short"})])[0], "SECRET_KEY"
    )


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=settings.BASE_DIR, capture_output=True,
        text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip


COMMANDS = (
    "manage.py procrastinate worker", "manage.py migrate", "manage.py check --deploy",
    "manage.py help", "manage.py createsuperuser", "manage.py runserver", "manage.py shell",
    "manage.py importorders nothing", "manage.py", "-m config.serve", "-m config.reset",
    "-m config.demo", "-m config.messages",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_process_refuses_in_one_line(production, command):
    answer = run(production | {"BEHIND_PROXY": "maybe"}, *command.split())

    assert answer.returncode == 1
    assert answer.stderr == "error: BEHIND_PROXY must be true or false.\n"
    assert answer.stdout == ""


def test_the_web_server_refuses_in_one_line(production, free_port):
    web = f"-m granian --interface wsgi --host 127.0.0.1 --port {free_port} --log-level error"
    answer = run(production | {"BEHIND_PROXY": "maybe"}, *web.split(), "config.wsgi:application")

    assert answer.returncode == 1
    said = answer.stderr.splitlines() + answer.stdout.splitlines()
    # The server adds a line of its own log.
    assert [line for line in said if not line.startswith("[ERROR] Unexpected exit")] == [
        "error: BEHIND_PROXY must be true or false."
    ]
