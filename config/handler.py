"""Django's handler, with one hop into the request's thread for all middlewares and the view.

Django's own takes a hop for every hook of a middleware, and two more between the middlewares and
the view, in case some of them are coroutines. Here all are plain functions, and the hops took a
twentieth of what saving an edit takes. Tests have always gone this way: Django's test client does.
"""

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponseBase


class Handler(ASGIHandler):
    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)
