import subprocess
import sys
from pathlib import Path

import claims.policy

PROJECT = Path(claims.policy.__file__).parents[2]


def test_the_policy_needs_no_django_and_nothing_else_of_the_project():
    """In a fresh interpreter, because this one may have imported anything."""
    code = (
        "import sys, claims.policy\n"
        "roots = {name.partition('.')[0] for name in sys.modules}\n"
        "ours = {name for name in sys.modules if name.startswith('claims.')}\n"
        "print(sorted(roots & {'django', 'accounts', 'config'}))\n"
        "print(all(name.startswith('claims.policy') for name in ours))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split("\n")[:2] == ["[]", "True"]


def test_the_policy_reads_no_clock():
    sources = [path.read_text() for path in (PROJECT / "claims" / "policy").glob("*.py")]
    assert sources
    assert not [
        text for text in sources if ".now(" in text or "today(" in text or "import time\n" in text
    ]


def test_every_public_name_is_importable():
    assert [name for name in claims.policy.__all__ if not hasattr(claims.policy, name)] == []
