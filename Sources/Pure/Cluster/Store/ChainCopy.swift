package import InterlockModel

/// The copy of the chain on the disk of a node: all entries from the first on that the node has applied, and the newest
/// incarnation that it knows of itself.
///
/// Safe to use from any task. A node acts on an entry only once `append` has returned.
package protocol ChainCopy: Sendable {
    /// The highest incarnation that was noted; nil before the first.
    var incarnation: Incarnation? { get }

    /// Notes an incarnation; durable on return.
    func begin(_ incarnation: Incarnation) async throws(ChainCopyFailure)

    /// Returns entries after this number in order, at most `PeerLimits.entries` and about `PeerLimits.entryBytes`; none
    /// after the newest.
    ///
    /// - Throws: `damaged` if the first of them cannot be read.
    func entries(after number: Int64) async throws(ChainCopyFailure) -> [StoredEntry]

    /// Appends the entries that follow the newest one; durable on return. After a failure none of them is there, and
    /// they may be appended again.
    func append(_ entries: [StoredEntry]) async throws(ChainCopyFailure)
}

extension ChainCopy {
    /// Returns the digest of an entry; nil if it is not there or cannot be read.
    package func digest(of number: Int64) async -> Digest? {
        guard let row = try? await entries(after: number - 1).first, row.number == number else {
            return nil
        }
        return row.digest
    }
}

package enum ChainCopyFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The entry was changed after it was written.
    case damaged(Int64)
    case failed(String)

    package var description: String {
        switch self {
        case .damaged(let number): "the copy of entry \(number) was changed after it was written"
        case .failed(let reason): reason
        }
    }
}
