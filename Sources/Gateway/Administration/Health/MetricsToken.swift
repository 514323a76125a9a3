package import InterlockModel
import Synchronization

/// The token that metrics and the details of readiness require over the network (decision 0042). Until one
/// was read it admits nothing.
package final class MetricsToken: Sendable {
    /// A shorter one could be guessed.
    package static let leastBytes = 16

    private let expected = Mutex<Digest?>(nil)
    private let hashing: any Hashing

    package init(hashing: any Hashing) { self.hashing = hashing }

    /// From now on this token counts, and no other.
    ///
    /// - Returns: false, and nothing changes, if it is shorter than `leastBytes`.
    package func replace(with token: String) -> Bool {
        guard token.utf8.count >= Self.leastBytes else { return false }
        let digest = hashing.sha256(Array(token.utf8))
        expected.withLock { $0 = digest }
        return true
    }

    /// Takes the same time for every token of a length: two hashes are compared, without a branch.
    func admits(_ bearer: String?) -> Bool {
        guard let bearer, let expected = expected.withLock({ $0 }) else { return false }
        let (a, b) = (hashing.sha256(Array(bearer.utf8)).words, expected.words)
        return (a.0 ^ b.0) | (a.1 ^ b.1) | (a.2 ^ b.2) | (a.3 ^ b.3) == 0
    }
}
