import InterlockJSON
package import InterlockModel

/// Decides from regular looks at a gateway when people must be notified: when it has made no valid statement for
/// `patience`, and when its log has not grown for three minutes. A log has a record at least once a minute, so a log
/// that does not grow belongs to a gateway that records nothing.
///
/// INVARIANT: each condition is reported once until it ends, and its end is reported once. Kept by
/// `GatewaySilenceTests`.
package struct GatewaySilenceDetector: Sendable {
    package enum Event: Sendable, Equatable {
        /// No valid statement for this long; the reason is that of the last look.
        case silent(Duration, reason: String)
        /// A valid statement again, after this long.
        case heard(Duration)
        /// The log has had this size for three minutes.
        case still(size: UInt64)
        case growing(size: UInt64)
    }

    /// The longest time without a growing log.
    package static let stillAfter: Duration = .seconds(180)

    private let patience: Duration
    private var heard: BootTime
    private var grown: BootTime
    private var size: UInt64 = 0
    private var isSilent = false
    private var isStill = false

    /// - Parameter now: the start of the watch, from which the first statement is waited for.
    package init(patience: Duration, at now: BootTime) {
        (self.patience, heard, grown) = (patience, now, now)
    }

    /// - Parameter look: a statement whose signature and challenge were verified, or the reason that there is none.
    package mutating func events(of look: Result<AliveMessage, WatchFault>, at now: BootTime)
        -> [Event]
    {
        switch look {
        case .failure(let fault): return silence(fault.reason, now)
        case .success(let message) where message.size < size:
            return silence("its log has \(message.size) records, and had \(size)", now)
        case .success(let message): return statement(message, now)
        }
    }

    private mutating func silence(_ reason: String, _ now: BootTime) -> [Event] {
        guard !isSilent, now - heard >= patience else { return [] }
        isSilent = true
        return [.silent(now - heard, reason: reason)]
    }

    private mutating func statement(_ message: AliveMessage, _ now: BootTime) -> [Event] {
        var events: [Event] = isSilent ? [.heard(now - heard)] : []
        // The log of a gateway that was away could not grow: its three minutes begin anew.
        if isSilent { grown = now }
        (isSilent, heard) = (false, now)
        if message.size > size {
            if isStill { events.append(.growing(size: message.size)) }
            (size, grown, isStill) = (message.size, now, false)
        } else if !isStill, now - grown >= Self.stillAfter {
            isStill = true
            events.append(.still(size: size))
        }
        return events
    }
}

/// The reason that a look at a gateway found no valid statement: one sentence in lower case.
package struct WatchFault: Error, Equatable {
    package let reason: String
    package init(_ reason: String) { self.reason = reason }
}

extension GatewaySilenceDetector.Event {
    /// Returns the notification of the event.
    ///
    /// - Parameter gateway: the URL that is watched.
    package func notification(
        of gateway: String, id: AlertID, at now: Timestamp
    ) -> OutgoingNotification? {
        let (kind, severity, summary): (String, AlertSeverity, NotificationText) =
            switch self {
            case .silent(let time, let reason):
                (
                    "gateway.silent", .page,
                    "the gateway \(gateway) did not prove for \(time.seconds) s that it is alive: \(reason)"
                )
            case .heard(let time):
                (
                    "gateway.heard", .high,
                    "the gateway \(gateway) is alive again, after \(time.seconds) s"
                )
            case .still(let size):
                (
                    "gateway.still", .page,
                    "the log of the gateway \(gateway) has not grown for three minutes: \(Int(clamping: size)) records"
                )
            case .growing(let size):
                (
                    "gateway.growing", .high,
                    "the log of the gateway \(gateway) grows again: \(Int(clamping: size)) records"
                )
            }
        return OutgoingNotification(
            id: id, dedupe: kind, severity: severity, kind: kind, at: now, summary: summary,
            facts: ["gateway": .string(gateway)])
    }
}

extension Duration { fileprivate var seconds: Int { Int(clamping: microseconds / 1_000_000) } }
