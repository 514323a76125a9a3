package import InterlockCluster

/// The rows in the hands of a hostile administrator.
extension SimulatedStore {
    /// - Parameters:
    ///   - victim: the node that is shown another chain, for `fork`.
    ///   - forged: a release without signatures, for `forgeRelease`.
    /// - Returns: the requests that are approved now, without a vote of people.
    package mutating func lie(
        _ lie: StoreLie, victim: Int, forged: EntryDraft?
    ) -> [Int] {
        hasLied = true
        switch lie {
        case .approve:
            let waiting = rows.requests.filter { $0.value.state == .pending }.keys.sorted()
            for grant in waiting {
                rows.requests[grant]?.state = .approved
                rows.requests[grant]?.version += 1
            }
            return waiting
        case .reuse:
            for grant in rows.requests.filter({ $0.value.state == .used }).keys.sorted() {
                rows.requests[grant]?.state = .approved
                rows.requests[grant]?.used = 0
                rows.requests[grant]?.version += 1
            }
            hasUniqueUses = false
        case .foreignUse: givesForeignUses = true
        case .forgeRelease:
            if let forged {
                rows.entries.append(forged.stored(after: rows.head, hashing: hashing))
            }
        case .changeEntry:
            guard let last = rows.entries.indices.last, last > 0 else { return [] }
            rows.entries[last].subject += "x"
        case .fork:
            var other = rows
            let halt = other.entries.lastIndex { $0.kind == NarrowingKind.halt.rawValue }
            if let halt, halt > 0 { other.entries.removeSubrange(halt...) }
            fork = (victim, other)
        case .cut:
            rows.entries.removeLast(min(3, max(0, rows.entries.count - 1)))
        }
        return []
    }

    /// The rows up to the genuine entry of a use with the same subject; nil if there is none.
    func foreignUse(for use: UseRequest) -> [StoredEntry]? {
        let kind = NarrowingKind.use.rawValue
        let found = rows.entries.last { $0.kind == kind && $0.subject == use.draft.subject }
        guard givesForeignUses, let found else { return nil }
        let first = min(use.known + 1, found.number)
        return rows.entries.filter { $0.number >= first && $0.number <= found.number }
    }
}
