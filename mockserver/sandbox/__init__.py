"""Isolated worlds and what belongs to each: clock, ids, dialect, faults, journal, outbox."""

from mockserver.sandbox.agenda import Agenda, Fired
from mockserver.sandbox.clock import Clock, ClockError, ClockSetting
from mockserver.sandbox.faults import Effect, Fault, Faults, FaultsRefused, Filling, Match
from mockserver.sandbox.outbox import Attempt, Delivery, Notification, Outbox, SentMail
from mockserver.sandbox.registry import Sandboxes
from mockserver.sandbox.sandbox import Deliver, Sandbox, Template, Unsettled

__all__ = [
    "Agenda",
    "Attempt",
    "Clock",
    "ClockError",
    "ClockSetting",
    "Deliver",
    "Delivery",
    "Effect",
    "Fault",
    "Faults",
    "FaultsRefused",
    "Filling",
    "Fired",
    "Match",
    "Notification",
    "Outbox",
    "Sandbox",
    "Sandboxes",
    "SentMail",
    "Template",
    "Unsettled",
]
