"""`mukiau forwarder`: build, deploy and try the AWS Lambda that forwards CloudWatch Logs."""

from mukiau.cli.forwarder.commands import forwarder

__all__ = ["forwarder"]
