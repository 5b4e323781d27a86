"""Word error rate against the spoken-form references of tests/audio/manifest.json."""

import re

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SAME = {"mg": "milligrams", "milligram": "milligrams", "%": "percent", "iii": "three"} | {
    "ii": "two",
    "x-ray": "x ray",
    "dr": "doctor",
    "ok": "okay",
}


def in_words(number: int) -> str:
    """148 -> one hundred forty eight; numbers below a million."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        return _TENS[number // 10] + (f" {_ONES[number % 10]}" if number % 10 else "")
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = f" {in_words(number % size)}" if number % size else ""
            return f"{in_words(number // size)} {name}{rest}"
    raise AssertionError


def normalised(text: str) -> list[str]:
    """Lower-case words without punctuation, with digits and units as one would say them."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text.lower())
    text = re.sub(r"(\d+)\.(\d)", r"\1 point \2", text).replace("%", " percent ")
    text = re.sub(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])", " ", text)
    text = re.sub(r"\d{1,6}", lambda digits: f" {in_words(int(digits[0]))} ", text)
    words = re.findall(r"[a-z']+", text.replace("-", " "))
    return " ".join(_SAME.get(word, word) for word in words).split()


def word_errors(reference: str, hypothesis: str) -> tuple[int, int]:
    """Edit distance in words, and the number of words in the reference."""
    wanted, got = normalised(reference), normalised(hypothesis)
    row = list(range(len(got) + 1))
    for i, word in enumerate(wanted, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            diagonal, row[j] = (
                row[j],
                min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other)),
            )
    return row[-1], len(wanted)


def word_error_rate(reference: str, hypothesis: str) -> float:
    """Share of wrong words, 0 for a perfect text; can exceed 1."""
    errors, words = word_errors(reference, hypothesis)
    return errors / max(1, words)
