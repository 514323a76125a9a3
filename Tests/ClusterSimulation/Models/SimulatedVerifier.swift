package import InterlockCluster
package import InterlockModel

/// Verifies the entries of a simulation. Of the kinds that widen it has releases and members, which need no verifier of
/// their own.
package struct SimulatedVerifier: EntryVerifier {
    /// If true, every signature verifies: the fault `unsignedEntry`.
    package let isTrusting: Bool

    /// If true, halts of one id have one digest: the fault `haltsByID`.
    package let takesHaltsByID: Bool

    package init(isTrusting: Bool = false, takesHaltsByID: Bool = false) {
        self.isTrusting = isTrusting
        self.takesHaltsByID = takesHaltsByID
    }

    package var hashing: any Hashing {
        if takesHaltsByID { HaltIDHashing() } else { SimulatedHashing() }
    }
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

/// Hashes the statement of a halt by its id alone, and all else as it is.
private struct HaltIDHashing: Hashing {
    func sha256(_ bytes: Span<UInt8>) -> Digest {
        let hashing = SimulatedHashing()
        guard bytes.count > 0, bytes[0] == UInt8(ascii: "{") else { return hashing.sha256(bytes) }
        let statement = Envelope(
            payloadType: .halt, payload: bytes.indices.map { bytes[$0] }, signatures: [])
        guard let halt = try? HaltOrder(statement) else { return hashing.sha256(bytes) }
        return hashing.sha256(Array(halt.id.text.utf8))
    }
}
