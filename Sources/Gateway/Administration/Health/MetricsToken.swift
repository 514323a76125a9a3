package import InterlockModel
import Synchronization

/// The token that metrics and the details of readiness require over the network (decision 0042). It admits nothing
/// until a token was read.
package final class MetricsToken: Sendable {
    /// The minimum length in bytes; a shorter token could be guessed.
    package static let leastBytes = 16

    private let expected = Mutex<Digest?>(nil)
    private let hashing: any Hashing

    package init(hashing: any Hashing) { self.hashing = hashing }

    /// Replaces the token.
    ///
    /// - Returns: false, and nothing changes, if the token is shorter than `leastBytes`.
    package func replace(with token: String) -> Bool {
        guard token.utf8.count >= Self.leastBytes else { return false }
        let digest = hashing.sha256(Array(token.utf8))
        expected.withLock { $0 = digest }
        return true
    }

    /// Returns true if `bearer` is the token. Takes the same time for every token of one length: two hashes are
    /// compared without a branch.
    func admits(_ bearer: String?) -> Bool {
        guard let bearer, let expected = expected.withLock({ $0 }) else { return false }
        let (a, b) = (hashing.sha256(Array(bearer.utf8)).words, expected.words)
        return (a.0 ^ b.0) | (a.1 ^ b.1) | (a.2 ^ b.2) | (a.3 ^ b.3) == 0
    }
}
