"""Django's PostgreSQL engine, which looks whether a kept connection is well instead of asking."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """A server that ended a connection has closed it: an idle one then has something to be read.

        Django sends a `SELECT 1` with every request, which is more than some requests ask otherwise. One
        that vanished without closing it is found by the kernel's keepalives (`socialsaas/settings.py`).
        """
        if self.connection is None or self.connection.closed:
            return False
        if self.errors_occurred:
            return super().is_usable()
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return not poll.poll(0)
