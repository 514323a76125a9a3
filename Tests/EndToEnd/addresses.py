"""Who works at the organisation of the tests; what each of them may do stands in `make_organisation.py` and the policy."""

ADA, DANA, EVE, INES, KIM, LI, PAUL, RUI, SAM = (
    f"{name}@acme.example" for name in ("ada", "dana", "eve", "ines", "kim", "li", "paul", "rui", "sam"))
