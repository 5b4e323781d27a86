"""Addresses of this app's WebSockets."""

from django.urls import path

from transcripts.consumers import DictationConsumer

websocket_urlpatterns = [
    path("ws/dictate/<uuid:stream_id>/", DictationConsumer.as_asgi()),
]
