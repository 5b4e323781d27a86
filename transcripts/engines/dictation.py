"""Setting the marks and breaks that were dictated, so that no spoken word is lost. Pure.

Which words are commands is found in commands.py.
"""

from collections.abc import Iterable, Sequence

from transcripts.engines.commands import NEW_LINE, PARAGRAPH, Command
from transcripts.engines.spoken import Item, Line, merged, said, text_of


def set_marks(lines: Sequence[Line], commands: Sequence[Sequence[Command]]) -> list[Line]:
    """The lines with their commands carried out; no spoken word is lost.

    A mark becomes a punctuation item with the word in "spoken", and takes the place of marks that
    the engine set right beside it. A break ends the line: the next one has "paragraph": True or
    "new_line": True, its first item "starts": "paragraph" or "line", and the words of the command
    are in "spoken" of the item before. Without an item before, the words stay.
    """
    result: list[Line] = []
    pending = ""
    for line, ones in zip(lines, commands, strict=True):
        writer = _Writer(line, result, pending)
        pending = writer.write(ones)
    return result


class _Writer:
    """Writes one line's items, which may become several lines, or join the line before."""

    def __init__(self, line: Line, done: list[Line], starts: str) -> None:
        self.line, self.done, self.starts = line, done, starts
        self.out: list[Item] = []
        self.capital = bool(starts)
        self.opened: list[Item] = []

    def write(self, commands: Sequence[Command]) -> str:
        """Writes the line. Returns the break that the next line begins with, or ""."""
        items = self.line["items"]
        at = 0
        for command in commands:
            for item in items[at : command.first]:
                self._put(item)
            words = items[command.first : command.end]
            at = command.end
            if command.sign == "(":
                self.opened = [*self.opened, *words]
                continue
            after = [] if self.opened else self._absorbed(items[at:])
            if self._carry_out(command.sign, list(words), after):
                at += len(after)
            else:
                for item in words:
                    self._put(item)
        for item in items[at:]:
            self._put(item)
        self.out += self.opened
        self._end_line(last=True)
        return self.starts if not self.out else ""

    @staticmethod
    def _absorbed(items: Sequence[Item]) -> list[Item]:
        end = 0
        while (
            end < len(items) and items[end]["type"] == "punctuation" and "spoken" not in items[end]
        ):
            end += 1
        return list(items[:end])

    def _put(self, item: Item) -> None:
        if item["type"] == "pronunciation":
            if self.opened:
                spoken = " ".join(filter(None, map(said, [*self.opened, item])))
                item = merged([*self.opened, item], f"({item['content']}", spoken=spoken)
                self.opened = []
            elif self.capital and item["content"].islower() and "spoken" not in item:
                content = item["content"][:1].upper() + item["content"][1:]
                item = {**item, "content": content, "spoken": item["content"]}
            self.capital = False
            if self.starts and not self.out:
                item = {**item, "starts": self.starts}
        self.out.append(item)

    def _before(self) -> list[Item] | None:
        """The items that the command follows: of this line, or of the line before."""
        if self.out:
            return self.out
        last = self.done[-1] if self.done else None
        return last["items"] if last and last["channel"] == self.line["channel"] else None

    def _carry_out(self, sign: str, words: list[Item], after: list[Item]) -> bool:
        before = self._before()
        if not before or self.opened:
            return False
        if sign == ")":
            if before[-1]["type"] != "pronunciation":
                return False
            before[-1] = merged([before[-1], *words], f"{before[-1]['content']})")
            self.out += after
        elif sign in (PARAGRAPH, NEW_LINE):
            self._break(before, sign, words, after)
        else:
            self._mark(before, sign, words, after)
        if not self.out:
            self.done[-1]["end"] = max(self.done[-1]["end"], words[-1]["end"] or 0)
        return True

    def _mark(self, before: list[Item], sign: str, words: list[Item], after: list[Item]) -> None:
        own = []
        while (
            len(before) > 1 and before[-1]["type"] == "punctuation" and "spoken" not in before[-1]
        ):
            own.insert(0, before.pop())
        before.append(_mark(sign, text_of([*own, *words, *after]), words))
        self.capital = sign in ".?!"

    def _break(self, before: list[Item], sign: str, words: list[Item], after: list[Item]) -> None:
        if after and before[-1]["type"] == "pronunciation":
            before.append(after[0])
        spoken = " ".join(filter(None, [said(before[-1]), *map(said, words)]))
        before[-1] = {**before[-1], "spoken": spoken}
        self._end_line(last=False)
        self.starts = sign if self.starts != PARAGRAPH else PARAGRAPH
        self.capital = True

    def _end_line(self, *, last: bool) -> None:
        if not self.out:
            return
        starts = [i["start"] for i in self.out if i["start"] is not None]
        ends = [i["end"] for i in self.out if i["end"] is not None]
        whole = self.line["items"] == self.out
        line = {**self.line, "items": self.out}
        if not whole:
            line["start"] = min(starts, default=self.line["start"])
            line["end"] = self.line["end"] if last else max(ends, default=self.line["end"])
        if self.starts:
            line["paragraph" if self.starts == PARAGRAPH else "new_line"] = True
        self.done.append(line)
        if not last:
            self.out, self.starts = [], ""


def _mark(sign: str, spoken: str, words: Iterable[Item]) -> Item:
    mark = {
        "type": "punctuation",
        "content": sign,
        "start": None,
        "end": None,
        "confidence": None,
        "raw_confidence": None,
        "alternatives": [],
        "by": "machine",
        "spoken": spoken,
    }
    marks = [m for word in words for m in word.get("marks", ())]
    return mark | {"marks": list(dict.fromkeys(marks))} if marks else mark
