/// The time for which a halt was in force, by the wall clock of the gateway.
package struct HaltSpan: Hashable, Sendable {
    package let halt: OrderID
    package let target: HaltTarget
    /// The time at which it took effect.
    package fileprivate(set) var start: Timestamp
    /// Is nil while it is in force.
    package fileprivate(set) var end: Timestamp?

    package init(halt: OrderID, target: HaltTarget, start: Timestamp, end: Timestamp? = nil) {
        self.halt = halt
        self.target = target
        self.start = start
        self.end = end
    }

    /// Returns true if the halt was in force at some time from `start` until `end`, which is not part of that time.
    package func touches(from start: Timestamp, until end: Timestamp) -> Bool {
        self.start < end && self.end.map { start < $0 } ?? true
    }
}

/// The spans of one node's halts: of those in force, and of those that ended within the hour. Halts of drills have
/// none, since they stop no agent.
///
/// The files of orders do not say when the gateway took them. The times of orders from before the start of this process
/// are those of their records, once the log was read.
package struct HaltSpans: Sendable {
    /// The time for which an ended halt is kept.
    static let kept = Duration.seconds(3600)

    private var active: [OrderID: HaltSpan] = [:]
    private var ended: [HaltSpan] = []
    /// The halts that were released before the start, by the release; empty once the log was read.
    private var earlier: [OrderID: [HaltSpan]] = [:]

    /// - Parameter time: the time at which the halt took effect, or of its signature if it is from before the start.
    mutating func begin(_ halt: HaltOrder, at time: Timestamp) {
        guard halt.target != .drill else { return }
        active[halt.id] = HaltSpan(halt: halt.id, target: halt.target, start: time)
    }

    mutating func end(_ halts: [OrderID], at time: Timestamp) {
        ended.removeAll { span in span.end.map { $0 + Self.kept < time } ?? false }
        ended += take(halts).map { Self.ended($0, at: time) }
    }

    /// Ends halts by a release from before the start, whose time is not known yet.
    mutating func end(_ halts: [OrderID], by release: OrderID) {
        earlier[release, default: []] += take(halts)
    }

    /// Adds the times of orders from before the start. Earlier releases that have no time here ended before the hour,
    /// and are forgotten.
    ///
    /// - Parameter recorded: the times of the records of halts and releases, by the id of the order.
    mutating func refill(_ recorded: [OrderID: Timestamp]) {
        for (id, time) in recorded { active[id]?.start = time }
        for (release, halts) in earlier {
            guard let time = recorded[release] else { continue }
            ended += halts.map { halt in
                var span = halt
                span.start = recorded[halt.halt] ?? halt.start
                return Self.ended(span, at: time)
            }
        }
        earlier = [:]
    }

    /// Returns the halts that were in force at `time` or later, oldest first.
    package func since(_ time: Timestamp) -> [HaltSpan] {
        (ended + active.values).filter { span in span.end.map { time < $0 } ?? true }
            .sorted { ($0.start, $0.halt.text) < ($1.start, $1.halt.text) }
    }

    private mutating func take(_ halts: [OrderID]) -> [HaltSpan] {
        halts.compactMap { active.removeValue(forKey: $0) }
    }

    private static func ended(_ halt: HaltSpan, at time: Timestamp) -> HaltSpan {
        HaltSpan(
            halt: halt.halt, target: halt.target, start: min(halt.start, time), end: time)
    }
}
