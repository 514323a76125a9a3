package import InterlockJSON
package import InterlockModel

/// One thing that the merge check found (docs/specs/coding-agents.md, section 13).
package struct GateFinding: Hashable, Sendable {
    package enum Code: String, CaseIterable, Sendable {
        // Findings about commits.
        case unmarked
        case malformedTrailers = "malformed-trailers"
        case unknownRun = "unknown-run"
        case otherRecord = "other-record"
        case otherExtent = "other-extent"
        case unreadRun = "unread-run"
        // Findings about the review.
        case otherHead = "other-head"
        case otherBase = "other-base"
        case unlabelled
        case ownerNoPerson = "owner-no-person"
        case ownerUnknown = "owner-unknown"
        case noApproval = "no-approval"
        case selfApproved = "self-approved"
        case botApproved = "bot-approved"
        case staleApproval = "stale-approval"
        case unknownApprover = "unknown-approver"
        case reviewerCapped = "reviewer-capped"
        case gateChanged = "gate-changed"
        case checkMissing = "check-missing"
        case checkFailed = "check-failed"
        case checkPending = "check-pending"
        case overLimit = "over-limit"
        case limitUnknown = "limit-unknown"
    }

    /// The consequence of a finding; the later ones decide over the earlier ones.
    package enum Effect: String, CaseIterable, Comparable, Sendable {
        case warning
        /// The merge waits.
        case pending
        /// Something could not be found out, which refuses too.
        case unknown
        case refusal

        package static func < (a: Effect, b: Effect) -> Bool {
            allCases.firstIndex(of: a) ?? 0 < allCases.firstIndex(of: b) ?? 0
        }
    }

    package enum Location: Hashable, Sendable {
        case file(ChangedPath)
        case commit(GitObjectID)
        /// A file of a commit.
        case changed(ChangedPath, in: GitObjectID)
        /// A member of the review file.
        case review(String)
        case run(RunID)
    }

    package let code: Code
    package let effect: Effect
    package let location: Location
    /// One sentence without a full stop.
    package let text: String

    package init(_ code: Code, _ effect: Effect = .refusal, at location: Location, _ text: String) {
        self.code = code
        self.effect = effect
        self.location = location
        self.text = text
    }
}

extension GateFinding.Location {
    package var path: ChangedPath? {
        switch self {
        case .file(let path), .changed(let path, _): path
        case .commit, .review, .run: nil
        }
    }

    package var text: String {
        switch self {
        case .file(let path): path.shown
        case .commit(let commit): "commit \(commit.short)"
        case .changed(let path, let commit): "\(path.shown) (commit \(commit.short))"
        case .review(let member): "review: \(member)"
        case .run(let run): "run \(run.text)"
        }
    }
}

extension GateFinding {
    package var json: JSONValue {
        var object: JSONObject = [
            "code": .string(code.rawValue), "effect": .string(effect.rawValue),
            "at": .string(location.text), "message": .string(text),
        ]
        object["file"] = location.path.map { .string($0.shown) }
        return .object(object)
    }
}

/// The answer of the merge check.
package enum GateResult: String, CaseIterable, Sendable {
    case pass, refused, unknown, pending

    /// The answer for these findings: a refusal decides, then what could not be found out, then what is awaited.
    package init(_ findings: some Sequence<GateFinding>) {
        switch findings.map(\.effect).max() {
        case .refusal: self = .refused
        case .unknown: self = .unknown
        case .pending: self = .pending
        case .warning, nil: self = .pass
        }
    }
}
