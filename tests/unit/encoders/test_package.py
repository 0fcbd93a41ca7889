import subprocess
import sys

import pytest

import encoders

HEAVY = ("torch", "torchvision", "transformers", "sklearn", "scipy", "PIL")


@pytest.mark.slow
@pytest.mark.parametrize("module", ["encoders", "encoders.types", "encoders.bundle", "encoders.loading"])
def test_importing_the_light_modules_imports_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_lexical_rows_need_no_torch() -> None:
    code = "import sys, encoders.lexical; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_all_names_what_is_there_in_order() -> None:
    assert list(encoders.__all__) == sorted(encoders.__all__)
    assert all(hasattr(encoders, name) for name in encoders.__all__)
