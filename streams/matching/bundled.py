"""The rules that come with an encoder bundle."""

from __future__ import annotations

from encoders.bundle import Bundle
from streams.matching.policy import Policy
from streams.matching.rules import Rules


def rules_of(bundle: Bundle) -> Rules:
    """How listings embedded by a bundle are compared and decided on.

    Raises:
        SettingsError: its thresholds or its scorer can't be used.
        BundleError: it names a scorer that it does not have.
    """
    subject = f"bundle '{bundle.name}'"
    policy = Policy.from_json(bundle.matching, subject)
    named = f"{bundle.name}@{bundle.digest[:12]}"
    if policy.scorer is None:
        return Rules(policy, bundle=named)
    from streams.matching.scoring import Scorer  # noqa: PLC0415 - LightGBM takes a second

    return Rules(policy, Scorer.from_text(bundle.file(policy.scorer).read_text(), subject), named)
