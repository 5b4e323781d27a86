"""The Celery application. Tasks live in the apps; the worker's pulse starts with the worker."""

import os

from celery import Celery
from celery.signals import worker_ready, worker_shutdown

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("countersign")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def start_pulse(sender: object, **_: object) -> None:
    from review.actions import exports, outbox  # needs the app registry
    from transcripts import duties, workers

    workers.start(getattr(sender, "hostname", "worker"))
    workers.repeat("outbox", outbox.send_due)
    workers.repeat("exports", exports.make_due, seconds=1)
    workers.repeat("duties", duties.run_due)


@worker_shutdown.connect
def stop_pulse(**_: object) -> None:
    from transcripts import workers

    workers.stop()
