"""/metrics for Prometheus: how the installation stands, counted at each scrape.

Numbers of the whole installation, no practice, person or document. Labels take their values from
tables in the code, so there are only so many series. The process metrics are those of the one web
process that answered. Without COUNTERSIGN_METRICS_TOKEN, or without it as a bearer token, the
address is one that does not exist.
"""

import hmac
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db.models import Count, Min, Q
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from review.enums import FROZEN, DeliveryState, State
from review.models import Delivery, Review
from transcripts import duties, tenancy
from transcripts.enums import LIVE_STATUSES, JobStatus
from transcripts.models import MedicalTranscriptionJob, Worker
from transcripts.workers import ALIVE


def allowed(request: HttpRequest) -> bool:
    """Whether the request carries the token; never without one in the settings."""
    sent = request.headers.get("Authorization", "").encode()
    token = settings.METRICS_TOKEN
    return bool(token) and hmac.compare_digest(sent, f"Bearer {token}".encode())


def metrics(request: HttpRequest) -> HttpResponse:
    """The figures in Prometheus's text format. Six queries."""
    registry = CollectorRegistry(auto_describe=False)
    ProcessCollector(registry=registry)
    registry.register(Figures())
    with tenancy.within(tenancy.EVERYWHERE):
        text = generate_latest(registry)
    answer = HttpResponse(text, content_type=CONTENT_TYPE_LATEST)
    answer["Cache-Control"] = "no-store"
    return answer


class Figures(Collector):
    """Reads the database whenever it is asked; it keeps nothing."""

    def describe(self) -> Iterable[Metric]:
        return []  # else registering would read the database

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("countersign", "What runs", {"version": settings.VERSION})
        yield from _jobs()
        yield from _reviews()
        yield from _deliveries()
        alive = Worker.objects.filter(seen_at__gt=Now() - ALIVE).count()
        yield _one("workers_alive", "Worker processes seen in the last 20 seconds", alive)
        yield _one("duties_failing", "Duties whose last run failed", len(duties.failing()))


def _jobs() -> Iterator[Metric]:
    rows = MedicalTranscriptionJob.objects.values_list("status").annotate(Count("pk"))
    counted = dict(rows.order_by())
    waiting = MedicalTranscriptionJob.objects.filter(status__in=LIVE_STATUSES)
    oldest = waiting.aggregate(at=Min("created_at"))["at"]
    yield _by("jobs", "Transcription jobs by state", "status", JobStatus.values, counted)
    depth = sum(counted.get(status, 0) for status in LIVE_STATUSES)
    yield _one("queue_jobs", "Jobs that are queued or being transcribed", depth)
    yield _one("queue_oldest_seconds", "Age of the oldest of them", _age(oldest))


def _reviews() -> Iterator[Metric]:
    late = Count("pk", filter=~Q(state__in=FROZEN) & Q(due_at__lt=Now()))
    rows = list(Review.objects.order_by().values("state").annotate(many=Count("pk"), late=late))
    counted = {row["state"]: row["many"] for row in rows}
    yield _by("reviews", "Documents by state", "state", State.values, counted)
    behind = sum(row["late"] for row in rows)
    yield _one("reviews_late", "Unsigned documents past their due time", behind)


def _deliveries() -> Iterator[Metric]:
    rows = Delivery.objects.order_by().values_list("state")
    rows = rows.annotate(many=Count("pk"), oldest=Min("created_at"))
    found = {state: (many, oldest) for state, many, oldest in rows}
    counted = {state: many for state, (many, _) in found.items()}
    wanted = [DeliveryState.OWED, DeliveryState.GIVEN_UP]
    yield _by("deliveries", "News owed to destinations, or given up", "state", wanted, counted)
    _, oldest = found.get(DeliveryState.OWED, (0, None))
    yield _one("deliveries_oldest_seconds", "Age of the oldest news that is owed", _age(oldest))


def _one(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(f"countersign_{name}", about, value=value)


def _by(name: str, about: str, label: str, known: Iterable[str], found: dict[str, int]) -> Metric:
    """One series for each known value of the label, also where there is none of it."""
    metric = GaugeMetricFamily(f"countersign_{name}", about, labels=[label])
    for value in known:
        metric.add_metric([str(value)], found.get(value, 0))
    return metric


def _age(moment: object) -> float:
    return max(0.0, (timezone.now() - moment).total_seconds()) if moment else 0.0
