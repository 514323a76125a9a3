package import InterlockModel

/// The time of an entry with which later ones are compared: that of a restriction, whose end counts only if it was
/// signed afterwards, or of a snapshot.
///
/// A time of the far future would leave a restriction without end. An entry is no later than those that follow it, so
/// the time falls to the one that the later entries of two nodes have passed. One node alone could lower it to before an
/// end that people had signed for an earlier restriction.
package struct EntryTime: Sendable, Hashable {
    /// A time in a later entry.
    struct Earlier: Sendable, Hashable {
        let at: Timestamp
        let node: NodeName
    }

    package private(set) var at: Timestamp
    /// The first later entry with an earlier time; nil if there is none.
    private(set) var earlier: Earlier?

    init(_ at: Timestamp) { self.at = at }

    /// The later one of two restrictions of the same thing.
    func joined(_ other: EntryTime?) -> EntryTime {
        guard let other, other.at > at else { return self }
        return other
    }

    /// A later entry states this time.
    mutating func follow(_ time: Timestamp, by node: NodeName) {
        guard time < at else { return }
        guard let first = earlier, first.node != node else {
            earlier = Earlier(at: max(time, earlier?.at ?? time), node: node)
            return
        }
        at = max(time, first.at)
        earlier = nil
    }
}
