"""The errors that an AWS client understands: names, statuses and sentences."""

STATUSES = {
    "ConflictException": 409,
    "LimitExceededException": 429,
    "InternalFailureException": 500,
}


class AwsError(Exception):
    """Answers a request with this error; `code` is AWS's name of it."""

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = status or STATUSES.get(code, 400)


def bad_request(message: str) -> AwsError:
    return AwsError("BadRequestException", message)


def not_found(message: str) -> AwsError:
    return AwsError("NotFoundException", message)


def conflict(message: str) -> AwsError:
    return AwsError("ConflictException", message)


def limit_exceeded(message: str) -> AwsError:
    return AwsError("LimitExceededException", message)


def denied(message: str) -> AwsError:
    return AwsError("AccessDeniedException", message)


def serialization(message: str) -> AwsError:
    return AwsError("SerializationException", message)
