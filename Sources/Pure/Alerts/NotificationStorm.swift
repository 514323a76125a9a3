import InterlockJSON
import InterlockModel

/// What is counted together: no agent's requests are told late because of another's, no alarm because of any
/// request, and none because of what is less grave.
package struct NotificationSource: Hashable, Sendable {
    /// Whose requests; nil for alarms.
    package let agent: String?
    package let severity: AlertSeverity

    init(_ alert: OutgoingNotification) {
        let isNews = ApprovalNotification.Kind(rawValue: alert.kind) != nil
        agent = isNews ? alert.facts["agent"]?.string ?? "" : nil
        severity = alert.severity
    }
}

/// Many alerts of one source that are told as one.
package struct NotificationStorm: Sendable, Equatable {
    package let source: NotificationSource
    /// Of the last five minutes; in a summary that follows another one, since that.
    package let count: Int
    /// Of these, how many nobody was told of one by one.
    package let held: Int
    /// The requests among those that somebody is asked to decide, each of them, by id.
    package let requests: [String]
    /// Of alarms: what those were that nobody was told of one by one.
    package var kinds: [String: Int] = [:]

    /// Kinds that a summary names.
    private static let mostKinds = 10

    /// `call.blocked 31, pin.drift 2`: the most frequent first; empty for requests.
    package var kindsText: String {
        let sorted = kinds.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let named = sorted.prefix(Self.mostKinds).map { "\($0.key) \($0.value)" }
        let left = sorted.count - named.count
        return (named + (left > 0 ? ["and \(left) other kinds"] : [])).joined(separator: ", ")
    }
}

/// How many alerts of one source there were lately, and which of them nobody was told of.
struct StormCount: Sendable {
    private let source: NotificationSource
    private var recent: [Timestamp] = []
    private var summarized: Timestamp?
    private var held = 0
    private var requests: [String] = []
    private var kinds: [String: Int] = [:]
    /// Kinds of alarms that somebody was told of lately.
    private var told: [String: Timestamp] = [:]

    /// With more kinds than these a storm is a storm of many, and its summary names them.
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
        // Of a kind that nobody has heard of lately the first is told, whatever else there is much of.
        if source.agent == nil, told[alert.kind] == nil, told.count < Self.mostFirsts {
            told[alert.kind] = now
            return .calm
        }
        guard recent.count > NotificationGrouping.stormSize else { return .calm }
        held += 1
        if source.agent == nil { kinds[alert.kind, default: 0] += 1 }
        if let request = alert.openRequest, !requests.contains(request) { requests.append(request) }
        if isQuiet(now) { return .summarize(summary(of: max(recent.count, held), now)) }
        // Nothing is left out of the list, and a longer one would not be read.
        guard requests.count >= NotificationGrouping.mostListed else { return .hold }
        return .summarize(summary(of: held, now))
    }

    /// What nobody was told of and is to be told now.
    mutating func due(now: Timestamp) -> NotificationStorm? {
        forgetOld(now)
        return held > 0 && isQuiet(now) ? summary(of: held, now) : nil
    }

    /// A summary could not be kept: what it stands for is due.
    mutating func giveBack(_ storm: NotificationStorm) {
        held += storm.held
        kinds.merge(storm.kinds) { $0 + $1 }
        requests = storm.requests + requests.filter { !storm.requests.contains($0) }
        summarized = nil
    }

    /// Whether there is nothing left to count or to tell.
    var isIdle: Bool { recent.isEmpty && held == 0 }

    private mutating func summary(of count: Int, _ now: Timestamp) -> NotificationStorm {
        // After one that could not be kept there may be more than one can list; the next lists the rest.
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

    /// Whether no summary was told lately. A clock that was set back keeps nothing from being told.
    private func isQuiet(_ now: Timestamp) -> Bool {
        summarized.map { now < $0 || now - $0 >= NotificationGrouping.stormWindow } ?? true
    }

    private mutating func forgetOld(_ now: Timestamp) {
        recent.removeAll { now - $0 > NotificationGrouping.stormWindow || $0 > now }
        told = told.filter { now - $0.value <= NotificationGrouping.stormWindow && $0.value <= now }
    }
}

extension OutgoingNotification {
    /// The request that it asks somebody to decide.
    fileprivate var openRequest: String? {
        guard ApprovalNotification.Kind(rawValue: kind)?.asks == true else { return nil }
        return facts["request"]?.string
    }
}
