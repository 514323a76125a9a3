package import InterlockJSON
package import InterlockModel
import InterlockPolicy
package import InterlockPolicyReview

/// The result of one reload, for `status`, for its caller and for the alert.
package struct ReloadReport: Sendable {
    package let at: Timestamp
    /// The digest in force after the reload.
    package let active: Digest
    /// Is nil if nothing could be compiled.
    package let candidate: Digest?
    /// The digest of the bytes that were read, or nil if the revision was put in force.
    package let key: Digest?
    package let refusal: RevisionRefusal?
    package let comparison: RevisionComparison?

    package var isLoaded: Bool { refusal == nil }

    init(at: Timestamp, active: PolicyRevision, verdict: RevisionEvaluator.Verdict) {
        self.at = at
        self.active = active.snapshot.digest
        candidate = active.snapshot.digest
        key = nil
        refusal = nil
        comparison = verdict.comparison
    }

    init(
        at: Timestamp, active: PolicyRevision, candidate: PolicyRevision?, key: Digest,
        refusal: RevisionRefusal
    ) {
        self.at = at
        self.active = active.snapshot.digest
        self.candidate = candidate?.snapshot.digest
        self.key = key
        self.refusal = refusal
        comparison = nil
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "at": .string(at.rfc3339(fractionDigits: 0)),
            "outcome": isLoaded ? "loaded" : "refused", "active": .string(active.prefixed),
            "candidate": candidate.map { .string($0.prefixed) } ?? .null,
        ]
        object["files"] = key.map { .string($0.prefixed) }
        object["comparison"] = comparison.map { .string($0.rawValue) }
        guard let refusal else { return .object(object) }
        object["code"] = .string(refusal.code)
        object["message"] = .string("\(refusal)")
        object["findings"] = .array(refusal.findings.prefix(Findings.most).map(\.json))
        return .object(object)
    }
}
