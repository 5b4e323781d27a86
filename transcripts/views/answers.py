"""How a script is told that something is wrong: a code for it, a sentence for its person."""

from django.http import JsonResponse


def problem(error: str, message: str, status: int, remedy: str = "") -> JsonResponse:
    said = {"error": error, "message": message} | ({"remedy": remedy} if remedy else {})
    return JsonResponse(said, status=status)
