"""What the tests of faults share with those of the control plane."""

from tests.control.conftest import plane, plane_of, receiver, told

__all__ = ["plane", "plane_of", "receiver", "told"]
