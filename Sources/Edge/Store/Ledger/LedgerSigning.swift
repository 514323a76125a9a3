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

/// Signs heads with every key that is active at the time, newest first.
struct HeadSigner: Sendable {
    /// The only signer of files that just this program reads.
    let own: IdentifiedSigner
    private let former: (signer: IdentifiedSigner, until: Timestamp)?
    private let clock: any Clock

    /// - Returns: nil if a signer's name is not the origin, or is not a valid key name.
    init?(_ tools: LedgerTools, origin: String) {
        func identified(_ signer: any NoteSigner) -> IdentifiedSigner? {
            guard signer.name == origin else { return nil }
            return VerifierKey(name: origin, publicKey: signer.publicKey, hashing: tools.hashing)
                .map { IdentifiedSigner(signer, id: $0.id) }
        }
        guard let own = identified(tools.signer) else { return nil }
        self.own = own
        clock = tools.clock
        guard let former = tools.former else {
            self.former = nil
            return
        }
        guard let signer = identified(former.signer) else { return nil }
        self.former = (signer, former.until)
    }

    func sign(_ head: Checkpoint) -> [UInt8] {
        var signers = [own]
        if let former, clock.wall < former.until { signers.append(former.signer) }
        return SignedNote.sign(head.text, with: signers)
    }
}
