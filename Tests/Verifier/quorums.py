"""The number of people that each form of a request requires, and the events that lower it (docs/auditing.md, section
11)."""

from dataclasses import dataclass

import strictjson
from encoding import BadEvidence, Malformed
from passkeys import Assertion
from records import Record, is_count
from signers import Enrolled, Signers, signed

FORMS = {"approval.requested", "approval.reissued"}


@dataclass
class Quorums:
    opened: dict[tuple[bytes, str], bytes]
    signers: Signers
    broken: int = 0
    unexplained: int = 0

    def check(self, records: list[Record], enrolled: Enrolled, places: dict[bytes, int]) -> None:
        forms: dict[str, tuple[int, dict | None]] = {}
        orders: dict[str, Record] = {}
        for record in records:
            appr = record.fields.get("appr")
            if not isinstance(appr, str):
                continue
            if record.type == "approval.breakglass":
                self._order(record, forms.get(appr), enrolled, places)
                orders[appr] = record
            elif record.type in FORMS:
                form = self._form(record)
                order = orders.pop(appr, None)
                if order is not None and order.fields["rev"] != record.fields.get("rev"):
                    order = None
                self._compare(record, form, forms.get(appr), order)
                forms[appr] = form

    def _form(self, record: Record) -> tuple[int, dict | None]:
        need = record.fields.get("need")
        if not is_count(need) or need == 0:
            raise record.fail("need is no number of people")
        shown = self.opened.get((record.leaf, "bind"))
        if shown is None:
            return need, None
        try:
            review = strictjson.rfc8785(shown)
        except Malformed as error:
            raise record.fail(f"bind: {error}") from error
        decision = review.get("decision") if isinstance(review, dict) else None
        if not isinstance(review, dict) or isinstance(decision, dict) and not _same(decision.get("quorum", need), need):
            raise record.fail("need is not the number of people that was shown")
        return need, review

    def _compare(self, record: Record, form: tuple[int, dict | None], before: tuple[int, dict | None] | None,
                 order: Record | None) -> None:
        (need, review), was = form, before[0] if before else 0
        is_lowered = order is not None and need == 1 and order.fields["was"] == was
        decision = review.get("decision") if review is not None else None
        if isinstance(decision, dict) and "lowered_from" in decision:
            if not is_lowered or not _same(decision["lowered_from"], was):
                raise record.fail("fewer people than the policy asks for, without break-glass")
        elif need < was:
            if review is None or before[1] is None:
                self.unexplained += not is_lowered
            elif all(_same(review.get(name), before[1].get(name)) for name in ("policy", "call")):
                raise record.fail("fewer people than before, without break-glass or another decision")

    def _order(self, record: Record, form: tuple[int, dict | None] | None, enrolled: Enrolled,
               places: dict[bytes, int]) -> None:
        by, rev, was, appr = (record.fields.get(name) for name in ("by", "rev", "was", "appr"))
        if not isinstance(by, str) or not is_count(rev) or not is_count(was) or form is None or form[0] != was or was < 2:
            raise record.fail("break-glass that does not say who lowers what")
        self.broken += 1
        envelope = self.opened.get((record.leaf, "order"))
        if envelope is None:
            return
        try:
            statement, signer = signed(envelope, "break-glass")
        except (Malformed, BadEvidence) as error:
            raise record.fail(f"order: {error}") from error
        expected = {"deed": "lower", "request": appr, "author": by, "revision": rev - 1}
        if not all(_same(statement.get(name), value) for name, value in expected.items()):
            raise record.fail("the signed order is about something else")
        self.signers.check(record, signer, enrolled, places)


def _same(one: object, other: object) -> bool:
    return strictjson.canonical(one) == strictjson.canonical(other)
