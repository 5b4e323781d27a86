"""The Celery application. Tasks live in the apps; the worker's pulse starts with the worker."""

import os

from celery import Celery
from celery.signals import (
    before_task_publish,
    task_prerun,
    worker_init,
    worker_ready,
    worker_shutdown,
)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("countersign")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def refuse(**_: object) -> None:
    from django.core.exceptions import ImproperlyConfigured

    from config import startup  # needs settings

    try:
        startup.refuse()
    except ImproperlyConfigured as error:  # Celery logs what a signal raises, and goes on
        raise SystemExit(str(error)) from None


@worker_ready.connect
def start_pulse(sender: object, **_: object) -> None:
    from review.actions import exports, outbox  # needs the app registry
    from review.audit import service
    from transcripts import duties, workers

    service.begun("worker")
    workers.start(getattr(sender, "hostname", "worker"))
    workers.repeat("outbox", outbox.send_due)
    workers.repeat("exports", exports.make_due, seconds=1)
    workers.repeat("duties", duties.run_due)


@worker_shutdown.connect
def stop_pulse(**_: object) -> None:
    from review.audit import service
    from transcripts import workers

    workers.stop()
    service.ended("worker")


@before_task_publish.connect
def send_request(headers: dict[str, object], **_: object) -> None:
    """The request that rang goes along: an id in the message's headers, no argument."""
    from transcripts import trace

    if request := trace.bound().get("request"):
        headers[trace.HEADER] = request


@task_prerun.connect
def note_request(task: object, **_: object) -> None:
    from transcripts import trace

    request = getattr(task.request, trace.HEADER, None)
    trace.begin(**({"request": request} if request else {}))
