"""The web process."""

import os

from django.core.wsgi import get_wsgi_application

from rest.gate import Gate
from socialsaas import embedded

os.environ.setdefault("PROCESS_ROLE", "web")
embedded.export_urls()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialsaas.settings")

application = Gate(get_wsgi_application())
