package import InterlockModel

/// When something was written, as every record says it.
package struct RecordTime: Sendable, Hashable {
    package let wall: Timestamp
    package let boot: BootTime
    /// Names the boot that `boot` counts from.
    package let bootID: String

    package init(wall: Timestamp, boot: BootTime, bootID: String) {
        self.wall = wall
        self.boot = boot
        self.bootID = bootID
    }
}

/// The time by which windows of limits go on, across records, processes and boots. Within a boot it goes on with the
/// time since boot, from one boot to the next with the wall clock, and never back: no step of a clock frees anything
/// while the machine runs, also not with a restart of the program in between (limits-and-monitoring.md, section 3).
package struct LimitTimeline: Sendable, Hashable {
    /// It begins at the wall clock, and is apart from it by every step since.
    package private(set) var time: Timestamp
    /// The newest that was taken in.
    package private(set) var newest: RecordTime

    package init(_ first: RecordTime) { self.init(time: first.wall, newest: first) }

    package init(time: Timestamp, newest: RecordTime) {
        self.time = time
        self.newest = newest
    }

    /// Goes on to this record; one that is older than the newest changes nothing.
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
