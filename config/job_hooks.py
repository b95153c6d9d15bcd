"""Our additions to Procrastinate's app: heartbeats, log lines and counts."""

from procrastinate import App

from claims.jobs.counting import count_run
from claims.jobs.heartbeats import beat_in_each_queue
from config.logs.jobs import carry_request_ids, log_job


def connect(app: App) -> None:
    """Add them once all tasks are known. PROCRASTINATE_ON_APP_READY names this function."""
    beat_in_each_queue(app)
    carry_request_ids(app)
    app.worker_defaults.setdefault("worker_middleware", []).extend([log_job, count_run])
