package import InterlockModel
package import InterlockPorts

/// The control log of one node: the table `control` of the store, so that an entry and the row that it is about are one
/// transaction.
///
/// INVARIANT: the control log has no gap and no fork, and an entry is in it exactly if the change that it records is in
/// the store. Kept by `ControlLogTests`, `test_control_log.py`.
extension SQLiteStore: ControlLog {
    @discardableResult
    package func append(
        _ drafts: [ControlDraft]
    ) async throws(StoreFailure) -> [ControlEntry] {
        guard !drafts.isEmpty else { return [] }
        let stamp = stamp
        let entries = try await perform { database throws(DatabaseError) in
            try database.transaction { () throws(DatabaseError) in
                try database.append(drafts, stamp)
            }
        }
        tell(of: entries)
        return entries
    }

    package func entries(
        after number: Int64, most: Int
    ) async throws(StoreFailure) -> [StoredControlEntry] {
        try await perform { database throws(DatabaseError) in
            try database.entries(after: number, most: most)
        }
    }

    package func newest(
        of kinds: Set<ControlKind>
    ) async throws(StoreFailure) -> [ControlEntry] {
        let stamp = stamp
        return try await perform { database throws(DatabaseError) in
            try database.newest(of: kinds, stamp)
        }
    }

    package func heads() -> AsyncStream<Int64> { controlHeads.changes() }
}

extension SQLiteStore {
    /// Tells those who follow the control log of its new head.
    func tell(of entries: [ControlEntry]) {
        if let last = entries.last { controlHeads.tell(last.number) }
    }
}

extension SQLiteStore: SignOffStore, QuarantineStore {}
