"""Names for records whose source gives them none: by what they say, so that a body sent again gives the same ones."""

from collections import Counter
from hashlib import blake2b


class Names:
    """Names the records of one body."""

    def __init__(self) -> None:
        self._alike: Counter[bytes] = Counter()

    def name(self, content: str) -> str:
        """Return a record's name; of several with the same content each has its own."""
        digest = blake2b(content.encode("utf-8", "replace"), digest_size=16).digest()
        self._alike[digest] += 1
        return f"{digest.hex()}-{self._alike[digest]}"
