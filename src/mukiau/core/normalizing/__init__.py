"""The rules by which a payload of any client becomes one shape; `mukiau.core.normalize` is the door."""
