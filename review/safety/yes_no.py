"""Sounds for yes and no: "mm-hm" and "uh-uh" differ by one breath, and engines confuse them."""

from review.safety.document import Document, Mark, marks

_YES = ("mm hm", "mm hmm", "mhm", "uh huh", "um hm", "hm mm")
_NO = ("uh uh", "mm mm", "huh uh", "nuh uh", "unh unh")
_OTHER = dict.fromkeys(_YES, "uh-uh") | dict.fromkeys(_NO, "uh-huh")
_LONGEST = 4  # words of a sentence that only answers


def find(document: Document) -> list[Mark]:
    found = []
    toks = document.tokens
    for s in document.sentences:
        words = [t for t in toks[s.first : s.end] if not t.mark]
        opening = " ".join(t.low for t in words[:2])
        sound = next((x for x in _OTHER if opening == x or (words and words[0].low == x)), None)
        if sound is None or (s.asked is None and len(words) > _LONGEST):
            continue
        size = len(sound.split())
        place = (words[0].begin, words[size - 1].end)
        said, other = document.text[slice(*place)], _OTHER[sound]
        meant = "yes" if sound in _YES else "no"
        sentence = f"“{said}” stands for {meant}; “{other}” sounds much the same."
        found += marks(document, [place], "yes_no", sentence, alternatives=(other,))
    return found
