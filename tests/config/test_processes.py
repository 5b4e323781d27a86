"""What a web process must not load: engines and decoders belong to workers and sandboxes."""

import os
import subprocess
import sys

from django.conf import settings

HEAVY = ("av", "ctranslate2", "faster_whisper", "numpy", "onnxruntime")
LOADED = f"""
import sys, config.asgi, transcripts.urls, review.urls
print(*[name for name in {HEAVY!r} if name in sys.modules])
"""


def test_the_web_process_never_loads_an_engine_or_a_decoder():
    shown = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=settings.BASE_DIR,
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.split() == []
