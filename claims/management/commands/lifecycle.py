from typing import Any

from django.core.management.base import BaseCommand

from claims.models import statuses

PAGE = """# The life of a claim

`manage.py lifecycle` makes this page from `claims/models/statuses.py`, which also defines the
database's trigger.

```mermaid
{diagram}
```

{table}

A request for evidence during a repair changes no status: the claim stays `repairing`, its days run
on, and the customer may answer at any time. Nobody is reminded, and nothing ends without an answer.

The trigger `moves_along_its_statuses` refuses every other move, whoever makes it.
"""


class Command(BaseCommand):
    help = "Print docs/lifecycle.md: the status machine as a diagram and as a table."

    def handle(self, *args: Any, **options: Any) -> None:
        page = PAGE.format(diagram=statuses.diagram(), table=statuses.table())
        self.stdout.write(page, ending="")
