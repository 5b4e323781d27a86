"""Ten thousand practices for a day, with the service times that this machine measured.

    python -m tests.bench.simulate [practices, 10000] [recordings a day of each, 50]

A discrete-event simulation (simpy) of recordings that arrive over a working day in four time zones,
are cut into chunks of a minute, and wait for a worker core in one queue. Service times come from
var/bench/results.json (`make bench`) where it is there. A fiftieth of the practices is simulated
with a fiftieth of the cores, since small pools wait longer than large ones of the same load: the
figures err on the safe side. What a queue cannot show (database, web, Redis, storage) is the load
of the busiest hour divided by what one machine was measured to bear.
"""

import json
import math
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import simpy

from tests.bench.figures import share

RESULTS = Path(__file__).parents[2] / "var" / "bench" / "results.json"
SHARE = 0.02
HOUR = 3600.0
# Shares of a practice's day by its own clock: clinics dictate between and after their patients.
CLOCK = {
    7: 2,
    8: 6,
    9: 10,
    10: 12,
    11: 13,
    12: 8,
    13: 8,
    14: 11,
    15: 12,
    16: 10,
    17: 5,
    18: 2,
    19: 1,
}
ZONES = ((0, 0.48), (1, 0.29), (2, 0.07), (3, 0.16))  # hours west of the first, share of people


@dataclass(frozen=True, slots=True)
class Work:
    """What one recording is: minutes of sound, and what people do with its document."""

    minutes: float = 3.0
    spread: float = 0.7  # of the logarithm
    edits: int = 25
    pages: int = 12
    events: int = 60  # rows of the audit log, looks included
    messages: int = 80  # live
    megabytes: float = 3.0  # stored: FLAC, chunks, waveform, document
    kilobytes: float = 210.0  # in the database: 60 audit rows are 100 of them, with indexes


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of one core, as measured; rates that one machine bears."""

    speech: float = 0.08  # for a second of sound, bundled model
    job: float = 0.6  # cut, store, assemble
    edit_web: float = 0.011
    edit_database: float = 0.006
    page_web: float = 0.03  # between a worklist's and a long review's
    page_database: float = 0.008
    event_rate: float = 300.0
    publish_rate: float = 10_000.0
    sources: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars a month, as large clouds list them about; put in your own."""

    core: float = 30.0  # a virtual core with 4 GB
    database_core: float = 80.0  # managed, with a second one standing by
    database_gigabyte: float = 0.25
    stored_gigabyte: float = 0.023


def measured() -> Costs:
    """Costs with what `make bench` found here in place of the defaults."""
    if not RESULTS.exists():
        return Costs()
    rows = json.loads(RESULTS.read_text())["figures"]
    found = {f"{row['bench']}: {row['name']}": row["value"] for row in rows}
    wanted = {  # beginning of the figure's name, and what makes seconds of it
        "speech": ("batch: CPU for a second of sound", 1.0),
        "edit_web": ("edit: replace_text, web CPU", 0.001),
        "event_rate": ("audit: events of one practice beside", 1.0),
    }
    known = {
        name: value * scale
        for name, (start, scale) in wanted.items()
        for key, value in found.items()
        if key.startswith(start)
    }
    return Costs(**known, sources={name: wanted[name][0] for name in known})


def arrivals(practices: int, each: int, chance: random.Random) -> list[float]:
    """Seconds of the day, sorted, in the first zone's clock."""
    hours, weights = list(CLOCK), list(CLOCK.values())
    west, people = [zone for zone, _ in ZONES], [share for _, share in ZONES]
    times = []
    for _ in range(practices):
        (shift,) = chance.choices(west, people)
        for hour in chance.choices(hours, weights, k=each):
            times.append((hour + shift + chance.random()) * HOUR)
    return sorted(times)


def chunks(work: Work, chance: random.Random) -> list[float]:
    """Seconds of sound of each chunk of one recording."""
    location = math.log(work.minutes * 60) - work.spread**2 / 2
    whole = min(4 * HOUR, max(5.0, chance.lognormvariate(location, work.spread)))
    parts = math.ceil(whole / 60)
    return [whole / parts] * parts


@dataclass(slots=True)
class Waits:
    """Seconds from arrival until the first chunk is begun, and until the transcript is there."""

    begun: list[float] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)


def day(times: list[float], cores: int, work: Work, costs: Costs, seed: int) -> Waits:
    """One day with so many worker cores."""
    world, chance, waits = simpy.Environment(), random.Random(seed), Waits()
    workers = simpy.Resource(world, cores)

    def chunk(seconds: float) -> Iterator[simpy.Event]:
        with workers.request() as turn:
            yield turn
            yield world.timeout(seconds * costs.speech)

    def recording(at: float) -> Iterator[simpy.Event]:
        yield world.timeout(at)
        with workers.request() as turn:
            yield turn
            waits.begun.append(world.now - at)
            yield world.timeout(costs.job)
        yield simpy.AllOf(world, [world.process(chunk(s)) for s in chunks(work, chance)])
        waits.ready.append(world.now - at)

    for at in times:
        world.process(recording(at))
    world.run()
    return waits


