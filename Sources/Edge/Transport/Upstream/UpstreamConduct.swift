/// Counts what a server does against the protocol, over all its sessions (specs of MCP, sections 6 and
/// 12). Time comes in as an argument.
struct UpstreamConduct: Sendable {
    enum Fault: Sendable {
        /// A line on stdout that is no JSON-RPC.
        case badLine
        /// A request from a modern server, which may only answer.
        case strayRequest
        /// A second answer to a request, or one to none.
        case strayAnswer
        /// It said that a resource has changed that nobody follows.
        case strayUpdate
        /// A process ended that nobody had stopped.
        case exit(nowNanoseconds: UInt64)
        /// The code of its program is not as reviewed, in one sentence.
        case otherCode(String)

        /// For the operator; nil where something else is reported already.
        var text: String? {
            switch self {
            case .badLine: "a line on stdout is no JSON-RPC"
            case .strayRequest: "a modern server sent a request, which was dropped"
            case .strayAnswer, .strayUpdate, .exit, .otherCode: nil
            }
        }
    }

    /// Why a server is offered no more.
    struct Verdict: Sendable, Equatable {
        /// For the record.
        let code: String
        /// One sentence, lower case.
        let reason: String
    }

    private(set) var badLines = 0
    private(set) var strayRequests = 0
    /// Dropped; a call that was given up may still be answered, so they quarantine nobody.
    private(set) var strayAnswers = 0
    /// Dropped; a change may cross the end of its subscription, so they quarantine nobody either.
    private(set) var strayUpdates = 0
    /// When each exit was, within the window.
    private var exits: [UInt64] = []

    /// - Returns: why the server is to be quarantined; nil while it need not be.
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
