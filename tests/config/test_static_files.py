import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import override_settings

from config.settings import STORAGES

IMPORTED = re.compile(r'from "\./([^"]+)"')


def test_modules_import_each_other_by_hashed_names(tmp_path: Path):
    storages = settings.STORAGES | {"staticfiles": STORAGES["staticfiles"]}
    with override_settings(STORAGES=storages, STATIC_ROOT=tmp_path / "made", DEBUG=False):
        call_command("collectstatic", interactive=False, verbosity=0)

        made = tmp_path / "made" / "claims"
        entry = Path(staticfiles_storage.url("claims/uploads.js")).name
        imported = {name for file in made.glob("*.????????????.js") for name in _imports(file)}
        assert re.fullmatch(r"uploads\.[0-9a-f]{12}\.js", entry)
        assert _imports(made / entry) > {
            Path(staticfiles_storage.url(f"claims/{name}.js")).name for name in ("live", "tiles")
        }
        assert all(re.search(r"\.[0-9a-f]{12}\.js$", name) for name in imported)
        assert all((made / name).exists() for name in imported)


def _imports(file: Path) -> set[str]:
    return set(IMPORTED.findall(file.read_text()))
