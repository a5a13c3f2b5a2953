"""Words that vary without digits or quotes, found in the templates of one logger: proposed, or learned where many vary.

No rule can tell from one message that `Tanaka` in it is a name. From many it can: templates that are the same but for one
place, with several words there, are most likely one log call. So whoever has dozens of issues of one logger is shown the
pattern that would join them, as after a merge by hand. What is found depends on the set of templates alone, not on their
order or number, so that two looks at the same issues propose the same.

In rounds: each template is put beside those that differ from it in one place (up to MAX_SPAN words); the place with the
most different words becomes a variable; templates that vary in two places meet in the next round. A place is never one
where a constant, a class, a verb of HTTP or a word of grammar stood: `opened` and `closed` differ for a reason.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from mukiau.core.grouping.wording import IS_WORD, TELLS_APART, WORD, WORDS, render_tokens, tokens_of

MIN_VALUES = 4
"""Different words at a place: two or three are as likely to be operations."""
MIN_COMMON_WORDS = 2
MAX_SPAN = 3
MAX_ROUNDS = 4
MAX_TOKENS = 60
MAX_TEMPLATES = 2_000

_GRAMMAR = frozenset(
    """a an and are as at be but by can cannot could did do does for from had has have in into is it its may no none not of
    on or over than that the then this to under was were when while will with without off up down get set put post delete
    patch head open opened close closed start started stop stopped create created update updated read write insert failed
    succeeded connect connected disconnected send receive login logout enable enabled disable disabled""".split()
)
_QUOTES = ('"', "'")
Row = tuple[str, ...]


def find_patterns(templates: Iterable[str], *, least: int = MIN_VALUES) -> tuple[str, ...]:
    """Return patterns with `{word}` and `{words}`, each of which at least `least` of the templates have; in order.

    `least`: different words at a place.
    """
    known = {tuple(tokens): text for text in sorted(set(templates)) if len(tokens := tokens_of(text)) <= MAX_TOKENS}
    rows = dict.fromkeys(sorted(known)[:MAX_TEMPLATES], "")
    texts = {row: known[row] for row in rows}
    for _ in range(MAX_ROUNDS):
        merged = _round(list(texts), least)
        joined = {merged[row]: render_tokens(merged[row], text) for row, text in texts.items()}
        if joined.keys() == texts.keys():
            break
        texts = joined
    return tuple(sorted(text for row, text in texts.items() if row not in known))


def _round(rows: Sequence[Row], least: int) -> dict[Row, Row]:
    """Each row → itself, or the pattern with most values among those it has."""
    shared = _shared(rows, least)
    values: dict[Row, set[Row]] = defaultdict(set)
    for keys in shared.values():
        for key, taken in keys:
            values[key].add(taken)
    for key, known in values.items():
        if WORDS in key:
            known.difference_update(_with_common_words(known))
    return {
        row: max(
            (
                (len(values[key]), -_breadth(key, taken), key)
                for key, taken in shared.get(row, ())
                if len(values[key]) >= least and taken in values[key]
            ),
            default=(0, 0, row),
        )[2]
        for row in rows
    }


def _shared(rows: Sequence[Row], least: int) -> dict[Row, list[tuple[Row, Row]]]:
    """Return the keys of rows that enough others may have, too: by their hashes, for of all keys most are had once, and would
    take a hundred megabytes."""
    counts = Counter(hash(key) for row in rows for key, _ in _keys(row))
    return {
        row: keys for row in rows if (keys := [(key, taken) for key, taken in _keys(row) if counts[hash(key)] >= least])
    }


def _with_common_words(taken: set[Row]) -> set[Row]:
    """Of what may stand for some words: what begins or ends with a word that many of them do, such as `invalid user …`
    among names. That word does not vary; it tells another log call apart."""
    several = [one for one in taken if len(one) > 1]
    ends = Counter((at, one[at]) for one in several for at in (0, -1))
    return {one for one in several if any(ends[at, one[at]] >= MIN_VALUES and one[at] not in _QUOTES for at in (0, -1))}


def _breadth(key: Row, taken: Row) -> int:
    """A mark for one word is narrower than one for some."""
    return len(taken) + 10 * (WORDS in key)


def _keys(row: Row) -> Iterator[tuple[Row, Row]]:
    """The row with each place taken out, and what was taken."""
    varies, common = [_may_vary(token) for token in row], [_is_common(token) for token in row]
    for start in range(len(row)):
        for size in range(1, MAX_SPAN + 1):
            taken = row[start : start + size]
            if len(taken) < size or not (all(varies[start : start + size]) or _is_quoted(taken)):
                if taken[0] in _QUOTES and size < MAX_SPAN:
                    continue
                break
            if sum(common) - sum(common[start : start + size]) < MIN_COMMON_WORDS:
                continue
            if size == 1:
                yield (*row[:start], WORD, *row[start + 1 :]), taken
            yield (*row[:start], WORDS, *row[start + size :]), taken


def _is_quoted(taken: Row) -> bool:
    """A name in quotes is one thing with its quotes: of other names, with digits, the template has `<str>`."""
    return len(taken) == 3 and taken[0] == taken[2] and taken[0] in _QUOTES and _may_vary(taken[1])


@lru_cache(maxsize=4096)
def _may_vary(token: str) -> bool:
    if token.startswith("<"):
        return True
    is_word = IS_WORD.match(token) is not None and not all("\u3040" <= char <= "\u309f" for char in token)
    return is_word and token.lower() not in _GRAMMAR and TELLS_APART.fullmatch(token) is None


@lru_cache(maxsize=4096)
def _is_common(token: str) -> bool:
    return IS_WORD.match(token) is not None and not token.startswith(("<", "{"))
