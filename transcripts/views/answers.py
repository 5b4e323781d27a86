"""How a script is told that something is wrong: a code for it, a sentence for its person."""

from django.http import JsonResponse


def problem(error: str, message: str, status: int) -> JsonResponse:
    return JsonResponse({"error": error, "message": message}, status=status)
