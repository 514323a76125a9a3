package import InterlockCluster
package import InterlockModel

/// Verifies the entries of a simulation. Of the kinds that widen it has releases and members, which need no verifier of
/// their own.
package struct SimulatedVerifier: EntryVerifier {
    /// If true, every signature verifies: the fault `unsignedEntry`.
    package let isTrusting: Bool

    package init(isTrusting: Bool = false) { self.isTrusting = isTrusting }

    package var hashing: any Hashing { SimulatedHashing() }
    package var signatures: any SignatureVerifier {
        if isTrusting { TrustingSignatures() } else { SimulatedSignatures() }
    }

    package func passkeys(of people: AuthorizedKeys) -> EnrolledPasskeyVerifier? { nil }

    package func change(
        _ kind: WideningKind, _ statements: PeopleStatements, in context: StatementContext
    ) throws(StatementRefusal) -> OrderedChange {
        throw .invalid("a simulation has no statements of this kind")
    }
}

/// Takes any signature for one that verifies.
private struct TrustingSignatures: SignatureVerifier {
    func verifies(
        _ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]
    ) -> Bool { true }
}
