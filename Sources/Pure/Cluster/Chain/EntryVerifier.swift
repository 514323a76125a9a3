package import InterlockModel

/// Verifies what entries carry. The program gives the verifiers of each kind of statement, a simulator ones that anyone
/// can sign for.
///
/// An implementation must be a pure function of its arguments, so that all nodes judge alike, and safe to call from any
/// thread.
package protocol EntryVerifier: Sendable {
    var hashing: any Hashing { get }
    var signatures: any SignatureVerifier { get }

    /// The verifier of the passkeys of these people; nil if signing by passkey is not configured.
    func passkeys(of people: AuthorizedKeys) -> EnrolledPasskeyVerifier?

    /// Verifies the statements of people of an entry that widens. Releases and orders about members do not come here.
    ///
    /// - Throws: `notJudged` if this node has no rules for the kind or lacks the policy by which it is judged.
    func change(
        _ kind: WideningKind, _ statements: PeopleStatements, in context: StatementContext
    ) throws(StatementRefusal) -> OrderedChange
}

/// The state before an entry, against which its statements of people are judged.
package struct StatementContext: Sendable {
    package let people: AuthorizedKeys
    /// The time by which the entry is judged (`ChainClock`), at which credentials must count.
    package let at: Timestamp
    package let state: ChainState

    package init(people: AuthorizedKeys, at: Timestamp, state: ChainState) {
        self.people = people
        self.at = at
        self.state = state
    }
}

/// The reason why statements of people do not change anything.
package enum StatementRefusal: Error, Hashable, Sendable {
    /// The statements are of another kind or form, or a signature does not verify. No honest node appends that.
    case invalid(String)
    /// The signatures verify, but those who made them may not order this, or no longer, or it is not enough of them.
    case unauthorized(String)
    /// This node cannot judge the statements, so it cannot pass the entry.
    case notJudged
}

extension StatementRefusal {
    /// The refusal of a signed order. What a change of people just before the entry can bring about is `unauthorized`.
    package init(_ refusal: OrderRefusal) {
        switch refusal {
        case .form, .otherKind, .otherOrganisation, .badSignature, .badAssertion, .samePerson,
            .copiedPasskey:
            self = .invalid("\(refusal)")
        case .unknownKey, .revokedKey, .expiredKey, .missingRole, .notAuthor, .notForNodes,
            .tooFewPeople, .unknownHalt, .staleEpoch, .tooManyOrders, .notRecorded:
            self = .unauthorized("\(refusal)")
        }
    }
}

/// A change that enough people ordered, as the verifier of its kind returns it.
package enum OrderedChange: Hashable, Sendable {
    /// The people from this entry on; the pseudonym is of the person whom it concerns.
    case people(AuthorizedKeys, Pseudonym)
    case elevation(ElevationID, until: Timestamp)
    /// A revision that follows another one; nil if it is the first.
    case revision(Digest, after: Digest?)
    /// The end of a quarantine, of a pause, or of a demotion that came before the time of signing.
    case quarantineEnd(ServerName, signed: Timestamp)
    case pauseEnd(RunID, signed: Timestamp)
    case promotion(AgentName, to: TrustStageAssignment, signed: Timestamp)

    package var kind: WideningKind {
        switch self {
        case .people: .person
        case .elevation: .elevation
        case .revision: .revision
        case .quarantineEnd: .quarantineEnd
        case .pauseEnd: .pauseEnd
        case .promotion: .promotion
        }
    }

    /// The subject that the entry must have.
    package var subject: String {
        switch self {
        case .people(_, let pseudonym): pseudonym.text
        case .elevation(let elevation, _): elevation.text
        case .revision: "policy"
        case .quarantineEnd(let server, _): server.text
        case .pauseEnd(let run, _): run.text
        case .promotion(let agent, _, _): agent.text
        }
    }
}
