/// A key whose signature counts under results of evals, or under release manifests, and the people who can use it
/// alone. A key that only a pipeline uses is held by no person.
package struct EvalKey: Sendable, Hashable {
    package let key: PublicKey
    package let heldBy: Set<Person>

    package init(key: PublicKey, heldBy: Set<Person>) {
        self.key = key
        self.heldBy = heldBy
    }

    /// Returns true if none of `owners` can use the key alone. Without a known owner any holder may be the one who
    /// answers for the agent, so that only a key counts that no person can use alone.
    package func isIndependent(of owners: Set<Person>) -> Bool {
        owners.isEmpty ? heldBy.isEmpty : heldBy.isDisjoint(with: owners)
    }

    /// Returns the key with the person for whom it is enrolled among its holders, or nil if that enrolment is revoked
    /// or expired, or if a holder has left: a person who leaves takes the key along.
    package func checked(against trust: AuthorizedKeys, at now: Timestamp) -> EvalKey? {
        guard !heldBy.contains(where: { trust.hasLeft($0) }) else { return nil }
        guard let (person, enrolled) = trust.holder(of: key) else { return self }
        guard !enrolled.isRevoked, !enrolled.isExpired(at: now) else { return nil }
        return EvalKey(key: key, heldBy: heldBy.union([person.person]))
    }
}
