"""The web process."""

import os

from django.core.wsgi import get_wsgi_application

from socialsaas import embedded

os.environ.setdefault("PROCESS_ROLE", "web")
embedded.export_urls()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialsaas.settings")

application = get_wsgi_application()
