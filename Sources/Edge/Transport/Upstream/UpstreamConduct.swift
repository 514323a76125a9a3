/// Counts a server's violations of the protocol, over all its sessions (docs/specs/mcp.md, sections 6 and 12). Time is
/// passed as an argument.
struct UpstreamConduct: Sendable {
    enum Fault: Sendable {
        /// A line on stdout that is not JSON-RPC.
        case badLine
        /// A request from a modern server, which may only answer.
        case strayRequest
        /// A second answer to a request, or an answer without a request.
        case strayAnswer
        /// An update of a resource that no agent follows.
        case strayUpdate
        /// An unexpected end of a process.
        case exit(nowNanoseconds: UInt64)
        /// The code of its program differs from the review, in one sentence.
        case otherCode(String)

        /// A message for the operator, or nil if the fault is reported elsewhere or not at all.
        var text: String? {
            switch self {
            case .badLine: "a line on stdout is no JSON-RPC"
            case .strayRequest: "a modern server sent a request, which was dropped"
            case .strayAnswer, .strayUpdate, .exit, .otherCode: nil
            }
        }
    }

    /// The reason a server is quarantined.
    struct Verdict: Sendable, Equatable {
        /// The code for the record.
        let code: String
        /// One sentence in lower case.
        let reason: String
    }

    private(set) var badLines = 0
    private(set) var strayRequests = 0
    /// Dropped answers. They never cause a quarantine, since a call that was given up may still be answered.
    private(set) var strayAnswers = 0
    /// Dropped updates. They never cause a quarantine, since a change may cross the end of its subscription.
    private(set) var strayUpdates = 0
    /// The times of the exits within the window.
    private var exits: [UInt64] = []

    /// - Returns: the reason to quarantine the server, or nil if there is no need yet.
    mutating func note(_ fault: Fault, _ limits: UpstreamLimits) -> Verdict? {
        switch fault {
        case .badLine:
            badLines += 1
            guard badLines >= limits.badLines else { return nil }
            return Verdict(
                code: "upstream.lines", reason: "\(badLines) lines on stdout are no JSON-RPC")
        case .strayRequest:
            strayRequests += 1
            guard strayRequests >= limits.strayRequests else { return nil }
            return Verdict(
                code: "upstream.requests",
                reason: "it sent \(strayRequests) requests, which the modern era does not know")
        case .strayAnswer:
            strayAnswers += 1
            return nil
        case .strayUpdate:
            strayUpdates += 1
            return nil
        case .exit(let now):
            let window = limits.exitWindow.nanosecondsClamped
            exits = exits.filter { now - $0 < window } + [now]
            guard exits.count >= limits.exits else { return nil }
            return Verdict(
                code: "upstream.exits", reason: "it ended \(exits.count) times in a short time")
        case .otherCode(let reason): return Verdict(code: "lock.code", reason: reason)
        }
    }
}
