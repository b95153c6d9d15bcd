"""What is added to Procrastinate's app once all tasks are known."""

from procrastinate import App

from claims.jobs.heartbeats import beat_in_each_queue


def connect(app: App) -> None:
    """Add heartbeats. Procrastinate calls this, by PROCRASTINATE_ON_APP_READY."""
    beat_in_each_queue(app)
