"""The only form of JSON that a record may have."""

import pytest

import strictjson
from encoding import Malformed
from synthetic import name_of
from tiles import Tile


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "1e+21", "100000000000000000000", "0.000001", "1e-7",
                                  "123456789012345680", "5e-324", "1.7976931348623157e+308", "null", "[1,{}]",
                                  '"\u20ac\\u000f"', "-1.25e-9", "0.1"])
def test_canonical_numbers(text):
    strictjson.rfc8785(text.encode())


@pytest.mark.parametrize("text", ["-0", "1.0", "1E5", "1e21", "1e400", "01", "9007199254740993", "NaN", '{"a":1,"a":1}',
                                  '"\\ud800"', "[1, 2]", "\ufeff1", '"\\u0008"', "0.10"])
def test_numbers_and_texts_that_are_not_canonical(text):
    with pytest.raises(Malformed):
        strictjson.rfc8785(text.encode())


def test_names_of_tiles():
    assert name_of("0", 1234067, 1234067 * 256 + 8) == "tile/0/x001/x234/067.p/8"
    assert Tile.of("tile/0/x001/x234/067.p/8") == Tile(0, 1234067, 8)
    assert Tile(None, 5, 256).path == "tile/entries/005"
