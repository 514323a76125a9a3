"""The signed statements of an evidence pack (docs/evidence.md): reviews, results of tests and others, and who signed them."""

import strictjson
from encoding import Malformed, b64
from packfiles import PackFiles, bad
from packforms import MEDIA, Envelope, Manifest, time_of
from passkeys import Credential, enrolled_by
from records import Record
from trust import Trust

SIGNED = ("evals", "trust", "reviews", "drills")
RELEASE, DEPLOYMENT = "tests/release.json", "tests/deployment.json"


class Statements:
    """Checks each statement when it is made; the first fault ends it."""

    def __init__(self, files: PackFiles, manifest: Manifest, records: dict[str, Record]) -> None:
        self.files, self.manifest, self.records = files, manifest, records
        # The keys and passkeys that signed, with the kind that each file needs, and a file that it signed.
        self.signers: dict[tuple[str, Credential], str] = {}
        self.reviews: set[str] = set()
        self.enrolled = {one for one in map(enrolled_by, records.values()) if one}
        for name in [one for folder in SIGNED for one in files.within(folder)]:
            envelope = self._envelope(name)
            if name.startswith("reviews/"):
                self._add_review(name, self._payload(name, envelope))
        self.check_passkeys(self.enrolled)
        release, tests = self._results(RELEASE)
        deployment, checks = self._results(DEPLOYMENT)
        # The results of tests by id.
        self.results = {"release": tests, "deployment": checks}
        # The time of the self-test.
        self.tested = None if deployment is None else self._self_test(deployment)
        if release is not None and release.get("build") != manifest.fields["build"]:
            raise bad(RELEASE, f"expected {manifest.fields['build']}, found {release.get('build')}")

    def check_passkeys(self, enrolled: set[Credential]) -> None:
        """A passkey that is enrolled has the public key and the relying party of its enrolment."""
        ids = {one.id for one in enrolled}
        for (kind, signer), name in self.signers.items():
            if kind == "people" and signer.id is not None and signer.id in ids and signer not in enrolled:
                raise bad(name, "it states another key of a passkey than the log enrols")

    def unknown(self, trust: Trust, listed: set[bytes], people: set[Credential]) -> list[str]:
        """The signers whom neither the auditor, the records of the pack nor the logs know: `listed` keys and those of `people`."""
        origins, people = {claim.origin for claim in self.manifest.logs}, people | self.enrolled
        known = {"release": {Credential(key.public) for key in trust.logs if key.name not in origins}, "people": people,
                 "any": {Credential(key) for key in listed} | people}
        return [f"{name}: whose {'key' if signer.id is None else 'passkey'} {b64(signer.key)} is"
                for (kind, signer), name in self.signers.items() if signer not in known[kind]]

    def _envelope(self, name: str) -> Envelope:
        envelope = self.files.form(name, Envelope.parse)
        for signer in envelope.signers:
            kind = "release" if name == RELEASE else "people" if name.startswith(("trust/", "reviews/")) else "any"
            self.signers.setdefault((kind, signer), name)
        return envelope

    @staticmethod
    def _payload(name: str, envelope: Envelope) -> dict:
        try:
            fields = strictjson.rfc8785(envelope.payload)
        except Malformed as error:
            raise bad(name, error) from error
        if not isinstance(fields, dict):
            raise bad(name, "its payload is no object")
        return fields

    def _add_review(self, name: str, fields: dict) -> None:
        if not isinstance(fields.get("review"), str) or fields["review"] in self.reviews:
            raise bad(name, "it is no review, or the second one of its id")
        self.reviews.add(fields["review"])

    def _results(self, name: str) -> tuple[dict | None, dict[str, str]]:
        """The payload of results of tests, and each result; None and no results without the file."""
        found: dict[str, str] = {}
        if name not in self.files.names:
            return None, found
        envelope = self._envelope(name)
        if envelope.media != MEDIA.format("test-results"):
            raise bad(name, "a statement of another kind than results of tests")
        fields = self._payload(name, envelope)
        for one in fields.get("tests", [None]):
            match one:
                case {"id": str(test), "result": str(result)} if test not in found:
                    found[test] = result
                case _:
                    raise bad(name, "a test has no id or result, or occurs twice")
        return fields, found

    def _self_test(self, fields: dict) -> int:
        """The time of the self-test, by the record that the results name."""
        match fields:
            case {"at": str(at), "index": str(index), "leaf": str(leaf)}:
                record = self.records.get(leaf.removeprefix("sha256:"))
                if record is None or record.type != "selftest.result" or str(record.index) != index:
                    raise bad(DEPLOYMENT, "the record of its self-test is not in the pack")
                failed = record.fields.get("codes")
                if not isinstance(failed, list) or any(self.results["deployment"].get(str(one)) == "pass" for one in failed):
                    raise bad(DEPLOYMENT, f"a test that failed by its record passed: {failed}")
                if (time := self.files.form(DEPLOYMENT, lambda _: time_of(at))) != record.fields["ts"] // 1_000_000 * 1_000_000:
                    raise bad(DEPLOYMENT, "its record is of another time")
                return time
        raise bad(DEPLOYMENT, "it names no record of a self-test")
