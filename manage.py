#!/usr/bin/env python
import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line

from config.environment.refusals import told_in_one_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with told_in_one_line():
        # Some commands, such as help, do without settings, so nothing would refuse bad ones.
        settings.INSTALLED_APPS  # noqa: B018  # the reading itself is what may fail
        execute_from_command_line(sys.argv)
