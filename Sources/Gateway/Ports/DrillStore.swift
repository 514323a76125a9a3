package import InterlockModel

/// Storage of drill reports.
package protocol DrillStore: Sendable {
    /// Returns every report of this node, verified.
    ///
    /// - Throws: if the reports cannot be read, or one of them fails verification: the drill then counts as overdue.
    func reports() throws(StoreFailure) -> [SignedDrill]

    /// Writes a report; durable on return. Replaces the same report with fewer signatures.
    func keep(_ report: SignedDrill) throws(StoreFailure)
}

/// A drill report with the node's signature and optionally people's signatures.
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

    /// The signing keys other than the node's.
    package var signers: [PublicKey] { envelope.signatures.compactMap(\.key).filter { $0 != node } }

    /// Returns whether a person with the security role, or one of `owners`, signed the report.
    package func isSignedOff(by trust: AuthorizedKeys?, owners: [Person]) -> Bool {
        signers.contains { key in
            guard let holder = trust?.holder(of: key) else { return false }
            return holder.person.roles.contains(.security) || owners.contains(holder.person.person)
        }
    }
}
