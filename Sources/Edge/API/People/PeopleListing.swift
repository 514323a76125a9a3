package import InterlockAdministration
package import InterlockApprovals
import InterlockEvidence
package import InterlockModel
package import InterlockSchemas

/// The people as one viewer sees them: all for the role `security`, and oneself for all others.
package struct PeopleListing {
    package let book: PeopleDirectory
    package let seesAll: Bool
    let viewer: Person?
    package let now: Timestamp

    /// The people that the viewer sees, by address.
    package var people: [TrustedPerson] {
        book.trust.people.filter(sees).sorted { $0.person.address < $1.person.address }
    }

    package typealias Sorting = ListOrder<Column>

    /// The columns by which the list can be ordered.
    package enum Column: String, Sendable, CaseIterable { case person, roles, state }

    /// The people that the viewer sees, in an order; by address if it is nil.
    package func people(by order: Sorting?) -> [TrustedPerson] {
        guard let order else { return people }
        return switch order.column {
        case .person: order.sorted(people) { $0.person.address }
        case .roles: order.sorted(people) { Self.text(of: $0.roles) }
        case .state:
            order.sorted(people) {
                PersonState.allCases.firstIndex(of: book.state(of: $0, at: now))
            }
        }
    }

    /// The roles as a list shows them; nil without a role.
    private static func text(of roles: Set<Role>) -> String? {
        roles.isEmpty
            ? nil : Role.allCases.filter(roles.contains).map(\.rawValue).joined(separator: ", ")
    }

    func sees(_ person: TrustedPerson) -> Bool { seesAll || person.person == viewer }

    package func person(_ pseudonym: Pseudonym) -> TrustedPerson? {
        book.trust.person(pseudonym).flatMap { sees($0) ? $0 : nil }
    }

    /// The changes that a second person has to sign; nil for those who may not see it.
    package var unconfirmed: [PendingSecondSignature]? {
        guard seesAll else { return nil }
        return book.unconfirmed(at: now).map { one in
            PendingSecondSignature(
                one: one, by: one.first.flatMap { book.trust.person($0)?.person })
        }
    }

    /// The invitations that can still be used; nil for those who may not see them.
    package var invitations: [OpenInvitation]? {
        guard seesAll else { return nil }
        return book.openInvitations(at: now).map { invitation in
            OpenInvitation(
                invitation: invitation, roles: book.roles(after: invitation),
                by: invitation.inviter.flatMap { book.trust.person($0)?.person })
        }
    }

    /// The seats that a person has passed or holds.
    package func seats(of person: TrustedPerson) -> [DelegationView] {
        book.delegations(at: now)
            .filter { $0.from == person.pseudonym || $0.to == person.pseudonym }
            .compactMap { DelegationView($0, book) }
    }

    /// - Parameter sessions: the person's live sessions, or nil if they are not known.
    package func view(of person: TrustedPerson, sessions: [LiveSession]?) -> PersonView {
        PersonView(
            person: person, passkeys: book.passkeys(of: person.pseudonym),
            state: book.state(of: person, at: now), sessions: sessions ?? [], now: now)
    }
}

/// A link by which a person can still enrol.
package struct OpenInvitation: ResponseRecord {
    package let invitation: Invitation
    /// All roles of the person after the enrolment.
    package let roles: Set<Role>
    package let by: Person?

    package static let form = ResponseSchema<OpenInvitation>(
        "Invitation",
        .init("person", .text(.plain(1...254)), "Who is invited.") { $0.invitation.person.address },
        .init(
            "roles", .list(.choice(of: Role.self), count: 0...Role.allCases.count),
            "What this person then has."
        ) { one in Role.allCases.filter(one.roles.contains).map(\.rawValue) },
        .init("founding", .truth, "Of a person named at the start.") { $0.invitation.isFounding },
        .init("expires", .text(.time), "Until when the link counts.") { $0.invitation.expires },
        .maybe("by", .text(.plain(1...254)), "Who invited.") { $0.by?.address })
}

extension OperationServices {
    /// - Throws: `notRead` if the authorized keys cannot be read.
    package func people(for asker: APIPrincipal) throws(Problem) -> PeopleListing {
        guard let book = orders?.people else {
            throw Problem(.notRead, "who is enrolled cannot be read")
        }
        let (seesAll, viewer): (Bool, Person?) =
            switch asker {
            case .person(let session):
                (
                    book.trust.person(session.person)?.roles.contains(.security) == true,
                    session.person
                )
            case .service(let service): (service.role == .security, nil)
            case .commandLine(let person, _): (true, person)
            }
        return PeopleListing(book: book, seesAll: seesAll, viewer: viewer, now: clock.wall)
    }
}
