"""The grouping lab: policies of projects, replays of them on what is stored, and putting them in force and back."""
