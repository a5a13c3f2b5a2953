"""The API: what the pages show, as JSON for programs. Plain views; see docs/adr for why."""
