package import InterlockLedger
package import InterlockModel

/// The tree that a signer signed last. It only grows, by leaves, and never has two roots of one size; so a signer that
/// keeps it signs no fork, whatever it is asked.
package struct SignedTree: Sendable, Equatable {
    package let origin: String
    private var range: CompactRange
    private var root: Digest

    package init(origin: String, range: CompactRange, _ tree: TreeHash) {
        self.origin = origin
        self.range = range
        root = range.root(tree)
    }

    package var size: UInt64 { range.size }
    package var head: Checkpoint { Checkpoint(origin: origin, size: range.size, root: root) }
    var peaks: [Digest] { range.peaks }

    /// Adds the leaves, if the growth begins at this tree and its root is that of the leaves.
    ///
    /// - Returns: false if this is the tree after the growth already: a repetition, which is signed again.
    /// - Throws: `foreign`, `fork`, `gap`, with the tree unchanged.
    package mutating func grow(
        by growth: TreeGrowth, _ tree: TreeHash
    ) throws(SignerRefusal) -> Bool {
        guard growth.origin == origin else {
            throw SignerRefusal(.foreign, "this key signs the log `\(origin)` alone")
        }
        if growth.head == head { return false }
        guard growth.from <= size else {
            throw SignerRefusal(
                .gap, "the tree begins at \(growth.from), and \(size) records are signed")
        }
        guard growth.from == size, !growth.leafHashes.isEmpty else {
            throw SignerRefusal(
                .fork, "\(size) records are signed, and the tree does not extend them")
        }
        var next = range
        for hash in growth.leafHashes { next.append(hash, tree) }
        let nextRoot = next.root(tree)
        guard nextRoot == growth.root else {
            throw SignerRefusal(.fork, "the root is not that of the \(size) records and the leaves")
        }
        (range, root) = (next, nextRoot)
        return true
    }
}

/// The work that a signer does for a request that it accepts.
package enum SigningAction: Hashable, Sendable {
    case status
    /// Signs a checkpoint with every active key. If `isNew`, the tree must be durable before the signature leaves.
    case checkpoint(text: String, isNew: Bool)
    /// Signs the text of heads with the newest key.
    case heads(text: String)
    /// Signs the message of a statement with the newest key.
    case statement(message: [UInt8])
}

extension SignedTree {
    /// The maximum difference between the time of a statement and the signer's clock.
    package static let leeway = Duration.seconds(60)

    /// Decides a request: the one place where it is said what the log's key signs.
    ///
    /// - Throws: the refusal, with the tree unchanged.
    package mutating func decide(
        _ request: SignerRequest, at now: Timestamp, _ tree: TreeHash
    ) throws(SignerRefusal) -> SigningAction {
        switch request {
        case .status: return .status
        case .growth(let growth):
            let isNew = try grow(by: growth, tree)
            return .checkpoint(text: growth.head.text, isNew: isNew)
        case .heads(let heads):
            guard heads.origin == origin else {
                throw SignerRefusal(.foreign, "this key signs the log `\(origin)` alone")
            }
            guard heads.size < size || heads.size == size && heads.root == root else {
                throw SignerRefusal(.fork, "the heads are not of the \(size) records signed")
            }
            return .heads(text: heads.text)
        case .statement(let statement):
            guard statement.origin == origin else {
                throw SignerRefusal(.foreign, "this key signs for the log `\(origin)` alone")
            }
            let difference = (statement.at - now).microseconds.magnitude
            guard difference <= Self.leeway.microseconds.magnitude else {
                throw SignerRefusal(.late, "the statement's time is not the present")
            }
            guard statement.size ?? 0 <= size else {
                throw SignerRefusal(.gap, "the statement names records that are not signed")
            }
            return .statement(message: statement.message)
        }
    }
}
