"""The process that sends packs: it draws nothing, so it pays for no drawing library."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("numpy", "PIL", "typst", "pypdfium2", "fontTools")
PROGRAM = f"""
import sys
import django
django.setup()
import socialsaas.urls, socialsaas.wsgi
print([name for name in {HEAVY!r} if name in sys.modules])
"""


def test_web_process_loads_no_drawing_library():
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "socialsaas.settings", "PROCESS_ROLE": "web"}

    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert run.stdout.strip() == "[]"
