package import InterlockModel

/// Finds the nodes that are to be expelled, for the node with the task `watch` (docs/specs/cluster.md, section 5). One
/// beat that is unchanged for longer than `LeaseSettings.silence`, on the boot clock of the node that watches, expels its
/// node: the heartbeat was sent before it was first seen, so its consequential lease is over.
package struct SilentNodeDetector: Hashable, Sendable {
    /// A row of the store's table of nodes.
    package struct Row: Hashable, Sendable {
        package let node: NodeName
        package let incarnation: Incarnation
        package let beat: Int64
        /// True if the node is gone already.
        package let isGone: Bool

        package init(node: NodeName, incarnation: Incarnation, beat: Int64, isGone: Bool) {
            self.node = node
            self.incarnation = incarnation
            self.beat = beat
            self.isGone = isGone
        }
    }

    /// A node to be expelled, by the condition under which the store does so.
    package struct Silent: Hashable, Sendable {
        package let node: NodeName
        package let incarnation: Incarnation
        package let beat: Int64
    }

    private struct Beat: Hashable, Sendable {
        let incarnation: Incarnation
        let beat: Int64
        let since: BootTime
    }

    package let settings: LeaseSettings
    private var beats: [NodeName: Beat] = [:]
    /// The time of the last look.
    private var looked: BootTime?
    /// The longest time between two looks. A watcher that could not look for longer begins anew: after an outage of the
    /// store, all beats are old.
    private var longestPause: Duration { settings.silence / 2 }

    package init(_ settings: LeaseSettings) { self.settings = settings }

    /// The rows as they are. `now` is read after the answer came, so that each beat in it was sent before.
    ///
    /// - Returns: the nodes that were silent for too long, sorted by name.
    package mutating func look(at rows: [Row], _ now: BootTime) -> [Silent] {
        if let looked, now - looked > longestPause || now < looked { beats = [:] }
        looked = now
        var next: [NodeName: Beat] = [:]
        var silent: [Silent] = []
        for row in rows where !row.isGone {
            var beat = Beat(incarnation: row.incarnation, beat: row.beat, since: now)
            if let before = beats[row.node], before.incarnation == row.incarnation,
                before.beat == row.beat
            {
                beat = before
            }
            next[row.node] = beat
            guard now - beat.since > settings.silence else { continue }
            silent.append(
                Silent(node: row.node, incarnation: row.incarnation, beat: row.beat))
        }
        beats = next
        return silent.sorted { $0.node < $1.node }
    }
}
