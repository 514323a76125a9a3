/// Where a rule stands: 1-based line and column (in code points) of a file of the policy folder.
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

/// What kind of no it is: the number that agents see (specs of MCP, section 10).
package enum RefusalKind: Int, Sendable {
    case denied = 4030
    case approvalDenied = 4031
    case approvalPending = 4032
    case halted = 4230
    case limited = 4290
    case upstreamFailed = 5020
    case upstreamTimeout = 5040
}

/// What became of the call upstream, said with `upstreamFailed`.
package enum UpstreamOutcome: String, Sendable {
    case notExecuted = "not_executed"
    case failed
    case executed
    case unknown
}

/// A refusal is a value: a stable code, one sentence and the rule that decided. "Could not find out"
/// ends in one too. Equality is on kind and code. An `Error` so that `Result` can carry it; it is not
/// thrown.
package struct Refusal: Error, Equatable {
    package let kind: RefusalKind
    /// Who refused: `policy`, `audit`, `approval`, `kill`, `schema`, `upstream`, ...
    package let part: String
    /// Hyphenated and stable, for instance `no-grant`.
    package let reason: String
    /// The id or path of the rule that decided, or the reason where no rule did.
    package let rule: String
    package let place: PolicyLocation?
    /// One sentence for the model: lower case, no full stop, no policy text.
    package let sentence: String
    package var retryAfterMilliseconds: Int?
    /// The limit that has no room.
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

    /// The leaf's `code`: the part before, hyphens as underscores (`policy.no_grant`).
    package var code: String { part + "." + reason.hyphensAsUnderscores }

    package static func == (a: Refusal, b: Refusal) -> Bool { a.kind == b.kind && a.code == b.code }
}

extension String {
    /// Reasons are hyphenated; the codes of records are not.
    package var hyphensAsUnderscores: String {
        String(
            decoding: utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
    }
}
