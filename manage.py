#!/usr/bin/env python
"""Django's command line. Without DATABASE_URL and REDIS_URL it starts the embedded pair first.

Not for the doctor: that would be well only because it was asked.
"""

import os
import sys

from django.core.management import execute_from_command_line

from socialsaas import embedded

if __name__ == "__main__":
    embedded.export_urls(may_start=sys.argv[1:2] != ["doctor"])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialsaas.settings")
    execute_from_command_line(sys.argv)
