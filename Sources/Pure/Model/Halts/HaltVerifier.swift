import InterlockJSON

/// Verifies halts and releases of the organisation and, by other keys, those of its drills: a drill stops and releases
/// canaries alone, and no order of people does.
///
/// INVARIANT: the keys of drills stop and release canaries alone. Kept by `HaltVerifierTests`.
package struct HaltVerifier: Sendable {
    package let organisation: SignedOrderVerifier
    /// Is nil if no drill has keys.
    private let drill: SignedOrderVerifier?

    package init(_ organisation: SignedOrderVerifier, drill: SignedOrderVerifier? = nil) {
        self.organisation = organisation
        self.drill = drill
    }

    package func halt(
        _ envelope: Envelope, _ time: SignedOrderVerifier.Time
    ) throws(OrderRefusal) -> AcceptedHalt {
        let (verifier, isDrill) = verifier(of: envelope)
        let halt = try verifier.halt(envelope, time)
        guard (halt.order.target == .drill) == isDrill else {
            throw .form(.badMember("scope", "drill in orders of drills, and in no other"))
        }
        return halt
    }

    package func release(
        _ envelope: Envelope, _ time: SignedOrderVerifier.Time
    ) throws(OrderRefusal) -> AcceptedRelease {
        try verifier(of: envelope).verifier.release(envelope, time)
    }

    /// Returns the verifier of orders of this organisation; of an unknown one it is that which refuses them.
    package func verifier(of org: String) -> SignedOrderVerifier {
        drill.flatMap { $0.trust.org == org ? $0 : nil } ?? organisation
    }

    /// Returns the verifier of a release with its statement not verified yet.
    package func verifier(
        of envelope: Envelope
    ) -> (verifier: SignedOrderVerifier, isDrill: Bool) {
        guard let drill,
            let statement = try? JSONValue(parsing: envelope.payload, limits: .upstream),
            statement["org"]?.string == drill.trust.org
        else { return (organisation, false) }
        return (drill, true)
    }
}
