"""Sends one HL7 v2 message over MLLP and waits for its acknowledgment. Pure."""

import asyncio
import ssl
from contextlib import suppress

from hl7.mllp import InvalidBlockError, open_hl7_connection

SECONDS = 20
LONGEST_ANSWER = 64 * 1024


class Failed(Exception):
    """No acknowledgment came; the message is a short code such as timeout or unreachable."""


def send(
    address: str, port: int, message: str, *, server_name: str = "", seconds: int = SECONDS
) -> str:
    """The receiver's answer, segments ended by carriage returns.

    With `server_name` the connection is TLS and the certificate must be that name's. Raises Failed.
    """
    try:
        return asyncio.run(_exchange(address, port, message, server_name, seconds))
    except TimeoutError:
        raise Failed("timeout") from None
    except ssl.SSLError:
        raise Failed("tls") from None
    except OSError:
        raise Failed("unreachable") from None
    except (InvalidBlockError, asyncio.IncompleteReadError, ValueError):
        raise Failed("no_answer") from None


async def _exchange(address: str, port: int, message: str, name: str, seconds: int) -> str:
    async with asyncio.timeout(seconds):
        secure = {"ssl": ssl.create_default_context(), "server_hostname": name} if name else {}
        reader, writer = await open_hl7_connection(
            address, port, limit=LONGEST_ANSWER, encoding="utf-8", **secure
        )
        try:
            writer.writeblock(message.encode())
            await writer.drain()
            return (await reader.readblock()).decode("utf-8", "replace")
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
