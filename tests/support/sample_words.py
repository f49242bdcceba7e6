"""Made-up people, places and words for sample databases, the same for the same seed."""

from __future__ import annotations

import datetime as dt
import random


def listed(text: str, separator: str | None = None) -> list[str]:
    """Return the names in a text."""
    return text.split(separator)


SYLLABLES = listed(
    "ba be bo ca da de do el fa fe ga ha jo ka ke la le li lo ma me mi mo na ne ni no or pa pe ra re ri ro sa se"
)
COUNTRIES = listed(
    "USA Canada Brazil France Germany UK Portugal India Italy Spain Norway Sweden Denmark Finland Poland Austria "
    "Belgium Ireland Hungary Chile Argentina Mexico Australia Venezuela Switzerland Netherlands"
)


class Words(random.Random):
    """Random words, names and places."""

    def word(self, syllables: int = 3) -> str:
        """Return a capitalised word."""
        return "".join(self.choices(SYLLABLES, k=syllables)).capitalize()

    def title(self, words: int = 3) -> str:
        """Return several words."""
        return " ".join(self.word(self.randint(1, 4)) for _ in range(words))

    def words(self, count: int, syllables: int = 3) -> list[str]:
        """Return that many different words, unsorted."""
        found: dict[str, None] = {}
        while len(found) < count:
            found[self.word(syllables)] = None
        return list(found)

    def phone(self) -> str:
        """Return a telephone number."""
        return f"+{self.randint(1, 99)} ({self.randint(100, 999)}) {self.randint(100, 999)}-{self.randint(1000, 9999)}"

    def postal_code(self) -> str:
        """Return a code of five digits."""
        return f"{self.randint(1000, 99999):05}"

    def address(self) -> str:
        """Return a house number and a street."""
        return f"{self.randint(1, 3000)} {self.word()} {self.choice(['Street', 'Ave', 'Road', 'Blvd.'])}"

    def maybe(self, share: float, value: str) -> str | None:
        """Return the value, or NULL except for that share."""
        return value if self.random() < share else None

    def day(self, first: str, days: int) -> dt.datetime:
        """Return midnight of one of the days that follow the first."""
        return dt.datetime.fromisoformat(first) + dt.timedelta(days=self.randrange(days))

    def covering(self, rows: int, values: int, used: int | None = None) -> list[int]:
        """Return that many numbers in 1 … values, of which ``used`` (all) occur at least once."""
        chosen = self.sample(range(1, values + 1), used or values)
        drawn = chosen + self.choices(chosen, k=rows - len(chosen))
        self.shuffle(drawn)
        return drawn
