"""What was recorded, in a sandbox's journal or by a browser, as scenarios that replay."""

from mockserver.recording.export import export_scenario
from mockserver.recording.har import HarError, Recording, parse_har, read_har
from mockserver.recording.importing import Imported, import_recording
from mockserver.recording.writing import TooLong, as_yaml, without_comments

__all__ = [
    "HarError",
    "Imported",
    "Recording",
    "TooLong",
    "as_yaml",
    "export_scenario",
    "import_recording",
    "parse_har",
    "read_har",
    "without_comments",
]
