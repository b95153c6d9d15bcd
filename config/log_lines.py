"""Filters of the log."""

import logging


class InOneLine(logging.Filter):
    """Leave the traceback out of a record: a stranger can cause it, and it says nothing more."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = record.exc_text = None
        return True
