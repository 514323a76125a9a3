import InterlockCredentials
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockSigning
import Synchronization

/// The tree of a log and its newest checkpoint, as a start finds and continues them.
final class FoundTree: DurableFollower {
    private let state = Mutex<(range: CompactRange, note: [UInt8])>((CompactRange(), []))

    func begin(at range: CompactRange) { state.withLock { $0.range = range } }

    func extend(by leafHashes: [Digest], checkpoint: [UInt8]) {
        let tree = TreeHash(OpenSSLHashing())
        state.withLock { state in
            for hash in leafHashes { state.range.append(hash, tree) }
            state.note = checkpoint
        }
    }

    func tree(origin: String, _ tree: TreeHash) -> (SignedTree, note: [UInt8])? {
        state.withLock { state -> (SignedTree, note: [UInt8])? in
            guard !state.note.isEmpty else { return nil }
            return (SignedTree(origin: origin, range: state.range, tree), state.note)
        }
    }
}
