"""manage.py threshold_report: the figures of the threshold workbench as JSON and as a page."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.loader import render_to_string
from django.utils import timezone

from review import thresholds
from review.threshold.points import RANKINGS
from review.threshold.tables import ENOUGH_DOCUMENTS
from review.thresholds import Bench, Choice
from review.views import thresholds_plots as drawn
from transcripts.models import Practice

SHEETS = ("site/tokens.css", "site/base.css", "site/components.css", "thresholds.css")


class Command(BaseCommand):
    help = (
        "Errors caught against words flagged, calibration, lines and drift, by practice and "
        "engine: numbers only, no words and no patients. Nothing is fitted by this."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--practice", help="Id of one practice; all without it.")
        parser.add_argument("--json", action="store_true", help="Print the JSON.")
        parser.add_argument("--out", help="Folder for thresholds.json and thresholds.html.")

    def handle(
        self,
        *args: Any,
        practice: str | None = None,
        json: bool = False,
        out: str | None = None,
        **options: Any,
    ) -> None:
        rows = Practice.objects.order_by("name", "pk")
        rows = rows.filter(pk=practice) if practice else rows
        found = [(row, _benches(row)) for row in rows]
        if practice and not found:
            raise CommandError("There is no such practice.")
        told = {
            "at": timezone.now().isoformat(),
            "practices": [_practice(row, benches) for row, benches in found],
        }
        if out:
            folder = Path(out)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "thresholds.json").write_text(_json(told))
            (folder / "thresholds.html").write_text(_page(found))
        if json:
            self.stdout.write(_json(told))
        elif not out:
            self.stdout.write(_text(found))


def _benches(practice: Practice) -> list[Bench]:
    """One for each engine and model of the practice, ranked by the machine's own score."""
    return [
        thresholds.workbench(practice.pk, Choice(*each)) for each in thresholds.choices(practice.pk)
    ]


def _practice(practice: Practice, benches: list[Bench]) -> dict[str, Any]:
    return {
        "practice": str(practice.pk),
        "default_threshold": str(practice.confidence_threshold),
        "engines": [_engine(bench) for bench in benches],
        "lines": [
            {
                "at": row.at.isoformat(),
                "by": str(row.by_id),
                "engine": row.engine,
                "model": row.model,
                "type": row.type,
                "specialty": row.specialty,
                "ranking": row.ranking,
                "was": row.was and str(row.was),
                "threshold": str(row.threshold),
                "expected": row.expected,
                "reason": row.reason,
            }
            for row in thresholds.history(practice.pk)
        ],
        "drift": [
            {
                "watched": each["alarm"].watched,
                "key": each["alarm"].key,
                "way": each["alarm"].way,
                "before": each["alarm"].before,
                "after": each["alarm"].after,
                "since": each["alarm"].since.isoformat(),
            }
            for each in thresholds.drift(practice.pk)
        ],
    }


def _engine(bench: Bench) -> dict[str, Any]:
    """`own` false: the figures are those of the bundled recordings."""
    made = bench.calibration
    return {
        "engine": bench.choice.engine,
        "model": bench.choice.model,
        "own": bench.own,
        "missing": {"documents": bench.missing[0], "changed": bench.missing[1]},
        "calibration": made and {"number": made.number, "documents": made.documents},
        "tables": made.tables["now"] if made else None,
        "seconds_a_mark": bench.pace,
        "words_a_day": bench.words_a_day,
        "report": bench.report,
        "by": made.report if made else {},
    }


def _page(found: list[tuple[Practice, list[Bench]]]) -> str:
    css = [(Path(settings.BASE_DIR) / "static" / "css" / name).read_text() for name in SHEETS]
    practices = [
        {
            "practice": practice,
            "benches": [
                {
                    "bench": bench,
                    "plots": drawn.plots(bench, None),
                    "at": _at(bench),
                }
                for bench in benches
            ],
            "drift": thresholds.drift(practice.pk),
        }
        for practice, benches in found
    ]
    context = {"css": "\n".join(css), "practices": practices, "enough": ENOUGH_DOCUMENTS}
    return render_to_string("review/threshold_report.html", context | {"at": timezone.now()})


def _at(bench: Bench) -> list[list[str]]:
    return [
        [
            RANKINGS[name],
            drawn.share(point["flagged"]),
            drawn.of(point, "caught", "lo", "hi"),
            drawn.of(point, "control", "control_lo", "control_hi"),
        ]
        for name, point in bench.report.get("at", {}).items()
    ]


def _text(found: list[tuple[Practice, list[Bench]]]) -> str:
    lines = []
    for practice, benches in found:
        lines.append(f"practice {practice.pk}")
        for bench in benches:
            about = "own documents" if bench.own else "bundled recordings"
            size = bench.report.get("documents", 0)
            lines.append(f"  {bench.choice.engine} {bench.choice.model}: {about}, {size} documents")
            lines += ["    " + ": ".join((row[0], _sentence(row))) for row in _at(bench)]
    return "\n".join(lines)


def _sentence(row: list[str]) -> str:
    return f"{row[1]} of words flagged, {row[2]} of errors caught, {row[3]} at random"


def _json(told: dict[str, Any]) -> str:
    return json.dumps(told, indent=1, sort_keys=True) + "\n"
