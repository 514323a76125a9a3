package import InterlockModel

/// The snapshots of the chain, and the entries that were dropped.
///
/// Uses of requests that had ended before a snapshot are dropped by another one at least 30 days later. A node that reads
/// the chain afterwards meets rows without a body. It computes the state without them and believes it once it comes to
/// the snapshot that dropped them and finds the state that this one states: no row can be hidden that would change it.
package struct AppliedSnapshots: Sendable, Hashable {
    /// The least time between a snapshot and the one that drops what ended before it.
    package static let retention = Duration.seconds(30 * 86_400)

    /// The times of snapshots that nothing has been dropped by yet, by their numbers.
    private(set) var times: [Int64: EntryTime] = [:]
    /// The newest row without a body that no snapshot has proved yet.
    package internal(set) var unproved: Int64?
    /// The newest entry before which uses of ended requests were dropped; 0 if none were.
    package internal(set) var dropped: Int64 = 0

    package init() {}

    /// Returns the time of the snapshot that a new one drops by, or nil if it may not: it is unknown or too young.
    func time(of number: Int64, at now: Timestamp) -> Timestamp? {
        guard let time = times[number]?.at, now - time >= Self.retention else { return nil }
        return time
    }

    mutating func note(_ number: Int64, _ time: EntryTime) { times[number] = time }

    mutating func follow(_ time: Timestamp, by node: NodeName) {
        for number in times.keys { times[number]?.follow(time, by: node) }
    }

    mutating func drop(before number: Int64) {
        dropped = number
        times = times.filter { $0.key > number }
    }

    /// The newest snapshot that one made at this time may drop by; nil if all are too young.
    package func droppable(at now: Timestamp) -> Int64? {
        times.filter { now - $0.value.at >= Self.retention }.keys.max()
    }
}
