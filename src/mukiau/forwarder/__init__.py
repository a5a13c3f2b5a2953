"""The AWS Lambda that forwards CloudWatch Logs: to mukiau as they are, or to any Sentry DSN as events.

Nothing but the standard library and `core`; boto3, which the Lambda runtime has, is imported only by what needs it.
"""
