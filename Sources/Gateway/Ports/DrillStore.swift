package import InterlockModel

/// Where the reports of drills are kept.
package protocol DrillStore: Sendable {
    /// Every report of this node that reads as it was signed.
    ///
    /// - Throws: when they cannot be read, or one of them is not as it was signed: that counts as overdue.
    func reports() throws(StoreFailure) -> [SignedDrill]

    /// Durable on return; replaces the same report with fewer signatures.
    func keep(_ report: SignedDrill) throws(StoreFailure)
}

/// A report with the node's signature, and perhaps a person's.
package struct SignedDrill: Sendable {
    package let report: DrillReport
    package let envelope: Envelope
    package let node: PublicKey

    /// - Throws: `badSignature` unless all signatures verify and one of them is the node's.
    package init(
        _ envelope: Envelope, node: PublicKey, verifier: some SignatureVerifier
    ) throws(OrderRefusal) {
        guard envelope.payloadType == .drill else { throw .otherKind }
        do { report = try DrillReport(parsing: envelope.payload) } catch { throw .form(error) }
        guard envelope.isSigned(by: verifier),
            envelope.signatures.contains(where: { $0.key == node })
        else { throw .badSignature }
        self.envelope = envelope
        self.node = node
    }

    /// Keys besides the node's.
    package var signers: [PublicKey] {
        envelope.signatures.compactMap(\.key).filter { $0 != node }
    }

    /// Whether somebody who answers for security has signed it.
    package func isSignedOff(by trust: AuthorizedKeys?, owners: [Person]) -> Bool {
        signers.contains { key in
            guard let holder = trust?.holder(of: key) else { return false }
            return holder.person.roles.contains(.security) || owners.contains(holder.person.person)
        }
    }
}
