package import InterlockCluster
package import InterlockModel
package import InterlockPolicy

/// Verifies the statements of people in entries of the control chain by the functions with which one node without a
/// cluster judges them (docs/specs/cluster.md, sections 3, 8, 9 and 11).
///
/// The result depends on the entry, on the state before it, and on the policy of the revision that the state names. A node
/// without a verifier of assertions cannot pass an entry with a signature by passkey.
///
/// INVARIANT: an entry changes people, rights or restrictions only as the rules of one node permit those who signed it,
/// at the time of the chain. Kept by `ReleaseEntryTests`, `MemberEntryTests`, `PersonEntryTests`, `EnrolmentEntryTests`,
/// `EndEntryTests`, `ElevationEntryTests`, `RevisionEntryTests`.
package struct PeopleEntryVerifier: EntryVerifier {
    package let hashing: any Hashing
    package let signatures: any SignatureVerifier
    private let assertions: EnrolledPasskeyVerifier.Verify?
    let policies: @Sendable (_ revision: Digest) -> PolicySnapshot?

    /// - Parameters:
    ///   - assertions: the verifier of assertions; nil if this node has none. Must not depend on where the console is now:
    ///     nodes that join verify old entries, and the node at which an assertion arrives compares its origin.
    ///   - policies: returns the policy of a revision, also of one that was replaced; nil if this node does not have it.
    ///     Must return the same policy for the same revision on all nodes.
    package init(
        hashing: any Hashing, signatures: any SignatureVerifier,
        assertions: EnrolledPasskeyVerifier.Verify?,
        policies: @escaping @Sendable (_ revision: Digest) -> PolicySnapshot?
    ) {
        self.hashing = hashing
        self.signatures = signatures
        self.assertions = assertions
        self.policies = policies
    }

    /// The chain has no counters of passkeys: they were compared when the signature arrived at its node.
    package func passkeys(of people: AuthorizedKeys) -> EnrolledPasskeyVerifier? {
        assertions.map { verify in
            EnrolledPasskeyVerifier(
                hashing: hashing, find: { people.passkey($0) }, verify: verify)
        }
    }

    package func change(
        _ kind: WideningKind, _ statements: PeopleStatements, in context: StatementContext
    ) throws(StatementRefusal) -> OrderedChange {
        switch kind {
        case .person: return try personChange(statements.envelopes, in: context)
        case .quarantineEnd: return try quarantineEnd(statements.envelopes, in: context)
        case .pauseEnd: return try pauseEnd(statements.envelopes, in: context)
        case .elevation: return try elevation(statements.envelopes, in: context)
        case .revision: return try revision(statements.envelopes, in: context)
        // The cool-down and the stages of an agent are not in the chain (docs/decisions/0199).
        case .promotion: throw .notJudged
        // `ChainState` judges these by the people and nodes that it has.
        case .release, .member: throw .notJudged
        }
    }
}

extension PeopleEntryVerifier {
    /// The verifier of orders by the people of the state.
    func orders(in context: StatementContext) -> SignedOrderVerifier {
        SignedOrderVerifier(
            trust: context.people, verifier: signatures, passkeys: passkeys(of: context.people))
    }

    /// Verifies an order whose last signature was made for this entry: it is fresh by the time of the chain.
    func fresh<Order: SignedOrder>(
        _ envelope: Envelope, as kind: Order.Type, in context: StatementContext
    ) throws(StatementRefusal) -> VerifiedOrder<Order> where Order.Refusal: KindRefusal {
        do throws(Order.Refusal) {
            return try orders(in: context).verify(envelope, as: kind, .now(context.at))
        } catch { throw StatementRefusal(error) }
    }

    /// Returns the only envelope.
    func sole(_ envelopes: [Envelope]) throws(StatementRefusal) -> Envelope {
        guard envelopes.count == 1 else { throw .invalid("more than one statement") }
        return envelopes[0]
    }
}
