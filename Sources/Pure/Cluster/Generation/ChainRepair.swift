package import InterlockModel

/// Puts back entries that the store lost: exactly those that link to its head, from the copies of nodes.
package enum ChainRepair {
    package enum Plan: Hashable, Sendable {
        /// The store has all that this node has.
        case nothing
        /// The rows to put back, in order.
        case put([StoredEntry])
        /// The node's copy has another entry with the number of the store's head.
        case forked(Int64)
        /// The copy lacks an entry that it should have, so this node can put nothing back.
        case incomplete(Int64)
    }

    /// - Parameters:
    ///   - head: the store's newest entry; nil if it has none.
    ///   - own: the node's copy of the entry with that number; nil if it has none.
    ///   - rows: the node's copy of all entries after it, by number.
    package static func plan(
        store head: ChainHead?, own: Digest?, applied: ChainHead, rows: [StoredEntry],
        hashing: any Hashing
    ) -> Plan {
        if let head {
            guard head.number <= applied.number else { return .nothing }
            guard let own else { return .incomplete(head.number) }
            guard own == head.digest else { return .forked(head.number) }
        }
        var last = head
        for row in rows {
            guard let next = accepted(row, after: last, hashing: hashing) else {
                return .incomplete((last?.number ?? -1) + 1)
            }
            last = next
        }
        guard last == applied else { return .incomplete((last?.number ?? -1) + 1) }
        return rows.isEmpty ? .nothing : .put(rows)
    }

    /// The rule by which `repair` of the store takes a row: it links to the head, and its digest covers its body.
    ///
    /// - Returns: the new head, or nil if the row is refused.
    package static func accepted(
        _ row: StoredEntry, after head: ChainHead?, hashing: any Hashing
    ) -> ChainHead? {
        let previous = head?.digest ?? ChainEntry.origin
        guard row.number == head.map({ $0.number + 1 }) ?? 0, row.previous == previous,
            let body = row.body, let digest = row.digest,
            digest == ChainEntry.digest(after: previous, body: body, hashing: hashing)
        else { return nil }
        return ChainHead(number: row.number, digest: digest)
    }
}
