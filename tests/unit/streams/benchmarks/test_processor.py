import os
import sys

import pytest

from streams.benchmarks.processor import less, processor_s


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell it in other ways")
def test_what_this_process_used_grows():
    before = processor_s(os.getpid())
    while less(processor_s(os.getpid()), before) == 0:
        sum(range(100_000))
    assert less(processor_s(os.getpid()), before) > 0


def test_what_nobody_tells_is_not_known():
    assert processor_s(None) is None
    assert processor_s(2**31) is None
    assert less(1.0, None) is None
    assert less(None, 1.0) is None
