"""The demo: two weeks of a made-up commerce platform's logs and an SDK's events, sent through the real doors."""
