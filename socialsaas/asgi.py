"""One process, one port: streams of events here, every other call in threads as the web process answers it.

In production the proxy sends the stream's path to a process of this kind and all else to `wsgi.py`.
"""

from socialsaas.wsgi import application as web  # isort: skip  (sets Django up for what follows)

from jobs.live.stream import EventStream
from rest.bridge import Bridge

application = EventStream(otherwise=Bridge(web))
