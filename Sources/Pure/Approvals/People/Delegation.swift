import InterlockJSON
package import InterlockModel

/// A person's seat in a group, passed to another person for a time (docs/specs/approvals.md, section 6).
///
/// INVARIANT: a delegation counts only if the person whose seat it is signed it, and it never makes one person two. It
/// ends with its time, by its author, and if either of the two leaves the group or loses every credential; it does not
/// come back. Kept by `DelegationTests`, `SeatTests`, `test_delegation.py`.
package struct Delegation: Hashable, Sendable {
    /// The id of the signed order.
    package let id: OrderID
    package let group: String
    /// The person whose seat it is, and who signed.
    package let from: Pseudonym
    /// The person who decides meanwhile.
    package let to: Pseudonym
    package let reason: String
    package let made: Timestamp
    package let expires: Timestamp
    /// True if the delegate was a member of the group too: leaving it then ends the delegation.
    package let isToMember: Bool
    /// The signed order, which is verified again at each start.
    package let order: Envelope

    package static let longestLife = Duration.seconds(14 * 86_400)
    package static let most = 1000
    /// The length of a group's name, in bytes.
    package static let groupNames = 1...64
}

/// A group of the policy in force, as far as delegations need it.
package struct DelegatingGroup: Sendable {
    package let members: [Person]
    package let delegates: DelegateChoice

    package init(members: [Person], delegates: DelegateChoice = .anyone) {
        self.members = members
        self.delegates = delegates
    }
}

/// The reason why a delegation ended before its time.
package enum DelegationEnd: String, Sendable, CaseIterable {
    /// Its author ended it.
    case ended
    /// Either of the two is no longer a member of the group.
    case left
    /// Either of the two has no credential any more.
    case revoked
    /// The policy no longer lets the seat be passed so.
    case forbidden
    /// The store did not take it, so it was never in force.
    case lost

    /// The code in records.
    package var code: String { "delegation.\(rawValue)" }
}

extension PeopleDirectory {
    /// Passes the signer's seat in a group to another person.
    ///
    /// - Parameter group: the group that the order names, or nil if there is no such group.
    /// - Throws: `notInGroup`, `unfitDelegate`, `forbiddenDelegate`, `unfitDelegationEnd`, `delegated` if a delegation in
    ///   this group is in force, or `tooMany`.
    package mutating func delegate(
        _ accepted: AcceptedPeopleOrder, in group: DelegatingGroup?, at now: Timestamp
    ) throws(PeopleRefusal) -> Delegation {
        guard case .delegate(let name, let person, let expires) = accepted.order.action else {
            throw .order(.otherKind)
        }
        guard let group, group.members.contains(accepted.person.person) else {
            throw .notInGroup(name)
        }
        guard let to = trust.person(person)?.pseudonym, self.person(to) != nil,
            to != accepted.signer
        else { throw .unfitDelegate }
        guard group.delegates.permits(person, members: group.members) else {
            throw .forbiddenDelegate(name, group.delegates)
        }
        guard now < expires, expires <= accepted.order.at + Delegation.longestLife else {
            throw .unfitDelegationEnd
        }
        try take(accepted.order, at: now)
        delegations = delegations.filter { now < $0.value.expires }
        guard delegation(of: accepted.signer, in: name, at: now) == nil else { throw .delegated }
        guard delegations.count < Delegation.most else { throw .tooMany }
        let delegation = Delegation(
            id: accepted.order.id, group: name, from: accepted.signer, to: to,
            reason: accepted.order.reason, made: now, expires: expires,
            isToMember: group.members.contains(person), order: accepted.envelope)
        delegations[delegation.id] = delegation
        return delegation
    }

    /// Ends the signer's delegation in a group.
    package mutating func endDelegation(
        _ accepted: AcceptedPeopleOrder, at now: Timestamp
    ) throws(PeopleRefusal) -> Delegation {
        guard case .endDelegation(let group) = accepted.order.action else {
            throw .order(.otherKind)
        }
        guard let delegation = delegation(of: accepted.signer, in: group, at: now) else {
            throw .noDelegation
        }
        try take(accepted.order, at: now)
        delegations[delegation.id] = nil
        return delegation
    }

    /// The delegation of this person's seat in a group that is in force now.
    package func delegation(
        of person: Pseudonym, in group: String, at now: Timestamp
    ) -> Delegation? {
        delegations.values.first { $0.from == person && $0.group == group && isInForce($0, now) }
    }

