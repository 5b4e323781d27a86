"""The backend: before a query, the practice of transcripts.tenancy becomes the session's setting.

One short statement when the practice of a connection changes, and none otherwise.
"""

from typing import Any

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from transcripts import tenancy

SET = f"SELECT set_config('{tenancy.SETTING}', %s, false)"


class DatabaseWrapper(base.DatabaseWrapper):
    told: str | None = None

    def init_connection_state(self) -> None:
        self.told = None
        super().init_connection_state()

    def create_cursor(self, name: str | None = None) -> Any:
        wanted = tenancy.scope()
        if wanted != self.told and not self._failed():
            self.connection.execute(SET, [wanted])
            self.told = wanted
        return super().create_cursor(name)

    def _failed(self) -> bool:
        """In a failed transaction nothing but its end is taken; that needs no practice."""
        return self.connection.info.transaction_status == TransactionStatus.INERROR

    def _rollback(self) -> None:
        self.told = None  # the setting goes back with the rest
        super()._rollback()

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)
        self.told = None
