"""The origin's targets under load: a hundred users at once, real everything but the AI service."""
