package import InterlockModel

/// The time at which a record was written, as each record states it.
package struct RecordTime: Sendable, Hashable {
    package let wall: Timestamp
    package let boot: BootTime
    /// The identifier of the boot that `boot` counts from.
    package let bootID: String

    package init(wall: Timestamp, boot: BootTime, bootID: String) {
        self.wall = wall
        self.boot = boot
        self.bootID = bootID
    }
}

/// The time by which windows of limits advance, across records, processes and boots. Within a boot it advances with the
/// time since boot, from one boot to the next with the wall clock, and never backwards: no step of a clock frees units
/// while the machine runs, even if the program restarts in between (docs/specs/limits-and-monitoring.md, section 3).
package struct LimitTimeline: Sendable, Hashable {
    /// The current time of the timeline. It starts at the wall clock and differs from it by every step since.
    package private(set) var time: Timestamp
    /// The newest record time that was applied.
    package private(set) var newest: RecordTime

    package init(_ first: RecordTime) { self.init(time: first.wall, newest: first) }

    package init(time: Timestamp, newest: RecordTime) {
        self.time = time
        self.newest = newest
    }

    /// Advances to this record; a record older than the newest changes nothing.
    package mutating func advance(to record: RecordTime) {
        let gone: Duration
        if record.bootID == newest.bootID {
            gone = record.boot - newest.boot
            guard gone >= .zero else { return }
        } else {
            gone = max(.zero, record.wall - newest.wall)
        }
        time = time + gone
        newest = record
    }

    package func advanced(to record: RecordTime) -> LimitTimeline {
        var timeline = self
        timeline.advance(to: record)
        return timeline
    }
}
