"""Runbooks that were proposed for errors, and the files that runbooks are kept the same as."""

from django.db import models

from mukiau.stores.models.runbook import Runbook


class RunbookProposal(models.Model):
    """A runbook that might answer a fingerprint's errors, and what a person said to that."""

    runbook = models.ForeignKey(Runbook, models.CASCADE, db_index=False)
    fingerprint_id = models.BigIntegerField()
    share = models.FloatField()
    """How much of what the error says the runbook says, too: 0 … 1."""
    words = models.TextField()
    """JSON: what they share, the most telling first."""
    rule = models.TextField()
    """JSON {aspect: [glob, …]}: the match rule that comes with it."""
    state = models.CharField(max_length=16)
    """`open`, `accepted`, `declined`."""
    at_ms = models.BigIntegerField()
    actor = models.TextField(default="", db_default="")
    """Who accepted or declined it."""

    class Meta:
        db_table = "runbook_proposal"
        # Proposed once; and what is proposed for a runbook, for its page and the list.
        constraints = (models.UniqueConstraint(fields=("runbook", "fingerprint_id"), name="runbook_proposal_once"),)
        # What was declined for an issue's fingerprints.
        indexes = (models.Index(fields=("fingerprint_id",), name="runbook_proposal_fingerprint"),)

    def __str__(self) -> str:
        return f"{self.runbook_id} for {self.fingerprint_id}"


class RunbookFile(models.Model):
    """A runbook's file in the folder it is kept the same as."""

    runbook = models.OneToOneField(Runbook, models.CASCADE, primary_key=True)
    path = models.TextField(unique=True)
    """Relative to the folder, with `/`."""
    number = models.IntegerField()
    """Of the version whose text both had when they were last the same."""

    class Meta:
        db_table = "runbook_file"

    def __str__(self) -> str:
        return self.path
