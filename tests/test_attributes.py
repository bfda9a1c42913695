"""What a result file says of itself, and what is no result."""

from __future__ import annotations

from pathlib import Path

import h5py
import pytest

from simcore.attributes import read_attributes
from simcore.errors import InputError


def test_read_attributes_refuses_what_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lost\.h5: does not exist"):
        read_attributes(tmp_path / "lost.h5")
    with pytest.raises(
        InputError, match=r"^growth-5: .* simcore run growth-5 -o growth-5\.h5 makes"
    ):
        read_attributes(Path("growth-5"))
    text = tmp_path / "text.h5"
    text.write_text("no HDF5")
    with pytest.raises(InputError, match=r"text\.h5: is no HDF5 file"):
        read_attributes(text)
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["x"] = 1
    with pytest.raises(InputError, match=r"other\.h5: is no result of simcore"):
        read_attributes(other)
