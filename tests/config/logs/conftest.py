import json
import logging

import pytest

from config.logs.lines import EachJobOnce, JsonLines


class Kept(logging.Handler):
    """Keeps the records that it gets, as the production log writes them."""

    def __init__(self):
        super().__init__(level=logging.DEBUG)
        self.setFormatter(JsonLines())
        self.addFilter(EachJobOnce())
        self.lines = []

    def emit(self, record):
        self.lines.append(json.loads(self.format(record)))

    def __call__(self, **wanted):
        """Return the lines with these fields."""
        return [line for line in self.lines if wanted.items() <= line.items()]

    def text(self):
        return json.dumps(self.lines, ensure_ascii=False)


@pytest.fixture
def logged():
    """Return the lines of the log as production would write them, from now on."""
    kept = Kept()
    loggers = [logging.getLogger(), logging.getLogger("django")]
    for logger in loggers:
        logger.addHandler(kept)
    yield kept
    for logger in loggers:
        logger.removeHandler(kept)
