"""Every limit of a request, an envelope and an event, with its unit and where the number comes from.

"Relay" is the reference receiver of the protocol (configuration defaults and event schema, 2026): a client that stays
below its limits must stay below ours. `TRIM` limits have an allowance: a text is only cut when it is longer than limit +
allowance, so that a text slightly too long is not spoiled; a cut text ends in `...`.
"""

# --- Connections and requests --------------------------------------------------------------------------------------
MAX_CONNECTIONS = 4_000
"""Open at once; of more, the one that has been waiting longest for (the rest of) a request is closed. Ours: an idle
connection costs 10 KiB."""
MAX_HEADER_BYTES = 64 * 1024
"""Request line and headers; the largest that proxies send on."""
REQUEST_READ_SECONDS = 15.0
"""From a request's first byte to its last; SDKs give up after 30 s themselves."""
KEEP_ALIVE_SECONDS = 75
"""A connection without a request. Longer than the pools of SDKs and proxies keep one, so that they close it and not we
under their hands."""
ANSWER_STALL_SECONDS = 30.0
"""A client that takes nothing of its answer for so long has gone away."""
MAX_BODY_BYTES = 20 * 1024**2
"""As sent, still compressed (the protocol)."""
MAX_BODIES_BYTES = 32 * 1024**2
"""All bodies together that are not answered yet; beyond it, the one that arrives and holds most is refused (503). Ours: of
the memory that mukiau may take while it is attacked."""
FREE_BODY_BYTES = 64 * 1024
"""A request that comes in one piece and is no larger is not counted among them; nearly every one is."""
LARGE_BODY_BYTES = 1024**2
"""Beyond it a body is large."""
LARGE_BODIES_AT_ONCE = 2
"""Others wait: two that are as large as they may be leave some of the memory to all others."""
MAX_PAGE_REQUEST_BYTES = 1024**2
"""What a form or an API call may send."""
MAX_PAGE_TARGET_BYTES = 8 * 1024
"""Path and query of a page; ours."""
MAX_REJECTIONS_LISTED = 1_000
"""Lines of a body of records that are no records, listed in its answer; all are counted."""

# --- Envelopes ----------------------------------------------------------------------------------------------------
MAX_ENVELOPE_BYTES = 20 * 1024**2
"""Unpacked. Relay reads up to 200 MiB because of attachments and replays, which are dropped here."""
MAX_EVENT_BYTES = 1024**2
"""Unpacked, all event items of an envelope together (Relay)."""
MAX_ENVELOPE_HEADER_BYTES = 64 * 1024
"""One header line; real ones are below 2 KiB."""
MAX_ENVELOPE_ITEMS = 1_000
"""Items of one envelope; SDKs send a handful, the largest (sessions) up to 100 (Relay)."""

# --- Texts of an event (characters; Relay's event schema unless said otherwise) ----------------------------------------
MAX_MESSAGE_CHARS = 8_192
MESSAGE_ALLOWANCE_CHARS = 200
MAX_TYPE_CHARS = 256
TYPE_ALLOWANCE_CHARS = 20
MAX_FUNCTION_CHARS = 512
FUNCTION_ALLOWANCE_CHARS = 20
MAX_PATH_CHARS = 256
PATH_ALLOWANCE_CHARS = 40
MAX_CONTEXT_LINE_CHARS = 1_024
"""Minified source has lines of a megabyte; ours, Relay leaves the cutting to the clients."""
MAX_NAME_CHARS = 200
"""culprit, transaction, release, tag keys and values. Also loggers, for which Relay takes 64: a longer class name would
lose its end, and with it what tells two loggers apart."""
MAX_ENVIRONMENT_CHARS = 64
MAX_DIST_CHARS = 64
MAX_CHECKSUM_CHARS = 128
MAX_CATEGORY_CHARS = 128
MAX_USER_CHARS = 128
MAX_FINGERPRINT_CHARS = 1_024
"""One part of a client's fingerprint; ours."""

# --- Counts of an event -----------------------------------------------------------------------------------------------
MAX_FRAMES = 250
FRAMES_KEPT_OLDEST = 50
FRAMES_KEPT_NEWEST = 200
"""Relay: of a longer stack the oldest 50 and the newest 200 are kept."""
MAX_LINE_NUMBER = 2**31 - 1
"""Lines and columns; the largest that every runtime's own type holds."""
MAX_EXCEPTIONS = 100
"""Links of a chain or members of a group; ours, the SDKs stop between 5 and 50."""
MAX_BREADCRUMBS = 100
"""The newest are kept; the SDKs' default."""
MAX_THREADS = 256
"""Ours: a JVM under load has a few hundred threads."""
MAX_TAGS = 200
MAX_FINGERPRINT_PARTS = 32
MAX_CONTEXTS = 64
MAX_MODULES = 1_000
"""Ours: the largest Python environments seen have some 600 packages."""
MAX_CONTEXT_LINES = 100
"""Lines before or after a frame's line; SDKs send 5 to 10."""
MAX_UNKNOWN_KEYS = 50
"""Top-level keys nobody knows."""
MAX_PROBLEMS = 50
"""Notes kept with one event; the count of further ones is in the last."""

# --- Free-form data ---------------------------------------------------------------------------------------------------
MAX_DEPTH = 32
"""Levels of the whole event; deeper values become JSON text."""
MAX_DATA_DEPTH = 12
"""Levels below `extra`, `vars`, a context, … (Relay takes 5 to 7, SDKs themselves cut at 5 to 10)."""
DATA_LIMITS_FROM_CHARS = 65_536
"""An event with less text than this keeps all of its data; only larger ones are held to the limits below."""
MAX_EXTRA_CHARS = 262_144
MAX_VARS_CHARS = 8_192
"""Per frame; Relay takes 2 KiB, but a local is often the only clue."""
MAX_DATA_CHARS = 8_192
"""A breadcrumb's data, a context, a request's parts, mechanism data."""
MAX_TEXT_CHARS = 16_384
"""One text inside free-form data."""
MAX_INTEGER_DIGITS = 19
"""A 64-bit number; larger ones are kept as text, because most stores and browsers would round them."""
