"""The people of the tests' organisation; `make_organisation.py` and the policy define their rights."""

ADA, DANA, EVE, INES, KIM, LI, PAUL, RUI, SAM = (
    f"{name}@acme.example" for name in ("ada", "dana", "eve", "ines", "kim", "li", "paul", "rui", "sam"))
