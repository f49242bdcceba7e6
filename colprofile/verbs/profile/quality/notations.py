"""How people write numbers: decimal signs, what separates thousands, signs of currencies and of percent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from colprofile.verbs.profile.quality.text_column import Mask, mask_of

SIGNS = "$€£¥%"
"""Signs of currencies and of percent."""


@dataclass(frozen=True)
class Notation:
    """A way to write numbers.

    Attributes
    ----------
    decimal
        The decimal separator.
    thousands
        What separates thousands; "" for nothing.
    """

    decimal: str = "."
    thousands: str = ""

    @cached_property
    def expression(self) -> str:
        r"""The numbers so written, as a regular expression; a currency or percent sign may stand at either end.

        >>> bool(re.fullmatch(Notation(",", ".").expression, "-1.234,50 €"))
        True
        >>> [bool(re.fullmatch(Notation(".", ",").expression, text)) for text in ("1,234", "0,234", "12,34", "1234")]
        [True, False, False, True]
        """
        decimal, thousands = re.escape(self.decimal), re.escape(self.thousands)
        whole = rf"(\d+|[1-9]\d?\d?({thousands}\d\d\d)+)" if thousands else r"\d+"
        number = rf"({whole}({decimal}\d*)?|{decimal}\d+)([eE][+-]?\d+)?"
        return rf"^\s*[+-]?[$€£¥]?\s?[+-]?{number}\s?[$€£¥%]?\s*$"

    def matches(self, texts: pa.Array) -> Mask:
        """Return which texts are numbers so written."""
        return mask_of(pc.match_substring_regex(texts, self.expression))


NOTATIONS = (
    Notation(),
    *(Notation(".", sign) for sign in (",", "'", "’", " ", "\u00a0", "\u202f")),
    *(Notation(",", sign) for sign in ("", ".", "'", "’", " ", "\u00a0", "\u202f")),
)
"""The ways that are tried. Where all numbers can be read in several, as 1,234 can, the first is meant."""
