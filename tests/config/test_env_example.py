import ast
import re

from django.conf import settings


def calls_of_env() -> list[ast.Call]:
    tree = ast.parse((settings.BASE_DIR / "config/settings.py").read_text())
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and node.func.attr != "read_env"
    ]


def name_of(call: ast.Call) -> str:
    return str(ast.literal_eval(call.args[0]))


def variables_read() -> set[str]:
    return {name_of(call) for call in calls_of_env()}


def plain_defaults() -> dict[str, str]:
    """The defaults that are written out in the settings, as an environment would write them."""
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
