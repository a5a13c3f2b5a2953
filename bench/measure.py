"""What was measured, collected while measuring: values by the key of their target, and sentences that explain them."""

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass(slots=True)
class Results:
    """Values of every run, in order."""

    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    notes: list[str] = field(default_factory=list)

    def add(self, key: str, value: float) -> None:
        """Note one run's value; the key is one of `bench.targets`."""
        self.values[key].append(value)

    def note(self, sentence: str) -> None:
        """Note a sentence for the reader, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)
