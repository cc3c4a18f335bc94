"""Makes text from strangers fit to be shown: on terminals, in XML and in files."""

import unicodedata

KEPT = "\n\t"
HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn")
"""Categories of characters that are shown as what they are: controls, marks of direction, halves of pairs."""


def printable(text: str) -> str:
    """The text with every character that can't be seen, or does something to a terminal, spelled out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(each) if _hides(each) else each for each in text)


def _hides(character: str) -> bool:
    return character not in KEPT and unicodedata.category(character) in HIDDEN


def _spelled(character: str) -> str:
    number = ord(character)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
