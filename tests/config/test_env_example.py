import ast
import re
from pathlib import Path

from django.conf import settings


def calls_in(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]


def is_env(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "env"


def asks_env(call: ast.Call) -> bool:
    """Return True if the call is like `env.str("NAME")`."""
    reads = isinstance(call.func, ast.Attribute) and is_env(call.func.value)
    return reads and call.func.attr != "read_env"  # type: ignore[attr-defined]


def asks_reader(call: ast.Call) -> bool:
    """Return True if the call is like `days(env, "NAME")`."""
    return bool(call.args) and is_env(call.args[0])


def calls_of_env() -> list[ast.Call]:
    calls = calls_in(settings.BASE_DIR / "config/settings.py")
    return [call for call in calls if asks_env(call) or asks_reader(call)]


def name_of(call: ast.Call) -> str:
    return str(ast.literal_eval(call.args[1 if asks_reader(call) else 0]))


def variables_read() -> set[str]:
    return {name_of(call) for call in calls_of_env()}


def plain_defaults() -> dict[str, str]:
    """Yield the defaults that the settings spell out, as an environment would write them."""
    defaults = {}
    for call in calls_of_env():
        for keyword in call.keywords:
            if keyword.arg == "default" and isinstance(keyword.value, ast.Constant):
                value = keyword.value.value
                defaults[name_of(call)] = str(value).lower() if value is True else str(value)
    return defaults | {name: "false" for name, value in defaults.items() if value == "False"}


def example() -> str:
    return str((settings.BASE_DIR / ".env.example").read_text())


def documented() -> dict[str, str]:
    return dict(re.findall(r"^#([A-Z][A-Z0-9_]*)=(.*)$", example(), re.MULTILINE))


def test_every_variable_that_the_settings_read_is_documented_and_no_other():
    assert set(documented()) == variables_read()


def test_the_readers_name_no_variable_themselves():
    readers = list((settings.BASE_DIR / "config/environment").glob("*.py"))
    asked = [call for path in readers for call in calls_in(path) if asks_env(call)]

    assert len(asked) > 5
    assert [ast.unparse(call) for call in asked if not isinstance(call.args[0], ast.Name)] == []


def test_each_documented_default_is_the_real_one():
    real = plain_defaults()

    assert len(real) > 5
    assert {name: documented()[name] for name in real} == real


def test_each_variable_has_its_meaning_above_it():
    lines = example().splitlines()

    for number, line in enumerate(lines):
        if re.match(r"#[A-Z][A-Z0-9_]*=", line):
            assert re.match(r"# \S", lines[number - 1]), line


def test_the_example_sets_nothing_by_itself():
    assert [line for line in example().splitlines() if line and not line.startswith("#")] == []
