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

    /// - Throws: `badSignature` unless every signature by a key verifies and one of them is the node's. Assertions of
    ///   passkeys are not verified here: `people` leaves out those that do not verify.
    package init(
        _ envelope: Envelope, node: PublicKey, verifier: some SignatureVerifier
    ) throws(OrderRefusal) {
        guard envelope.payloadType == .drill else { throw .otherKind }
        do { report = try DrillReport(parsing: envelope.payload) } catch { throw .form(error) }
        let message = envelope.message
        guard
            envelope.signatures.allSatisfy({
                $0.key == nil || $0.isMade(over: message, verifiedBy: verifier)
            }), envelope.signatures.contains(where: { $0.key == node })
        else { throw .badSignature }
        self.envelope = envelope
        self.node = node
    }

    /// The signatures other than the node's.
    package var signatures: [Envelope.Signature] {
        envelope.signatures.filter { $0.key != node }
    }

    /// Returns the people whose signatures verify, in their order. Revocations after a signature do not matter.
    ///
    /// - Parameter orders: its passkeys' counters are not compared, because they were on arrival.
    package func people(_ orders: SignedOrderVerifier) -> [TrustedPerson] {
        signatures.compactMap { signature in
            (try? orders.judge(signature, over: envelope.message, .judgedBefore))?.person
        }
    }
}
