import InterlockJSON
import InterlockModel

/// The newest version of each row that this node has verified, and the rows that it knows to have ended: a row that the
/// store sets back is found by every node that has read a newer one. A new process remembers none.
package struct RowVersions: Sendable {
    private struct Version: Sendable {
        var revision: Int64
        var version: Int64
        /// The body of this version, and the version that wrote it.
        var written: Int64
        var digest: Digest
        /// Rises with each row that is noted.
        var order: UInt64
    }

    /// A row without its revision.
    private struct Name: Hashable, Sendable {
        let table: RowTable
        let key: ExactText

        init(_ address: RowAddress) {
            table = address.table
            key = address.key
        }
    }

    private var newest: [Name: Version] = [:]
    private var ended: [Name: UInt64] = [:]
    private var order: UInt64 = 0
    private let most: Int

    /// - Parameter most: the number of rows that are remembered; above it those that were noted longest ago are forgotten.
    package init(most: Int = 65_536) { self.most = most }

    package var count: Int { newest.count + ended.count }

    /// Notes a request.
    ///
    /// - Throws: `older` if a newer version or revision was noted, `otherBody` if another body of its version was,
    ///   `ended`.
    package mutating func note(_ request: CountedRequest) throws(VoidRow) {
        try note(
            request.verified, revision: request.row.revision,
            version: request.verified.columns.version)
    }

    /// Notes a row that waits for signatures; errors as for a request.
    package mutating func note(_ row: VerifiedRow<WaitingRow>) throws(VoidRow) {
        // The version alone orders these rows.
        try note(row, revision: 1, version: row.columns.version)
    }

    /// Notes a session.
    ///
    /// - Throws: `ended` if this node knows that it has ended, and the row says that it has not.
    package mutating func note(_ row: VerifiedRow<SessionRow>) throws(VoidRow) {
        guard !row.columns.isEnded else { return end(row.columns.address) }
        guard ended[Name(row.columns.address)] == nil else {
            throw VoidRow(row.columns.address, .ended)
        }
    }

    /// Notes that a row has ended, whatever the store says later.
    package mutating func end(_ address: RowAddress) {
        order += 1
        ended[Name(address)] = order
        newest[Name(address)] = nil
        forget()
    }

    private mutating func note<Row>(
        _ row: VerifiedRow<Row>, revision: Int64, version: Int64
    ) throws(VoidRow) {
        let address = row.columns.address
        let name = Name(address)
        guard ended[name] == nil else { throw VoidRow(address, .ended) }
        if let known = newest[name] {
            guard revision >= known.revision else {
                throw VoidRow(address, .older(revision, newest: known.revision))
            }
            guard version >= known.version else {
                throw VoidRow(address, .older(version, newest: known.version))
            }
            guard row.row.version != known.written || row.digest == known.digest else {
                throw VoidRow(address, .otherBody(version: row.row.version))
            }
            guard row.row.version >= known.written else {
                throw VoidRow(address, .older(row.row.version, newest: known.written))
            }
        }
        order += 1
        newest[name] = Version(
            revision: revision, version: version, written: row.row.version, digest: row.digest,
            order: order)
        forget()
    }

    private mutating func forget() {
        guard count > most else { return }
        let kept = Set(
            (newest.values.map(\.order) + Array(ended.values)).sorted().suffix(most / 2))
        newest = newest.filter { kept.contains($0.value.order) }
        ended = ended.filter { kept.contains($0.value) }
    }
}
