package import InterlockLedger
package import InterlockModel

/// A replaced key that also signs until the overlap ends.
package struct FormerSigner: Sendable {
    let signer: any NoteSigner
    let until: Timestamp

    package init(_ signer: any NoteSigner, until: Timestamp) {
        self.signer = signer
        self.until = until
    }
}

extension LedgerTools {
    /// The keys whose signature on a head is accepted at a start, newest first. A key that no longer signs is included
    /// while it is configured as the former one, because the newest frames may predate its end.
    package func keys(of origin: String) -> [VerifierKey] {
        ([signer.publicKey] + (former.map { [$0.signer.publicKey] } ?? [])).compactMap {
            VerifierKey(name: origin, publicKey: $0, hashing: hashing)
        }
    }

    /// These keys and all earlier ones, to recognise the signatures on old frames.
    package func allKeys(of origin: String) -> [VerifierKey] {
        keys(of: origin)
            + earlier.compactMap {
                VerifierKey(name: origin, publicKey: $0.bytes, hashing: hashing)
            }
    }
}

/// Signs heads with every key that is active at the time, newest first, here or in another process.
struct HeadSigner: Sendable {
    /// The only signer of files that just this program reads.
    private let own: IdentifiedSigner
    private let former: (signer: IdentifiedSigner, until: Timestamp)?
    private let tools: LedgerTools
    private let keys: [VerifierKey]

    var isRemote: Bool { tools.remote != nil }

    /// - Returns: nil if a signer's name is not the origin, or is not a valid key name.
    init?(_ tools: LedgerTools, origin: String) {
        func identified(_ signer: any NoteSigner) -> IdentifiedSigner? {
            guard signer.name == origin else { return nil }
            return VerifierKey(name: origin, publicKey: signer.publicKey, hashing: tools.hashing)
                .map { IdentifiedSigner(signer, id: $0.id) }
        }
        guard let own = identified(tools.signer) else { return nil }
        self.own = own
        self.tools = tools
        keys = tools.keys(of: origin)
        guard let former = tools.former else {
            self.former = nil
            return
        }
        guard let signer = identified(former.signer) else { return nil }
        self.former = (signer, former.until)
    }

    /// Signs with the keys of this process.
    /// - Precondition: it holds them.
    func sign(_ head: Checkpoint) -> [UInt8] {
        precondition(!isRemote, "the keys are with a signer")
        var signers = [own]
        if let former, tools.clock.wall < former.until { signers.append(former.signer) }
        return SignedNote.sign(head.text, with: signers)
    }

    /// Signs the tree after the growth. Blocks for a bounded time, and fails, only if another process signs.
    func sign(_ growth: TreeGrowth) throws(LogSigningFailure) -> [UInt8] {
        let head = growth.head
        guard let remote = tools.remote else { return sign(head) }
        let note = try remote.sign(growth)
        // INVARIANT: a frame whose checkpoint does not verify must never be written, since no start accepts it.
        guard note.count <= SegmentSpace.checkpointBytes,
            (try? SignedNote(parsing: note))?.text == head.text,
            (try? Checkpoint(signed: note, keys: keys, verifier: tools.verifier)) == head
        else { throw LogSigningFailure("the signer's checkpoint does not verify") }
        return note
    }

    /// Returns the file of the heads, signed by the newest key.
    func sign(_ heads: SignedHeads) throws(LogSigningFailure) -> [UInt8] {
        guard let remote = tools.remote else {
            return heads.signed(id: own.id, by: own.signer, hashing: tools.hashing)
        }
        return try heads.signed(
            origin: own.signer.name, by: remote, hashing: tools.hashing)
    }
}
