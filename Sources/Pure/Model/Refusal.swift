/// The location of a rule: the 1-based line and column (in code points) in a file of the policy folder.
package struct PolicyLocation: Hashable, Sendable, CustomStringConvertible {
    package let file: String
    package let line: Int
    package let column: Int
    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }
    package var description: String { "\(file):\(line):\(column)" }
}

/// The kind of a refusal; its raw value is the error code that agents receive (docs/specs/mcp.md, section 10).
package enum RefusalKind: Int, Sendable {
    case denied = 4030
    case approvalDenied = 4031
    case approvalPending = 4032
    case halted = 4230
    case limited = 4290
    case upstreamFailed = 5020
    case upstreamTimeout = 5040
}

/// The fate of a call at its upstream server, reported with `upstreamFailed`.
package enum UpstreamOutcome: String, Sendable {
    case notExecuted = "not_executed"
    case failed
    case executed
    case unknown
}

/// A refusal as a value: a stable code, one sentence, and the rule that decided. A check that cannot be completed also
/// ends in a refusal. Equality compares kind and code. The type is an `Error` so that `Result` can carry it; it is
/// never thrown.
package struct Refusal: Error, Equatable {
    package let kind: RefusalKind
    /// The component that refused: `policy`, `audit`, `approval`, `kill`, `schema`, `upstream` and others.
    package let part: String
    /// The hyphenated, stable reason, for instance `no-grant`.
    package let reason: String
    /// The id or path of the rule that decided, or the reason if no rule did.
    package let rule: String
    package let place: PolicyLocation?
    /// One sentence for the model, in lower case and without a full stop. It must not contain policy text.
    package var sentence: String
    package var retryAfterMilliseconds: Int?
    /// The exhausted limit.
    package var limit: String?
    package var approval: ApprovalID?
    package var outcome: UpstreamOutcome?

    package init(
        _ kind: RefusalKind, _ part: String, _ reason: String, rule: String? = nil,
        place: PolicyLocation? = nil, _ sentence: String, retryAfterMilliseconds: Int? = nil,
        limit: String? = nil,
        approval: ApprovalID? = nil, outcome: UpstreamOutcome? = nil
    ) {
        self.kind = kind
        self.part = part
        self.reason = reason
        self.rule = rule ?? reason
        self.place = place
        self.sentence = sentence
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.limit = limit
        self.approval = approval
        self.outcome = outcome
    }

    /// The `code` of the leaf: the part, a dot, and the reason with underscores (`policy.no_grant`).
    package var code: String { part + "." + reason.hyphensAsUnderscores }

    package static func == (a: Refusal, b: Refusal) -> Bool { a.kind == b.kind && a.code == b.code }
}

extension String {
    /// The text with underscores for hyphens: reasons are hyphenated, codes in records are not.
    package var hyphensAsUnderscores: String {
        String(
            decoding: utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
    }
}
