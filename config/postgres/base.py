"""The backend: before a query, the practice of transcripts.tenancy becomes the session's setting.

One short statement when the practice of a connection changes, and none otherwise. Besides Django's
cursors, which put values into the text of a statement, it has some that send them beside it.
"""

from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from psycopg.adapt import AdaptersMap
from psycopg.pq import TransactionStatus
from psycopg.types.datetime import TimestamptzLoader

from transcripts import tenancy

PREPARED = "prepared"
SET = f"SELECT set_config('{tenancy.SETTING}', %s::text, false)"


class DatabaseOperations(base.DatabaseWrapper.ops_class):
    def last_executed_query(self, cursor: Any, sql: str, params: Any) -> str | None:
        """With its values, where they were sent beside it too."""
        if isinstance(cursor, base.ServerBindingCursor):
            return self.compose_sql(sql, params)
        return super().last_executed_query(cursor, sql, params)


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
    told: str | None = None

    def get_connection_params(self) -> dict[str, Any]:
        """Django's, but psycopg's C reads times: they come in UTC, where Django puts them anew."""
        params = super().get_connection_params()
        params["context"] = AdaptersMap(params["context"])
        params["context"].register_loader("timestamptz", TimestamptzLoader)
        return params

    def init_connection_state(self) -> None:
        self.told = None
        super().init_connection_state()

    def create_cursor(self, name: str | None = None) -> Any:
        wanted = tenancy.scope()
        if wanted != self.told and not self._failed():
            base.ServerBindingCursor(self.connection).execute(SET, [wanted])
            self.told = wanted
        if name == PREPARED:
            return base.ServerBindingCursor(self.connection)
        if name:
            hold = self.connection.autocommit
            return base.ServerSideCursor(self.connection, name, scrollable=False, withhold=hold)
        return self.connection.cursor()

    def prepared_cursor(self) -> CursorWrapper:
        """For statements of a fixed text: PostgreSQL parses and plans each once in a connection."""
        return self._cursor(PREPARED)

    def _failed(self) -> bool:
        """In a failed transaction nothing but its end is taken; that needs no practice."""
        return self.connection.info.transaction_status == TransactionStatus.INERROR

    def _rollback(self) -> None:
        self.told = None  # the setting goes back with the rest
        super()._rollback()

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)
        self.told = None
