"""What comes from outside begins as nobody: it sees no practice's rows until it is known whose."""

from typing import Any

from config.limits import Application
from transcripts import tenancy


class AsNobody:
    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        with tenancy.within(tenancy.NOBODY):
            await self.application(scope, receive, send)
