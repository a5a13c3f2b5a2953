"""`mukiau forwarder`: build, deploy and try the AWS Lambda that forwards CloudWatch Logs."""
