package import InterlockModel

/// The people who may vote on a call (docs/specs/approvals.md, section 6): the group's members, less those whom the
/// separation of duties excludes.
///
/// INVARIANT: the separation of duties, the group without those who left it, escalation and break-glass decide whose
/// vote counts; at tier high several people are as many credentials. Kept by `EligibilityTests`, `VoteVerifierTests`.
package struct Electorate: Hashable, Sendable {
    /// The eligible members, in the group's order.
    package let eligible: [Person]
    package let excluded: [Person: Exclusion]

    /// - Parameters:
    ///   - owner: the person accountable for the agent, or nil if none is named.
    ///   - ownerWaiver: whether a waiver of W210 lets the owner vote on calls that neither spend money nor touch
    ///     production.
    ///   - proposers: the authors of changes that widened this agent's rights: the elevation in use, or the last policy
    ///     revision.
    package init(
        members: [Person], owner: Person?, onBehalfOf: Person?, effects: EffectSet,
        ownerWaiver: Bool = false, proposers: Set<Person> = []
    ) {
        var eligible: [Person] = []
        var excluded: [Person: Exclusion] = [:]
        for person in members where !eligible.contains(person) && excluded[person] == nil {
            if person == onBehalfOf {
                excluded[person] = .beneficiary
            } else if proposers.contains(person) {
                excluded[person] = .proposer
            } else if person == owner,
                !ownerWaiver || effects.has(.spendsMoney) || effects.has(.production)
            {
                excluded[person] = .owner
            } else {
                eligible.append(person)
            }
        }
        self.eligible = eligible
        self.excluded = excluded
    }

    /// The eligible people who have a usable credential.
    package func voters(_ book: PeopleDirectory) -> [Voter] { book.voters(among: eligible) }
}

extension PeopleDirectory {
    /// The people with a key or passkey that was not revoked, in the order given.
    package func voters(among people: [Person]) -> [Voter] {
        people.compactMap { person in
            guard let trusted = trust.person(person), self.person(trusted.pseudonym) != nil
            else { return nil }
            return Voter(person: person, pseudonym: trusted.pseudonym)
        }
    }

    /// Returns whether a signature by this credential still counts: the credential is enrolled and not revoked. An
    /// expired credential cannot sign, but its earlier signatures remain valid.
    package func stands(_ credential: CredentialName) -> Bool {
        switch credential {
        case .key(let key): trust.holder(of: key).map { !$0.key.isRevoked } ?? false
        case .passkey(let id): passkeys[id].map { !$0.isRevoked } ?? false
        }
    }
}

/// The reason a person may not vote.
package enum Exclusion: String, Hashable, Sendable {
    case notMember = "not-member"
    case beneficiary
    case proposer
    case owner
    case credentialTooNew = "credential-too-new"
    case credentialEnded = "credential-ended"
    /// Another person's vote on this request used the same credential.
    case credentialShared = "credential-shared"
    /// The vote would complete a quorum at tier high without any passkey.
    case needsPasskey = "needs-passkey"
    /// The delegation by which the person had a seat is over.
    case delegationEnded = "delegation-ended"
    /// A client's consent where people must decide.
    case clientAlone = "client-alone"
    /// The countermeasures (docs/specs/approvals.md, section 12). They prevent approvals, never denials.
    case untrained, capped, paused, spaced

    package var sentence: String {
        switch self {
        case .notMember: "not a member of the group"
        case .beneficiary: "the call is made on this person's behalf"
        case .proposer: "this person proposed what made the call possible"
        case .owner: "this person owns the agent"
        case .credentialTooNew: "the key was enrolled less than 24 hours ago"
        case .credentialEnded: "the key has expired or was revoked"
        case .credentialShared: "another person has voted with this key"
        case .clientAlone: "a client's consent counts as one approval at tier low, and for no other"
        case .untrained:
            "two of the last five probes were approved; approving counts again after a new enrolment"
        case .capped: "as many requests were decided within the hour as one person may"
        case .paused: "25 approvals in a row without a no: a pause of ten minutes"
        case .spaced: "five decisions within a minute: for now one in 30 seconds"
        case .delegationEnded: "the delegation of the seat has ended"
        case .needsPasskey: "at tier high one of several people must decide with a passkey"
        }
    }
}
