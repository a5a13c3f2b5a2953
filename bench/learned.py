"""The policy that stands when mukiau has learned all that it does by itself from some events, with its default settings."""

from collections.abc import Sequence

from mukiau.config import load
from mukiau.core.event import Event
from mukiau.core.grouping.default_text import DEFAULT_TEXT
from mukiau.core.grouping.fingerprint import fingerprint_of
from mukiau.core.grouping.learned_text import with_learned
from mukiau.core.grouping.learning import KnownIssue, find_learnable
from mukiau.core.grouping.policy import DEFAULT, Policy
from mukiau.core.grouping.policy_text import parse_policy


def learned_policy(events: Sequence[Event]) -> Policy:
    """Return it; looked for again and again as the lab does, each fingerprint an issue of its own that nobody has touched."""
    policy, text, least = DEFAULT, DEFAULT_TEXT, load({}).learn_words
    while True:
        found = (fingerprint_of(event, policy) for event in events)
        trees = {one.hash: one.explanation for one in found}
        known = [KnownIssue(issue=number, tree=tree) for number, tree in enumerate(trees.values())]
        text, kept = with_learned(text, find_learnable(known, least=least))
        if not kept:
            return policy
        policy = parse_policy(text).policy or DEFAULT
