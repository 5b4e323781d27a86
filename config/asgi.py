"""The ASGI application: HTTP to Django, WebSockets to the consumers of both apps."""

import atexit
import gc
import os
import threading

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

# What follows needs the app registry that this fills.
django.setup(set_prefix=False)

from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.conf import settings  # noqa: E402
from granian.utils.proxies import wrap_asgi_with_proxy_headers  # noqa: E402

from config import startup  # noqa: E402
from config.aws import AwsCalls  # noqa: E402
from config.handler import Handler  # noqa: E402
from config.limits import BodyLimit  # noqa: E402
from config.postgres.asgi import AsNobody  # noqa: E402
from config.warm import Warm  # noqa: E402
from config.websockets import SameOrigin  # noqa: E402
from review.audit import context, service  # noqa: E402
from review.routing import websocket_urlpatterns as review_sockets  # noqa: E402
from transcripts.aws.streaming_entries import HttpStreams, WebSocketStreams  # noqa: E402
from transcripts.routing import websocket_urlpatterns as transcripts_sockets  # noqa: E402

startup.refuse()
requests = BodyLimit(AwsCalls(Handler()), settings.UPLOAD_MAX_BYTES)
sockets = SameOrigin(AuthMiddlewareStack(URLRouter([*review_sockets, *transcripts_sockets])))
# A stream's signature says who calls, wherever its page came from.
application = AsNobody(
    ProtocolTypeRouter(
        {
            "http": HttpStreams(requests, context.remember),
            "websocket": WebSocketStreams(sockets, context.remember),
        }
    )
)
if settings.TRUSTED_PROXIES:
    application = wrap_asgi_with_proxy_headers(application, settings.TRUSTED_PROXIES)
# Tests start many servers, and few of them hear anything.
if not settings.TESTING:
    application = Warm(application)
    # Not here: the database may be away for a while, and nothing waits for this.
    threading.Thread(target=service.begun, args=("web",), daemon=True).start()
    atexit.register(service.ended, "web")
# What is loaded by now stays, and a request makes many objects only to drop them: with Python's own
# thresholds a long review's page took half as long again.
gc.freeze()
gc.set_threshold(50_000, 20, 100)
