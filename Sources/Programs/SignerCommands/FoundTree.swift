import InterlockCredentials
package import InterlockLedger
package import InterlockModel
import InterlockPorts
package import InterlockSigning
import Synchronization

/// The tree of a log and its newest checkpoint, as a start finds and continues them.
package final class FoundTree: DurableFollower {
    private let state = Mutex<(range: CompactRange, note: [UInt8])>((CompactRange(), []))
    private let hash = TreeHash(OpenSSLHashing())

    package init() {}

    package func begin(at range: CompactRange) { state.withLock { $0.range = range } }

    package func extend(by leafHashes: [Digest], checkpoint: [UInt8]) {
        state.withLock { state in
            for leaf in leafHashes { state.range.append(leaf, hash) }
            state.note = checkpoint
        }
    }

    /// - Returns: nil if the log has no checkpoint.
    package func tree(origin: String) -> (SignedTree, note: [UInt8])? {
        state.withLock { state -> (SignedTree, note: [UInt8])? in
            guard !state.note.isEmpty else { return nil }
            return (SignedTree(origin: origin, range: state.range, hash), state.note)
        }
    }
}
