"""Addresses of the WebSockets."""

from django.urls import path

from review.consumers import RecordingConsumer, WorklistConsumer

websocket_urlpatterns = [
    path("ws/recordings/<uuid:recording_id>/", RecordingConsumer.as_asgi()),
    path("ws/worklist/", WorklistConsumer.as_asgi()),
]
