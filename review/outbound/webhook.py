"""Sends one webhook message, signed as standardwebhooks.com has it. Pure."""

import base64
import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

import urllib3

SECONDS = 10
PREFIX = "whsec_"


class Failed(Exception):
    """The message was not taken; the message is a short code such as http_500 or timeout."""


def new_secret() -> str:
    """A new secret, written as receivers' libraries take it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(secret: str, *, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a message: its id, the time (Unix seconds) and the signature."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = b".".join([message_id.encode(), str(timestamp).encode(), body])
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{digest}",
    }


def send(
    url: str, address: str, body: bytes, signed: dict[str, str], seconds: int = SECONDS
) -> int:
    """POSTs to the URL at the address that was checked for it; the status. Raises Failed.

    Redirects are not followed, and of the answer only the status is read.
    """
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    timeout = urllib3.Timeout(total=seconds)
    if secure:
        pool: urllib3.HTTPConnectionPool = urllib3.HTTPSConnectionPool(
            address,
            parts.port or 443,
            timeout=timeout,
            retries=False,
            server_hostname=host,
            assert_hostname=host,
        )
    else:
        pool = urllib3.HTTPConnectionPool(address, parts.port or 80, timeout=timeout, retries=False)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {**signed, "Host": parts.netloc, "Content-Type": "application/json"}
    try:
        with pool.request(
            "POST", path, body=body, headers=sent, preload_content=False, redirect=False
        ) as answer:
            status = answer.status
    except urllib3.exceptions.TimeoutError:
        raise Failed("timeout") from None
    except urllib3.exceptions.SSLError:
        raise Failed("tls") from None
    except urllib3.exceptions.HTTPError:
        raise Failed("unreachable") from None
    finally:
        pool.close()
    if not 200 <= status < 300:
        raise Failed(f"http_{status}")
    return status
