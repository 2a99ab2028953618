"""What open streams of events cost one process, and how late an event is seen when all watch."""