    /// The delegations in force, by group, author and time.
    package func delegations(at now: Timestamp) -> [Delegation] {
        delegations.values.filter { isInForce($0, now) }.sorted {
            ($0.group, $0.from.text, $0.made) < ($1.group, $1.from.text, $1.made)
        }
    }

    private func isInForce(_ delegation: Delegation, _ now: Timestamp) -> Bool {
        now < delegation.expires && person(delegation.from) != nil && person(delegation.to) != nil
    }

    /// Removes the delegations that are over: expired, of people without a credential, of people who left the group, or
    /// such as the policy no longer permits.
    ///
    /// - Parameter group: returns a group of the policy in force, or nil if there is no such group.
    /// - Returns: those that ended before their time.
    package mutating func dropDelegations(
        at now: Timestamp, group: (String) -> DelegatingGroup?
    ) -> [(Delegation, DelegationEnd)] {
        var ended: [(Delegation, DelegationEnd)] = []
        for delegation in delegations.values.sorted(by: { $0.id.text < $1.id.text }) {
            guard now < delegation.expires else {
                delegations[delegation.id] = nil
                continue
            }
            if let end = end(of: delegation, group(delegation.group)) {
                delegations[delegation.id] = nil
                ended.append((delegation, end))
            }
        }
        return ended
    }

    private func end(of delegation: Delegation, _ group: DelegatingGroup?) -> DelegationEnd? {
        guard let from = person(delegation.from), let to = person(delegation.to) else {
            return .revoked
        }
        guard let group, group.members.contains(from),
            !delegation.isToMember || group.members.contains(to)
        else { return .left }
        return group.delegates.permits(to, members: group.members) ? nil : .forbidden
    }

    /// Removes the delegations of and to people without a credential, so that a new enrolment does not revive them.
    mutating func forgetDelegations() {
        delegations = delegations.filter {
            person($0.value.from) != nil && person($0.value.to) != nil
        }
    }

    /// Removes the delegations of and to a person that were made up to `end`, for a replay of the log.
    mutating func forgetDelegations(of person: Pseudonym, until end: Timestamp) {
        delegations = delegations.filter {
            ($0.value.from != person && $0.value.to != person) || end < $0.value.made
        }
    }

    /// A copy without the delegations whose stored order is not what its author signed.
    ///
    /// - Parameter passkeys: the verifier of passkeys; if nil, no order that a passkey signed counts.
    package func verifyingDelegations(
        _ verifier: any SignatureVerifier, passkeys: EnrolledPasskeyVerifier? = nil
    ) -> (directory: PeopleDirectory, unfit: [OrderID]) {
        let orders = SignedOrderVerifier(trust: trust, verifier: verifier, passkeys: passkeys)
        var copy = self
        var unfit: [OrderID] = []
        for delegation in delegations.values.sorted(by: { $0.id.text < $1.id.text })
        where !delegation.isSigned(by: orders) {
            copy.delegations[delegation.id] = nil
            unfit.append(delegation.id)
        }
        return (copy, unfit)
    }
}

extension Delegation {
    fileprivate func isSigned(by orders: SignedOrderVerifier) -> Bool {
        guard let accepted = try? orders.verify(order, as: PeopleOrder.self, .judgedBefore),
            case .delegate(let group, let person, let expires) = accepted.order.action
        else { return false }
        return accepted.order.id == id && accepted.signer == from && group == self.group
            && orders.trust.person(person)?.pseudonym == to && expires == self.expires
            && accepted.order.reason == reason
    }

    var json: JSONValue {
        [
            "id": .string(id.text), "group": .string(group), "from": .string(from.text),
            "to": .string(to.text), "reason": .string(reason), "made": .string(made.rfc3339()),
            "expires": .string(expires.rfc3339()), "to_member": .bool(isToMember),
            "order": order.json,
        ]
    }

    init(json: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            json, at: "delegation",
            required: [
                "id", "group", "from", "to", "reason", "made", "expires", "to_member", "order",
            ])
        self.init(
            id: try fields.made("id", "an order's id") { OrderID($0) },
            group: try fields.string("group", length: Delegation.groupNames),
            from: try fields.pseudonym("from"), to: try fields.pseudonym("to"),
            reason: try fields.string("reason"), made: try fields.time("made", fractionDigits: 6),
            expires: try fields.time("expires", fractionDigits: 6),
            isToMember: try fields.bool("to_member"),
            order: try Envelope(json: try fields.value("order"), at: "delegation.order"))
    }
}