def queue_times(practices: int, each: int, work: Work, costs: Costs) -> None:
    """Waits by number of worker cores, around what the busiest hour needs."""
    few = max(1, round(practices * SHARE))
    times = arrivals(few, each, random.Random(1))
    hour = busiest(times)
    need = hour * (work.minutes * 60 * costs.speech + costs.job) / HOUR
    print(
        "| worker cores | of the busiest hour's need | begun, p50 | p95 | p99 | ready, p50 | p95 |"
    )
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for load in (0.8, 1.0, 1.2, 1.5, 2.0):
        cores = max(1, round(need * load))
        seen = day(times, cores, work, costs, seed=2)
        figures = [share(seen.begun, p) for p in (0.5, 0.95, 0.99)]
        figures += [share(seen.ready, p) for p in (0.5, 0.95)]
        shown = " | ".join(f"{seconds:,.0f} s" for seconds in figures)
        print(f"| {round(cores / (few / practices)):,} | {cores / need:.2f} | {shown} |")


def busiest(times: list[float]) -> int:
    """Recordings in the busiest clock hour."""
    return max(Counter(int(at // HOUR) for at in times).values())


def loads(practices: int, each: int, work: Work, costs: Costs) -> list[tuple[str, float, str, str]]:
    """What is loaded, by how many of what was measured, in which unit, and what to do."""
    few = max(1, round(practices * SHARE))
    peak = busiest(arrivals(few, each, random.Random(1))) * practices / few / HOUR
    edits, pages = peak * work.edits, peak * work.pages
    database = edits * costs.edit_database + pages * costs.page_database
    return [
        ("workers", peak * (work.minutes * 60 * costs.speech + costs.job), "cores",
         "any number of hosts; a GPU in place of some hundred cores; the queue takes the peak"),
        ("web", edits * costs.edit_web + pages * costs.page_web, "cores",
         "any number of hosts behind the proxy"),
        ("database, statements", database, "cores",
         "one large primary; worklist, dashboard and searches from a replica"),
        ("database, audit log", peak * work.events / costs.event_rate, "times what two cores bore",
         "practices do not wait for each other: spread them over partitions, then databases"),
        ("Redis, live messages", peak * work.messages / costs.publish_rate, "of one Redis",
         "Redis Cluster, or one Redis for the channel layer and another for the bell"),
    ]  # fmt: skip


SIZES = (100, 1_000, 10_000, 100_000, 500_000)
SPARE = 1.2  # times the need of the busiest hour: see queue_times
DAYS = 250  # a year


@dataclass(frozen=True, slots=True)
class Size:
    """Cores of the busiest hour with something to spare; gigabytes of a year."""

    workers: int
    web: int
    database: int
    rows: float
    stored: float

    def dollars(self, prices: Prices) -> float:
        """A month, at the end of the first year."""
        cores = (self.workers + self.web) * prices.core + self.database * prices.database_core
        return cores + self.rows * prices.database_gigabyte + self.stored * prices.stored_gigabyte


def size(recordings: int, work: Work, costs: Costs) -> Size:
    """What a site with so many recordings a day needs; all of its people in one time zone."""
    peak = recordings * max(CLOCK.values()) / sum(CLOCK.values()) / HOUR * SPARE
    web = work.edits * costs.edit_web + work.pages * costs.page_web
    database = work.edits * costs.edit_database + work.pages * costs.page_database
    database += work.events / costs.event_rate * 2  # that rate took both cores
    return Size(
        workers=math.ceil(peak * (work.minutes * 60 * costs.speech + costs.job)),
        web=math.ceil(peak * web),
        database=max(2, math.ceil(peak * database)),
        rows=recordings * DAYS * work.kilobytes / 1e6,
        stored=recordings * DAYS * work.megabytes / 1e3,
    )


def sizes(work: Work, costs: Costs) -> None:
    print(
        "| recordings a day | worker cores | web cores | database cores | database, GB a year "
        "| storage, GB a year | about $ a month |\n|" + " ---: |" * 7
    )
    for recordings in SIZES:
        one = size(recordings, work, costs)
        print(
            f"| {recordings:,} | {one.workers:,} | {one.web:,} | {one.database:,} "
            f"| {one.rows:,.0f} | {one.stored:,.0f} | {one.dollars(Prices()):,.0f} |"
        )


def main(practices: int = 10_000, each: int = 50) -> None:
    work, costs = Work(), measured()
    recordings = practices * each
    print(f"{practices:,} practices x {each} recordings = {recordings:,} a day")
    print(f"service times: {costs.sources or 'defaults; run `make bench` for this machine'}\n")
    queue_times(practices, each, work, costs)
    found = loads(practices, each, work, costs)
    print("\n| in the busiest hour | needs | | when it is not enough |\n| --- | ---: | --- | --- |")
    for name, needed, unit, remedy in found:
        print(f"| {name} | {needed:,.1f} | {unit} | {remedy} |")
    print(f"\nstored: {recordings * work.megabytes / 1e6:,.1f} TB a day; "
          f"audit rows: {recordings * work.events / 1e6:,.0f} million a day\n")  # fmt: skip
    sizes(work, costs)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
