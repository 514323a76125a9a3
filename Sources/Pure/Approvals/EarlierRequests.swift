package import InterlockJSON
package import InterlockModel

/// The earlier requests of one agent for one tool, as the review of a new one shows them (docs/specs/approvals.md,
/// section 7).
package struct EarlierRequests: Sendable {
    /// The number of requests that a review shows.
    package static let most = 10
    /// The longest value that is shown, in bytes of JSON; of a longer one the length is shown.
    package static let longestValue = 200

    private let call: CanonicalCall
    /// The newest first.
    private let requests: [ApprovalRequest]

    /// - Parameter requests: those of the same agent for the same tool, in any order.
    package init(than call: CanonicalCall, among requests: [ApprovalRequest]) {
        self.call = call
        self.requests = requests.sorted { ($0.created, $0.id.text) > ($1.created, $1.id.text) }
    }

    /// The fact of a review: the newest requests with their states and the arguments that differ from the call's. Of
    /// another run only the names of these arguments are shown: values in this run's review would outlive an erasure of
    /// that run.
    package var fact: JSONValue {
        guard !requests.isEmpty else {
            return "no earlier request of this agent for this tool is known"
        }
        return .array(requests.prefix(Self.most).map { .object(row($0)) })
    }

    private func row(_ request: ApprovalRequest) -> JSONObject {
        var row: JSONObject = [
            "asked": .string(request.created.rfc3339(fractionDigits: 0)),
            "state": .string(request.state.rawValue),
        ]
        row["cause"] = request.cause.map { .string($0.rawValue) }
        let differing = differences(to: request.review.call.arguments)
        if differing.members.isEmpty {
            row["arguments"] = "the same"
        } else if request.review.call.run == call.run {
            row["arguments"] = .object(differing)
        } else {
            row["differ"] = .array(differing.members.map { .string($0.key) })
        }
        return row
    }

    /// Returns the earlier values of the members that differ.
    private func differences(to earlier: JSONValue) -> JSONObject {
        var differing: JSONObject = [:]
        for (name, value) in earlier.object?.members ?? [] where call.arguments[name] != value {
            let length = value.serialized().count
            differing[name] = length > Self.longestValue ? .string("(\(length) bytes)") : value
        }
        for (name, _) in call.arguments.object?.members ?? [] where earlier[name] == nil {
            differing[name] = "(absent)"
        }
        return differing
    }

    /// Returns the sum over the requests made since `start` that people approved, and their number, or nil if the sum is
    /// out of range.
    ///
    /// - Parameter amount: the quantity of a call, or nil if the call does not count.
    package func sum(
        since start: Timestamp, of amount: (JSONValue) -> Int64?
    ) -> (sum: Int64, count: Int)? {
        var (sum, count): (Int64, Int) = (0, 0)
        for request in requests where request.created >= start {
            guard request.state == .approved || request.state == .used,
                let amount = amount(request.review.call.arguments)
            else { continue }
            let (next, isOut) = sum.addingReportingOverflow(amount)
            if isOut { return nil }
            (sum, count) = (next, count + 1)
        }
        return (sum, count)
    }
}
