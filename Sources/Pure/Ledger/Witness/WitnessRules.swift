package import InterlockModel

/// The decisions of a witness (C2SP tlog-witness; docs/specs/ledger.md, section 11), as a pure function of its state
/// and the request. Before a caller sends a cosignature, it must make the new state durable, and it must not process
/// another request of that origin meanwhile.
///
/// INVARIANT: a witness never cosigns what does not follow from its memory. Kept by `WitnessRulesTests`,
/// `WitnessServiceTests`.
package struct WitnessRules: Sendable {
    private let policy: TrustPolicy
    private let tree: TreeHash
    private let verifier: any SignatureVerifier

    package init(policy: TrustPolicy, hashing: any Hashing, verifier: any SignatureVerifier) {
        self.policy = policy
        tree = TreeHash(hashing)
        self.verifier = verifier
    }

    /// Performs the checks that need no state: the origin must be known, and the log must have signed the checkpoint.
    package func admit(_ request: AddCheckpoint) throws(WitnessRefusal) {
        let keys = policy.keys(of: request.checkpoint.origin)
        guard !keys.isEmpty else { throw .unknownOrigin }
        do throws(NoteError) { try request.note.verify(keys, verifier) } catch { throw .untrusted }
    }

    /// Checks that an admitted checkpoint extends the remembered one.
    ///
    /// - Parameter memory: the last checkpoint cosigned for this origin, or nil before the first one.
    package func extend(
        _ memory: Checkpoint?, by request: AddCheckpoint
    ) throws(WitnessRefusal) {
        let new = request.checkpoint
        let size = memory?.size ?? 0
        guard request.oldSize == size else {
            throw .conflict(size: size, isEvidence: memory.map { Self.parts($0, new) } ?? false)
        }
        guard new.size > 0 || new.root == tree.emptyRoot else { throw .inconsistent }
        guard let memory, size > 0 else {
            // Extending the empty tree needs no proof.
            guard request.proof.isEmpty else { throw .inconsistent }
            return
        }
        if new.size == size {
            // The proof between equal sizes is empty, so only the roots can differ.
            guard request.proof.isEmpty else { throw .inconsistent }
            guard new.root == memory.root else {
                throw .conflict(size: size, isEvidence: true)
            }
            return
        }
        do throws(ProofError) {
            try tree.checkConsistency(
                oldSize: size, newSize: new.size, proof: request.proof.map(\.bytes),
                oldRoot: memory.root.bytes, newRoot: new.root.bytes)
        } catch {
            throw .inconsistent
        }
    }

    /// Returns true if a signed checkpoint that does not extend the remembered one may prove a rollback or a fork.
    private static func parts(_ memory: Checkpoint, _ new: Checkpoint) -> Bool {
        new.size < memory.size || (new.size == memory.size && new.root != memory.root)
    }
}

/// The reason why a witness refuses to cosign.
package enum WitnessRefusal: Error, Equatable, Sendable {
    case malformed(AddCheckpointError)
    case unknownOrigin
    /// The note has no signature by a trusted key, or a line that names a trusted key does not verify.
    case untrusted
    /// The origin exceeds its request rate.
    case tooMany
    /// The old size is not the remembered one, or the checkpoint has the remembered size and another root.
    case conflict(size: UInt64, isEvidence: Bool)
    /// The checkpoint does not extend the remembered one.
    case inconsistent
    /// The state cannot be read or written at present.
    case unavailable

    /// The status, media type and text of the response.
    package var answer: (status: Int, type: String, text: String) {
        switch self {
        case .malformed(let error): (400, Self.plain, "\(error)\n")
        case .unknownOrigin: (404, Self.plain, "unknown origin\n")
        case .untrusted: (403, Self.plain, "no signature by a trusted key\n")
        case .tooMany: (429, Self.plain, "too many requests for this origin\n")
        case .conflict(let size, _): (409, Self.sizeType, "\(size)\n")
        case .inconsistent: (422, Self.plain, "bad consistency proof\n")
        case .unavailable: (503, Self.plain, "the witness's memory is not available\n")
        }
    }

    /// True if the note, which the log has signed, must be kept because it may prove misbehaviour.
    package var isEvidence: Bool {
        switch self {
        case .malformed, .unknownOrigin, .untrusted, .tooMany, .unavailable: false
        case .conflict(_, let isEvidence): isEvidence
        case .inconsistent: true
        }
    }

    package static let sizeType = "text/x.tlog.size"
    private static let plain = "text/plain; charset=utf-8"
}
