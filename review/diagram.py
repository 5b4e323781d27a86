"""The states of a document as a diagram for docs/signing.md, drawn from the transition table.

`python -m review.diagram` writes it into the page anew; a test sees that it is there as it is.
"""

from pathlib import Path

from review.enums import SIGNINGS, TRANSITIONS, State

PAGE = Path(__file__).parents[1] / "docs" / "signing.md"
BEGIN, END = "<!-- states: python -m review.diagram -->\n", "<!-- end of states -->\n"


def mermaid() -> str:
    """A state diagram; an arrow that a signature makes is named for its meaning."""
    by_signature: dict[tuple[State, State], list[str]] = {}
    for meaning, signing in SIGNINGS.items():
        for old in signing.states:
            for new in signing.leads_to or (old,):
                by_signature.setdefault((old, new), []).append(meaning.label.lower())
    arrows = [*TRANSITIONS, *(pair for pair in by_signature if pair not in TRANSITIONS)]
    lines = ["stateDiagram-v2"]
    lines += [f"    {state.value}: {state.label}" for state in State]
    lines += [f"    [*] --> {State.WAITING.value}"]
    for pair in arrows:
        names = ", ".join(by_signature.get(pair, []))
        lines.append(f"    {pair[0].value} --> {pair[1].value}" + (f": {names}" if names else ""))
    return "\n".join(["```mermaid", *lines, "```", ""])


def drawn(page: str) -> str:
    """The page with the diagram as it is now."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + mermaid() + END + rest.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
