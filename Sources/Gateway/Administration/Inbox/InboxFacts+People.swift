import InterlockApprovals
import InterlockEvidence
import InterlockModel

extension InboxFacts {
    /// A credential or a change of roles that a second person must confirm.
    struct WaitingConfirmation: Sendable, Equatable {
        let subject: InboxTask.Subject
        let reason: String?
        /// The person who invited or asked.
        let first: Pseudonym?
        /// The people who must not confirm it.
        let excluded: Set<Pseudonym>
        let since: Timestamp
        let expires: Timestamp

        init(_ waiting: PeopleDirectory.Unconfirmed) {
            switch waiting.change {
            case .enrolment(let pending):
                subject = .enrolment(waiting.id, pending.invitation.person)
                reason = nil
                since = waiting.expires - PendingEnrolment.life
            case .roles(let pending):
                subject = .roles(
                    waiting.id, pending.person, add: pending.add, remove: pending.remove)
                reason = pending.first.order.reason
                since = pending.first.order.at
            }
            first = waiting.first
            excluded = waiting.excluded
            expires = waiting.expires
        }
    }

    /// Returns the confirmations, which the role `security` sees and makes.
    func confirmations(
        _ viewer: InboxViewer, _ enrolled: () -> [TrustedPerson], at now: Timestamp
    ) -> [InboxTask] {
        guard viewer.visibility.powers.contains(.security) else { return [] }
        return people.filter { now < $0.expires }.map { change in
            let isSent = change.first == viewer.pseudonym
            return InboxTask(
                subject: change.subject, reason: change.reason, signed: 1, need: 2,
                since: change.since, due: change.expires,
                isMine: !change.excluded.contains(viewer.pseudonym), isSent: isSent,
                deciders: isSent
                    ? enrolled().people(.security) { !change.excluded.contains($0.pseudonym) }
                    : [])
        }
    }
}

extension [TrustedPerson] {
    /// Returns the people who have one of these roles and pass, sorted.
    func people(_ roles: Role..., where passes: (TrustedPerson) -> Bool) -> [Person] {
        filter { !$0.roles.isDisjoint(with: roles) && passes($0) }.map(\.person).sorted()
    }
}
