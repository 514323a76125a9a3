package import InterlockModel

/// The uses and ends of approved requests that entries record.
package struct RequestUses: Sendable, Hashable {
    package enum Outcome: Hashable, Sendable {
        case used
        /// The request had ended before.
        case afterEnd
        /// The request began before what was dropped, so nothing is known of it any more.
        case forgotten
        /// The same use of the request is in the chain already.
        case double
    }

    /// A use, with the entry that it has and the node that signed it.
    struct AppliedUse: Hashable, Sendable {
        let use: GrantUse
        let node: NodeName
        let entry: Int64
    }

    struct Request: Hashable, Sendable {
        /// The uses by their numbers.
        var uses: [Int64: AppliedUse] = [:]
        /// The entry that ended the request; nil while it lives.
        var ended: Int64?
    }

    private(set) var requests: [ApprovalID: Request] = [:]
    /// Requests that began before this time count as ended, if nothing else is known of them.
    private(set) var horizon: Timestamp?

    package init() {}

    package func isEnded(_ request: ApprovalID) -> Bool {
        if let known = requests[request] { return known.ended != nil }
        return isForgotten(request)
    }

    /// The number of uses of the request that are in the chain.
    package func count(of request: ApprovalID) -> Int64 {
        Int64(requests[request]?.uses.count ?? 0)
    }

    /// The number of the entry by which this node used the request for this call and intent, or nil. A use of the same
    /// number by another node, or for another call, does not count.
    package func entry(of use: GrantUse, by node: NodeName) -> Int64? {
        guard let known = requests[use.request]?.uses[use.number], known.use == use,
            known.node == node
        else { return nil }
        return known.entry
    }

    private func isForgotten(_ request: ApprovalID) -> Bool {
        guard let horizon else { return false }
        return request.milliseconds < horizon.milliseconds
    }

    mutating func use(_ use: GrantUse, by node: NodeName, at number: Int64) -> Outcome {
        var request = requests[use.request] ?? Request()
        guard request.uses[use.number] == nil else { return .double }
        if requests[use.request] == nil, isForgotten(use.request) { return .forgotten }
        guard request.ended == nil else { return .afterEnd }
        request.uses[use.number] = AppliedUse(use: use, node: node, entry: number)
        requests[use.request] = request
        return .used
    }

    /// - Returns: false if the request had ended before, or began before what was dropped.
    mutating func end(_ id: ApprovalID, at number: Int64) -> Bool {
        guard !isEnded(id) else { return false }
        requests[id, default: Request()].ended = number
        return true
    }

    /// Forgets the requests that began before a time and ended before an entry. One with a later id is kept: nothing else
    /// would say that it ended.
    mutating func drop(endedBefore number: Int64, begunBefore time: Timestamp) {
        requests = requests.filter { id, request in
            request.ended.map { $0 >= number } ?? true || id.milliseconds >= time.milliseconds
        }
        horizon = max(horizon ?? time, time)
    }

    /// The entries of the uses of requests that ended before an entry, sorted.
    func entries(endedBefore number: Int64) -> [Int64] {
        requests.values.filter { $0.ended.map { $0 < number } ?? false }
            .flatMap { $0.uses.values.map(\.entry) }.sorted()
    }
}
