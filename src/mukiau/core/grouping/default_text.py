"""The defaults as a policy's text: what counts, written out for a person to read and copy."""

DEFAULT_TEXT = """\
# Grouping policy: which parts of an event make it one issue with others.
#
# Everything here is what mukiau does without a policy. Keep the first line, delete what you do not change.
# Lines that begin with `# ` and a setting are examples.

# The version of mukiau's own defaults this text builds on. What the text does not say is as that version says it, also
# when a newer mukiau has better defaults.
defaults = 1

# What counts besides, for every event, named as in the list at the end.
also = []
# also = ["tag:error_code"]

[count]
# The service an event comes from. Switched off, one issue may span services.
service = true

# With exceptions: which links of the chain count ("all", "root": the root cause alone, "outermost": what was raised
# alone), and whether a chain in another order is another issue.
links = "all"
order = true

# In-app functions of each link, from the crash outwards (0 to 20). With more, a renamed helper makes another issue; with 0,
# it does not matter where an exception was thrown.
frames = 1

# Where no wrapper tells which operation failed: the outermost in-app function and the place of the next one.
way_in = true

# Of which exceptions the message's template counts: "root" (the root cause, and exceptions without in-app functions), "all",
# "none"; whether the error codes in the other messages do, and which of these do not (their keys: "reason").
messages = "root"
codes = true
ignored_codes = []

# Without exceptions the message's template always counts, and with it the logger (else the place of the log call).
logger = true

# What a client's SDK sends as `fingerprint` counts instead of all this, below the service; `{{ default }}` in it stands for
# all this.
client_fingerprint = true

# Wrappers that say nothing of their own. "{{ default }}" in your list stands for these.
see_through = [
  "java.util.concurrent.ExecutionException",
  "java.util.concurrent.CompletionException",
  "java.lang.reflect.InvocationTargetException",
  "java.lang.reflect.UndeclaredThrowableException",
  "io.reactivex.exceptions.UndeliverableException",
  "reactor.core.Exceptions$ReactiveException",
  "System.Reflection.TargetInvocationException",
]

[in_app]
# Frames that are the team's own code, and frames that are not, by module (class, package) or path; `include` wins. The
# standard libraries and well-known packages of every runtime are not the team's own already. [in_app.java],
# [in_app.python], … hold what is meant for one runtime.
include = []
exclude = []
# include = ["com.acme.**", "/srv/app/**"]
# exclude = ["com.acme.platform.retry.**"]

[templates]
# Words of a message that vary from one occurrence to the next and that mukiau does not know by itself; and words with digits
# that it takes for such and that tell failures apart. {digits} {letters} {hex} {word} {any} stand for up to 64 such
# characters. A wording is a whole template in which {word} stands for one word and {words} for up to eight.
variables = []
keep = []
wordings = []
# variables = ["SKU-{letters}", "tenant {word}"]
# keep = ["phase-{digits}"]
# wordings = ["{word} was not found in <str>"]

# Rules change this for some events. The first rule that fits acts, the others do not. A rule may have `also`, `count` and
# `templates` of its own, which add to what stands above, `fingerprint` (which counts instead of everything but the service,
# also instead of what a client sent) and `title`.
#
# [[rules]]
# name = "carrier answers"              # shown wherever it acted
# when.service = "shipping-*"           # all conditions must fit; of a list one
# when.type = ["CarrierException", "com.acme.carrier.**"]
# also = ["tag:carrier", "value:reason"]
# count.frames = 0
#
# [[rules]]
# name = "nightly import"
# when.logger = "jobs.import.**"
# when.level = "error"
# fingerprint = ["nightly import", "{{ tag:file_kind }}"]
# title = "Import of {{ tag:file_kind }} failed: {{ root_message }}"
#
# Conditions: service, type (any exception of the chain), root_type, logger, message, transaction, platform, level, tag (a
# table: when.tag.carrier = "yama*"), hash (the fingerprint that the defaults alone give). `*` stands for any characters
# within one part of a name, `**` for any at all, `?` for one. Types and loggers fit with their whole name or its last part.
# There is no condition on environments, hosts or releases: an issue spans all of them.
#
# To name in `also`, and in {{ }} in `fingerprint` and `title`: service, type, root_type, types, message, root_message,
# function, entry (the outermost in-app function), frames:3, codes, logger, level, platform, transaction, call_site, tag:NAME,
# value:KEY (what the message says as KEY=value). `{{ default }}` is what would count, or be the title, without the rule.
"""
