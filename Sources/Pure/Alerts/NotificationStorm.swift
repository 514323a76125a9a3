import InterlockJSON
import InterlockModel

/// The unit in which notifications are counted: one agent's requests never delay another's, requests never delay
/// alerts, and less severe notifications never delay more severe ones.
package struct NotificationSource: Hashable, Sendable {
    /// The agent whose requests are counted, or nil for alerts.
    package let agent: String?
    package let severity: AlertSeverity

    init(_ alert: OutgoingNotification) {
        let isNews = ApprovalNotification.Kind(rawValue: alert.kind) != nil
        agent = isNews ? alert.facts["agent"]?.string ?? "" : nil
        severity = alert.severity
    }
}

/// Many notifications of one source that are sent as one summary.
package struct NotificationStorm: Sendable, Equatable {
    package let source: NotificationSource
    /// The notifications of the last five minutes, or those since the previous summary if this one follows it at once.
    package let count: Int
    /// The number of these that were not sent one by one.
    package let held: Int
    /// The ids of all requests among those that await a decision.
    package let requests: [String]
    /// The number of held notifications by kind; empty for requests.
    package var kinds: [String: Int] = [:]

    /// The most kinds that a summary names.
    private static let mostKinds = 10

    /// The kinds and their numbers, most frequent first, as in `call.blocked 31, pin.drift 2`; empty for requests.
    package var kindsText: String {
        let sorted = kinds.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let named = sorted.prefix(Self.mostKinds).map { "\($0.key) \($0.value)" }
        let left = sorted.count - named.count
        return (named + (left > 0 ? ["and \(left) other kinds"] : [])).joined(separator: ", ")
    }
}

/// The recent notifications of one source, with the number and the details of those that were held back.
struct StormCount: Sendable {
    private let source: NotificationSource
    private var recent: [Timestamp] = []
    private var summarized: Timestamp?
    private var held = 0
    private var requests: [String] = []
    private var kinds: [String: Int] = [:]
    /// The kinds of alerts that were sent recently, with the time.
    private var told: [String: Timestamp] = [:]

    /// The most kinds whose first notification is sent at once; a storm of more kinds is summarised, and the summary
    /// names them.
    private static let mostFirsts = 10

    enum Verdict {
        case calm, hold
        case summarize(NotificationStorm)
    }

    init(_ source: NotificationSource) { self.source = source }

    mutating func take(_ alert: OutgoingNotification, now: Timestamp) -> Verdict {
        forgetOld(now)
        recent.append(now)
        if recent.count > NotificationGrouping.mostCounted { recent.removeFirst() }
        // The first notification of a kind that was not sent recently is sent, regardless of a storm of others.
        if source.agent == nil, told[alert.kind] == nil, told.count < Self.mostFirsts {
            told[alert.kind] = now
            return .calm
        }
        guard recent.count > NotificationGrouping.stormSize else { return .calm }
        held += 1
        if source.agent == nil { kinds[alert.kind, default: 0] += 1 }
        if let request = alert.openRequest, !requests.contains(request) { requests.append(request) }
        if isQuiet(now) { return .summarize(summary(of: max(recent.count, held), now)) }
        // No request is omitted from the list, and a longer list would not be read.
        guard requests.count >= NotificationGrouping.mostListed else { return .hold }
        return .summarize(summary(of: held, now))
    }

    /// Returns a summary of the held notifications if it is due now.
    mutating func due(now: Timestamp) -> NotificationStorm? {
        forgetOld(now)
        return held > 0 && isQuiet(now) ? summary(of: held, now) : nil
    }

    /// Restores the counts of a summary that could not be stored; it is due again.
    mutating func giveBack(_ storm: NotificationStorm) {
        held += storm.held
        kinds.merge(storm.kinds) { $0 + $1 }
        requests = storm.requests + requests.filter { !storm.requests.contains($0) }
        summarized = nil
    }

    /// True if nothing is left to count or to send.
    var isIdle: Bool { recent.isEmpty && held == 0 }

    private mutating func summary(of count: Int, _ now: Timestamp) -> NotificationStorm {
        // More requests may wait than one summary can list, after one that could not be stored; the next lists the
        // rest.
        let listed = Array(requests.prefix(NotificationGrouping.mostListed))
        let left = requests.count - listed.count
        defer {
            requests.removeFirst(listed.count)
            (held, summarized) = (left, left > 0 ? nil : now)
            kinds = [:]
        }
        return NotificationStorm(
            source: source, count: count, held: held - left, requests: listed, kinds: kinds)
    }

    /// Returns whether no summary was sent recently. A clock that was set back never suppresses a summary.
    private func isQuiet(_ now: Timestamp) -> Bool {
        summarized.map { now < $0 || now - $0 >= NotificationGrouping.stormWindow } ?? true
    }

    private mutating func forgetOld(_ now: Timestamp) {
        recent.removeAll { now - $0 > NotificationGrouping.stormWindow || $0 > now }
        told = told.filter { now - $0.value <= NotificationGrouping.stormWindow && $0.value <= now }
    }
}

extension OutgoingNotification {
    /// The request that this notification asks people to decide.
    fileprivate var openRequest: String? {
        guard ApprovalNotification.Kind(rawValue: kind)?.asks == true else { return nil }
        return facts["request"]?.string
    }
}
