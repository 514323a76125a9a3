package import InterlockModel

/// The lease of one node: whether it may act, by its own boot clock (docs/specs/cluster.md, section 5).
///
/// A heartbeat permits from when it was *sent*, once the node has applied the head that it returned. So an entry that
/// was committed at t is applied at t + lease by every node that still acts: a heartbeat sent after t returns it, and one
/// sent before t permits no longer.
///
/// INVARIANT: `permits` is false from `LeaseSettings.permitted` after the sending of the newest heartbeat whose head is
/// applied. Kept by `NodeLeaseTests`.
package struct NodeLease: Hashable, Sendable {
    /// A heartbeat that was answered, with the head that must be applied before it permits anything.
    private struct Answered: Hashable, Sendable {
        let sent: BootTime
        let head: Int64
    }

    package let settings: LeaseSettings
    /// The time of sending of each heartbeat that has no answer yet, by its beat.
    private var open: [Int64: BootTime] = [:]
    private var answered: [Answered] = []
    /// The time of sending of the newest heartbeat that permits; nil before the first one, and after `end`.
    package private(set) var since: BootTime?
    /// The number of the last heartbeat that was sent.
    package private(set) var beat: Int64

    /// The most heartbeats that are remembered: older ones would permit nothing any more.
    private static let mostOpen = 256

    /// - Parameter beat: the last number that an earlier process of this incarnation may have sent.
    package init(_ settings: LeaseSettings, after beat: Int64 = 0) {
        self.settings = settings
        self.beat = beat
    }

    /// A heartbeat is about to be sent.
    ///
    /// - Returns: its number, which differs from that of each heartbeat before.
    package mutating func send(at now: BootTime) -> Int64 {
        beat += 1
        if open.count >= Self.mostOpen {
            open = open.filter { now - $0.value < settings.reads }
        }
        open[beat] = now
        return beat
    }

    /// The answer to a heartbeat: the head of the store when it was committed. An answer that is unknown, late or doubled
    /// counts for nothing.
    package mutating func answer(_ beat: Int64, head: Int64, applied: Int64) {
        guard let sent = open.removeValue(forKey: beat) else { return }
        answered.append(Answered(sent: sent, head: head))
        if answered.count > Self.mostOpen { answered.removeFirst() }
        apply(applied)
    }

    /// The heartbeat failed, or its result is unknown: it permits nothing.
    package mutating func fail(_ beat: Int64) { open[beat] = nil }

    /// The node has applied all entries up to this one.
    package mutating func apply(_ number: Int64) {
        for heartbeat in answered where heartbeat.head <= number {
            since = max(since ?? heartbeat.sent, heartbeat.sent)
        }
        answered.removeAll { $0.head <= number }
    }

    /// Nothing is permitted until a heartbeat that is sent from now on is answered: the node was expelled, or its chain is
    /// broken.
    package mutating func end() {
        since = nil
        open = [:]
        answered = []
    }

    /// Returns true if the action may begin now. `now` must be read after all that the action rests on.
    package func permits(_ action: LeasedAction, at now: BootTime) -> Bool {
        guard let since, since <= now else { return false }
        return now - since < settings.permitted(action)
    }

    /// The time at which the action is no longer permitted; nil if it is not permitted at all.
    package func end(of action: LeasedAction) -> BootTime? {
        since.map { $0 + settings.permitted(action) }
    }
}
