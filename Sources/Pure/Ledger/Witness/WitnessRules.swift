package import InterlockModel

/// What a witness answers (C2SP tlog-witness; specs of the ledger, section 11): a pure function of what
/// it remembers and what it is asked. Whoever performs a `.cosign` makes the new memory durable before
/// the answer leaves, and lets no other request of that origin in between.
package struct WitnessRules: Sendable {
    private let policy: TrustPolicy
    private let tree: TreeHash
    private let verifier: any SignatureVerifier

    package init(policy: TrustPolicy, hashing: any Hashing, verifier: any SignatureVerifier) {
        self.policy = policy
        tree = TreeHash(hashing)
        self.verifier = verifier
    }

    /// The first two checks, which need no memory: whose log this is, and whether it is its word.
    package func admit(_ request: AddCheckpoint) throws(WitnessRefusal) {
        let keys = policy.keys(of: request.checkpoint.origin)
        guard !keys.isEmpty else { throw .unknownOrigin }
        do throws(NoteError) { try request.note.verify(keys, verifier) } catch { throw .untrusted }
    }

    /// Whether an admitted checkpoint follows from the remembered one.
    ///
    /// - Parameter memory: the last checkpoint cosigned for this origin; nil for none.
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
            // From nothing there is nothing to prove.
            guard request.proof.isEmpty else { throw .inconsistent }
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

    /// A signed checkpoint that is not ahead of the remembered one may prove a rollback or a fork.
    private static func parts(_ memory: Checkpoint, _ new: Checkpoint) -> Bool {
        new.size < memory.size || (new.size == memory.size && new.root != memory.root)
    }
}

/// Why a witness does not cosign.
package enum WitnessRefusal: Error, Equatable, Sendable {
    case malformed(AddCheckpointError)
    case unknownOrigin
    /// No signature by a trusted key, or a line that names one and is not its.
    case untrusted
    /// More than the pace allows for this origin.
    case tooMany
    /// The old size is not what is remembered.
    case conflict(size: UInt64, isEvidence: Bool)
    /// The checkpoint does not follow from the remembered one.
    case inconsistent
    /// What is remembered cannot be read or changed now.
    case unavailable

    /// The answer's status and media type and text.
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

    /// Whether the note, which its log did sign, is worth keeping: it may prove misbehaviour.
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
