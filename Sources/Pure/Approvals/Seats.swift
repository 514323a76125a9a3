package import InterlockJSON
package import InterlockModel

extension PeopleDirectory {
    /// Returns the people who vote for these members of a group: each member, or the person to whom the seat is passed.
    /// Two seats that meet in one person are one vote.
    ///
    /// - Parameters:
    ///   - voted: the people who have voted on this request already; their seats stay with them.
    ///   - mayDecide: whether the separation of duties lets a delegate decide this call. Otherwise the member keeps the
    ///     seat.
    package func seats(
        of members: [Person], in group: String, voted: Set<Person> = [], at now: Timestamp,
        mayDecide: (Person, Delegation) -> Bool
    ) -> [Voter] {
        let enrolled = voters(among: members)
        let passed = enrolled.map { member -> Voter? in
            guard !voted.contains(member.person),
                let delegation = delegation(of: member.pseudonym, in: group, at: now),
                let to = person(delegation.to), mayDecide(to, delegation)
            else { return nil }
            return Voter(
                person: to, pseudonym: delegation.to, seat: .delegate, delegators: [member])
        }
        var seats: [Voter] = []
        // Members first: a member who is also a delegate has one seat.
        for (member, passed) in zip(enrolled, passed) where passed == nil { seats.append(member) }
        for case let delegate? in passed {
            if let place = seats.firstIndex(where: { $0.person == delegate.person }) {
                seats[place] = seats[place].also(for: delegate.delegators)
            } else {
                seats.append(delegate)
            }
        }
        return seats
    }
}

/// A person who may vote on a request.
package struct Voter: Hashable, Sendable {
    /// The capacity in which the person votes.
    package enum Seat: String, Sendable, CaseIterable {
        case member, escalated
        /// A person to whom members of the group passed their seats.
        case delegate
    }

    package let person: Person
    package let pseudonym: Pseudonym
    package let seat: Seat
    /// The members whose seats were passed to this person; a delegate has at least one.
    package let delegators: [Voter]

    package init(
        person: Person, pseudonym: Pseudonym, seat: Seat = .member, delegators: [Voter] = []
    ) {
        self.person = person
        self.pseudonym = pseudonym
        self.seat = seat
        self.delegators = delegators
    }

    fileprivate func also(for more: [Voter]) -> Voter {
        Voter(person: person, pseudonym: pseudonym, seat: seat, delegators: delegators + more)
    }
}

extension Voter {
    /// The person and the members in whose place this person votes, for people and programs.
    package var delegateJSON: JSONValue {
        [
            "person": .string(person.address),
            "seats": .array(delegators.map { .string($0.person.address) }),
        ]
    }
}

extension ApprovalRequest {
    /// The members of the group whose seats this request has, also of those that are passed.
    package var seatedMembers: [Person] {
        voters.flatMap { ($0.seat == .member ? [$0.person] : []) + $0.delegators.map(\.person) }
    }

    /// The people who hold the seats of members.
    package var delegates: [Voter] { voters.filter { !$0.delegators.isEmpty } }

    /// True if a seat of this request is passed to another person.
    package var hasDelegates: Bool { !delegates.isEmpty }
}
