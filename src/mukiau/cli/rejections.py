"""Why a line is no record, in words for a terminal."""

_GIVEN = {
    "not_json": "no JSON",
    "too_many_values": "JSON of more values than a body may hold",
    "not_an_object": "JSON, but no object",
    "no_message": "no message in it",
    "bad_awslogs_data": "awslogs.data that cannot be unpacked",
    "bad_kinesis_data": "a Kinesis record whose Data is no base64, or gzip that is cut; give what `aws kinesis get-records`"
    " prints as it is",
    "aggregated": "a Kinesis record that holds several of the Kinesis Producer Library; switch AggregationEnabled off at the"
    " producer, or give what a consumer has unpacked, one line each",
    "not_kinesis": "no answer of GetRecords, in a file that begins with one; give other logs in a file of their own",
    "cut": "longer than a record may be; its beginning was read",
    "too_many": "more than a body may hold",
}


def what_was_given(reason: str) -> str:
    """Return what stands in the place of a record, and where it helps what to do; `reason` is that of a `Rejected`.

    >>> what_was_given("no_message")
    'no message in it'
    """
    return _GIVEN.get(reason, reason)
