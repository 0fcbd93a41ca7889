"""What fuzzing found once, by target; each was a fault in the product when it was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

FOUND: Mapping[str, Sequence[bytes]] = {
    # yarl reads behind the end
    "url": [b"http://[x]t@/", b"http://[\xff]t@/ple:"],
    # read without a complaint, and then not to be written again
    "match": [
        (
            b'a\n{"listing_id":"a","revision":1,"generation":"g","cause":"","matches":'
            b'[{"listing_id":"b","similarity":1,"evidence":[1]}],"added":[],"removed":[],"occurred_at":""}'
        ),
    ],
    "product": [
        (
            b'p\n{"product_id":"p","revision":1,"generation":"g","cause":"","members":["a"],"offers":'
            b'[{"listing_id":"a","price":"1","currency":[]}],"oversized":false,"merged_from":[],"split_from":[],'
            b'"split_into":[],"occurred_at":""}'
        ),
    ],
    "judgement": [b'["a","b"]\n{"verdict":"' + b"x" * 2_000 + b'"}', b'"AB"\n{"verdict":"same"}'],
    "embedding": [
        # told in words without an end
        b"x" * 5_000 + b"\n{}",
        b'a\n{"version":null,"position":[1,6],"listing":null,"embedding":{"' + b"x" * 2_000 + b'":""},"seals":{}}',
        b'a\n{"version":null,"position":[599999999999999999999999,6],"listing":null,"embedding":{},"seals":{},"failures":{}}',
        b'a\n{"version":null,"position":[1,6],"listing":5,"embedding":{},"seals":{},"failures":{}}',
    ],
}
