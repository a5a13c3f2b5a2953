"""OpenTelemetry's logs as records: `wire` and `protobuf` read one encoding, `json_body` the other, `records` what both give."""
