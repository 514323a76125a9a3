package import InterlockModel

/// The chain of one node: what it has applied, and whether it may go further. Events in, actions out.
///
/// `following` becomes `stuck` at an entry that this program cannot judge, and `broken` at one that no honest store
/// returns. `stuck` ends with an upgrade; `broken` never ends in this process.
package struct ChainFollower: Sendable {
    package enum Status: Hashable, Sendable {
        case following
        /// Another version wrote this entry. The node cannot pass it, so its lease ends.
        case stuck(Int64, kind: String)
        /// The organisation is halted on this node.
        case broken(EntryFault)
    }

    package enum Action: Hashable, Sendable {
        /// The entry is verified and applied. The node writes it to its copy of the chain and acts on it.
        case applied(ChainEntry, EntryEffect)
        /// The row of a dropped use was passed.
        case passed(ChainHead)
        /// The entries after this number are to be read, from the store or the peer that has them.
        case fetch(after: Int64)
        /// The entry of this number in the node's own copy is to be compared with the head that was named.
        case compare(ChainHead)
        /// The node halts the organisation for itself and raises `kill.fault`.
        case haltOrganisation(EntryFault)
        /// The node stops at an unknown kind and raises an alert.
        case stop(Int64, kind: String)
        /// The revision in force is not loaded on this node: it drains itself.
        case drain(Digest)
    }

    package private(set) var state: ChainState
    package private(set) var status = Status.following
    /// The digests of the newest entries, the oldest first, by which forks are found without reading the copy.
    private var recent: [Digest]
    private static let remembered = 4096
    /// The revisions that this node has compiled.
    package private(set) var loaded: Set<Digest> = []

    package init(_ state: ChainState) {
        self.state = state
        recent = [state.head.digest]
    }

    package var head: ChainHead { state.head }

    /// True if the node may act on what it has applied. A node that has not loaded the revision in force may not.
    package var isSound: Bool {
        status == .following && state.isProved && state.revision.map { loaded.contains($0) } ?? true
    }

    /// The node has compiled a revision.
    package mutating func load(_ revision: Digest) { loaded.insert(revision) }

    /// The node no longer holds these revisions.
    package mutating func unload(allBut kept: Set<Digest>) { loaded.formIntersection(kept) }

    /// Rows that the store or a peer returned, in the order of their numbers. Rows that are known are compared, others
    /// applied; a gap is fetched. The first row that does not fit ends it.
    package mutating func receive(
        _ rows: [StoredEntry], verifier: any EntryVerifier
    ) -> [Action] {
        guard status == .following else { return [] }
        let before = state.revision
        var actions: [Action] = []
        for row in rows {
            guard row.number >= 0 else {
                return actions
                    + stop(.fault(.gap(expected: head.number + 1, found: row.number)))
            }
            if row.number <= head.number {
                if let fault = fault(ofKnown: row) { return actions + stop(.fault(fault)) }
                continue
            }
            guard row.number == head.number + 1 else {
                return actions + [.fetch(after: head.number)]
            }
            do throws(EntryRejection) {
                actions.append(try apply(row, verifier))
            } catch { return actions + stop(error) }
        }
        // Revisions that were replaced within the rows need not be loaded.
        if let revision = state.revision, revision != before, !loaded.contains(revision) {
            actions.append(.drain(revision))
        }
        return actions
    }

    /// The head that the store or a peer named. One that is further is fetched, one that differs is a fork.
    package mutating func compare(_ other: ChainHead) -> [Action] {
        guard status == .following else { return [] }
        if other.number > head.number { return [.fetch(after: head.number)] }
        guard let own = digest(of: other.number) else { return [.compare(other)] }
        return own == other.digest ? [] : stop(.fault(.forked(other.number)))
    }

    /// The result of `compare`: the digest of the entry in the node's own copy; nil if it cannot be read.
    package mutating func compared(_ other: ChainHead, own: Digest?) -> [Action] {
        guard status == .following else { return [] }
        return own == other.digest ? [] : stop(.fault(.forked(other.number)))
    }

    /// Another entry with this number was found by other means.
    package mutating func forked(at number: Int64) -> [Action] {
        status == .following ? stop(.fault(.forked(number))) : []
    }

    /// Returns the digest of an entry; nil if it is further, or too long ago to be remembered.
    package func digest(of number: Int64) -> Digest? {
        guard number >= 0, number <= head.number else { return nil }
        let place = recent.count - 1 - Int(head.number - number)
        return recent.indices.contains(place) ? recent[place] : nil
    }

    private mutating func apply(
        _ row: StoredEntry, _ verifier: any EntryVerifier
    ) throws(EntryRejection) -> Action {
        let action: Action
        if row.body == nil {
            try state.pass(dropped: row)
            action = .passed(state.head)
        } else {
            let entry = try ChainEntry(row, after: head, hashing: verifier.hashing)
            action = .applied(entry, try state.apply(entry, verifier: verifier))
        }
        recent.append(state.head.digest)
        if recent.count > 2 * Self.remembered { recent.removeFirst(Self.remembered) }
        return action
    }

    private func fault(ofKnown row: StoredEntry) -> EntryFault? {
        guard let own = digest(of: row.number) else { return nil }
        return row.digest == own ? nil : .forked(row.number)
    }

    private mutating func stop(_ rejection: EntryRejection) -> [Action] {
        switch rejection {
        case .fault(let fault):
            status = .broken(fault)
            return [.haltOrganisation(fault)]
        case .unknownKind(let number, let kind):
            status = .stuck(number, kind: kind)
            return [.stop(number, kind: kind)]
        }
    }
}
