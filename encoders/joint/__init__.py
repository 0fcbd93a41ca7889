"""Joint rows: one space for what other modalities see of a listing, and for the numbers that it states.

A joint row is derived: a pure function of the listing's other rows and of its JSON. Nothing here imports torch.
"""

from encoders.joint.encoder import JointEncoder, joint_to_bytes, read_joint, sum_of
from encoders.joint.numbers import numbers_of

__all__ = ["JointEncoder", "joint_to_bytes", "numbers_of", "read_joint", "sum_of"]
