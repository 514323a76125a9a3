package import InterlockJSON
package import InterlockModel

/// A signed order about the people who may decide (docs/specs/approvals.md, section 8; docs/specs/kill-switch.md,
/// section 3). Its RFC 8785 bytes are signed under the payload type `application/vnd.interlock.people+json`.
///
/// ```json
/// {"v":1,"type":"people","deed":"role","id":"01kag0...","org":"acme","person":"li@acme.example","add":["kill"],
///  "remove":[],"reason":"on call from December","author":"qAtv...","at":"2026-11-20T10:04:05.123456Z"}
/// ```
package typealias PeopleOrder = DatedOrder<PeopleChange>

package enum PeopleChange: OrderContent {
    /// Lets the person enrol one credential; the person has these roles once it is confirmed.
    case invite(Person, roles: Set<Role>)
    case role(Person, add: Set<Role>, remove: Set<Role>)
    /// Revokes every credential of the person at once.
    case revoke(Person)
    /// Offers a key of the command line with the invitation of this hash. The key itself signs the order.
    case enrol(Digest)
    /// Adds the second signature, over the id of the pending item and the digest of its displayed content.
    case confirm(OrderID, of: Digest)
    /// Issues a token with which a service account reads with the visibility of this role, until the given time.
    case issueToken(ServiceAccountName, role: Role, until: Timestamp)
    /// Ends the token of the service account at once.
    case endToken(ServiceAccountName)
    /// Passes the signer's seat in the group to the person, until the given time.
    case delegate(group: String, to: Person, until: Timestamp)
    /// Ends the signer's delegation in the group at once.
    case endDelegation(group: String)
    /// Issues a token with which an agent begins a run.
    case issueAgentToken(AgentTokenRequest)

    package typealias Action = PeopleChange
    package typealias Refusal = PeopleRefusal
    package static let payloadType = PayloadType.people
    package static var stale: PeopleRefusal? { .staleOrder }
    package static let takesPasskeys = true

    package var action: PeopleChange { self }

    /// Requires the role `security`, except to revoke one's own credentials, since a person who lost a device must not
    /// depend on another person, and to pass one's own seat.
    package func missingRole(of person: TrustedPerson) -> Role? {
        switch self {
        case .revoke(person.person), .delegate, .endDelegation: nil
        default: person.roles.contains(.security) ? nil : .security
        }
    }

    /// True if the order may let a person or service do more. A passkey that is not founding signs such orders only when
    /// it has been enrolled for as long as a vote at tier high takes.
    package var gives: Bool {
        switch self {
        case .revoke, .endToken, .endDelegation: false
        case .role(_, let add, _): !add.isEmpty
        case .invite, .enrol, .confirm, .issueToken, .delegate, .issueAgentToken: true
        }
    }

    /// - Throws: `badMember` if a role is both added and removed, or if no role changes.
    package func check() throws(FormError) {
        guard case .role(_, let add, let remove) = self else { return }
        guard add.isDisjoint(with: remove), !add.union(remove).isEmpty else {
            throw .badMember("add", "roles to give, `remove` others to take")
        }
    }

    package var members: JSONObject {
        switch self {
        case .invite(let person, let roles):
            ["deed": "invite", "person": .string(person.address), "add": .roles(roles)]
        case .role(let person, let add, let remove):
            [
                "deed": "role", "person": .string(person.address), "add": .roles(add),
                "remove": .roles(remove),
            ]
        case .revoke(let person): ["deed": "revoke", "person": .string(person.address)]
        case .enrol(let invitation): ["deed": "enrol", "invitation": .string(invitation.prefixed)]
        case .confirm(let id, let digest):
            ["deed": "confirm", "of": .string(id.text), "digest": .string(digest.prefixed)]
        case .issueToken(let service, let role, let end):
            [
                "deed": "issue_token", "service": .string(service.text),
                "role": .string(role.rawValue), "until": .string(end.rfc3339()),
            ]
        case .endToken(let service): ["deed": "end_token", "service": .string(service.text)]
        case .delegate(let group, let person, let end):
            [
                "deed": "delegate", "group": .string(group), "person": .string(person.address),
                "until": .string(end.rfc3339()),
            ]
        case .endDelegation(let group):
            ["deed": "end_delegation", "group": .string(group)]
        case .issueAgentToken(let request): request.members
        }
    }

    package static func members(of statement: JSONValue) throws(FormError) -> [String] {
        guard let action = statement["deed"]?.string, let own = membersByDeed[action] else {
            throw .badMember(
                "deed",
                """
                `invite`, `enrol`, `role`, `revoke`, `confirm`, `issue_token`, `end_token`, `delegate`, \
                `end_delegation` or `issue_agent_token`
                """)
        }
        return ["deed"] + own
    }

    private static let membersByDeed: [String: [String]] = [
        "invite": ["person", "add"], "role": ["person", "add", "remove"], "revoke": ["person"],
        "enrol": ["invitation"], "confirm": ["of", "digest"],
        "issue_token": ["service", "role", "until"], "end_token": ["service"],
        "delegate": ["group", "person", "until"], "end_delegation": ["group"],
        AgentTokenRequest.act: AgentTokenRequest.ownMembers,
    ]

    package init(_ fields: StrictFields) throws(FormError) {
        func person() throws(FormError) -> Person {
            try fields.made("person", "an e-mail address", Person.written)
        }
        func service() throws(FormError) -> ServiceAccountName {
            try fields.made("service", "a service's name", ServiceAccountName.init)
        }
        func group() throws(FormError) -> String {
            try fields.string("group", length: Delegation.groupNames)
        }
        switch try fields.string("deed") {
        case "delegate":
            self = .delegate(
                group: try group(), to: try person(),
                until: try fields.time("until", fractionDigits: 6))
        case "end_delegation": self = .endDelegation(group: try group())
        case AgentTokenRequest.act: self = .issueAgentToken(try AgentTokenRequest(fields))
        case "issue_token":
            self = .issueToken(
                try service(), role: try fields.made("role", "a known role", Role.init(rawValue:)),
                until: try fields.time("until", fractionDigits: 6))
        case "end_token": self = .endToken(try service())
        case "invite": self = .invite(try person(), roles: try fields.roles("add"))
        case "role":
            self = .role(
                try person(), add: try fields.roles("add"), remove: try fields.roles("remove"))
        case "revoke": self = .revoke(try person())
        case "enrol":
            self = .enrol(try fields.made("invitation", "a digest") { Digest(prefixed: $0) })
        default:
            self = .confirm(
                try fields.made("of", "an order's id") { OrderID($0) },
                of: try fields.made("digest", "a digest") { Digest(prefixed: $0) })
        }
    }
}

extension JSONValue {
    /// Returns the roles in the order of `Role.allCases`, which every list of roles uses.
    static func roles(_ roles: Set<Role>) -> JSONValue {
        .array(Role.allCases.filter(roles.contains).map { .string($0.rawValue) })
    }
}

extension StrictFields {
    /// Reads roles, which must be in the order that `JSONValue.roles` writes.
    func roles(_ key: String) throws(FormError) -> Set<Role> {
        let roles = try list(key, count: 0...Role.allCases.count, "a known role") {
            Role(rawValue: $0)
        }
        guard roles == Role.allCases.filter(roles.contains) else {
            throw bad(key, "roles in their order")
        }
        return Set(roles)
    }
}

/// The reason why an order about people was refused or not stored.
package enum PeopleRefusal: SignedOrderRefusal, Hashable, Sendable, CustomStringConvertible {
    /// The signed order is invalid.
    case order(OrderRefusal)
    /// The order was signed too long ago or in the future, or was taken before.
    case staleOrder
    /// The passkey does not sign orders that give rights before this time.
    case tooNew(Timestamp)
    case unknownPerson
    /// The invitation is unknown, used or expired. The holder of a token does not learn which.
    case noSuchInvitation
    case noSuchOrder
    /// The second signature covers other content than the pending one.
    case otherContent
    /// The credential is enrolled already, possibly revoked, waits for confirmation, or is a node's key.
    case knownCredential
    case tooMany
    /// The end of the token is not in the future, or more than one year away.
    case unfitEnd
    /// A service account of this name has a valid token.
    case knownService
    case noSuchService
    /// The signer is no member of the group that is named, or there is no such group.
    case notInGroup(String)
    /// The delegate is the signer, or not enrolled.
    case unfitDelegate
    /// The policy does not let seats of this group be passed to this person.
    case forbiddenDelegate(String, DelegateChoice)
    /// The end of the delegation is not in the future, or more than 14 days away.
    case unfitDelegationEnd
    /// The signer's seat in the group is passed already.
    case delegated
    case noDelegation
    /// The policy in force has no such agent, server or tool, or lets the agent have no token.
    case unfitToken(String)
    /// The resulting people are not valid authorized keys.
    case unfit(FormError)
    /// The change could not be recorded or stored, and nothing has changed.
    case notRecorded(String)
    /// The change is recorded and in force but not stored; a restart must restore it from the log.
    case notKept

    package init(_ refusal: OrderRefusal) { self = .order(refusal) }

    package var copy: PasskeyID? {
        if case .order(let refusal) = self { refusal.copy } else { nil }
    }

    package var description: String {
        switch self {
        case .order(let refusal): "\(refusal)"
        case .staleOrder: "the order is old, of the future, or was taken already"
        case .tooNew(let end):
            "this passkey is new: it signs what gives rights from \(end.rfc3339(fractionDigits: 0)) on"
        case .unknownPerson: "no person with this address is enrolled or invited"
        case .noSuchInvitation: "there is no such invitation, or it was used, or is over"
        case .noSuchOrder: "nothing of this id waits for a second person"
        case .otherContent: "what was signed is not what waits"
        case .knownCredential: "this credential is enrolled already"
        case .tooMany: "there are too many already"
        case .unfitEnd: "a token ends in the future, within 365 days"
        case .knownService: "a service of this name has a token already"
        case .noSuchService: "no service of this name has a token"
        case .notInGroup(let group): "you are no member of a group `\(group)`"
        case .unfitDelegate: "a delegate is another person, who is enrolled"
        case .forbiddenDelegate(let group, .members):
            "the policy lets seats of `\(group)` be passed to its members alone"
        case .forbiddenDelegate(let group, _): "the policy lets no seat of `\(group)` be passed"
        case .unfitDelegationEnd: "a delegation ends in the future, within 14 days"
        case .delegated: "your seat in this group is passed already"
        case .noDelegation: "your seat in this group is not passed to anybody"
        case .unfitToken(let reason): reason
        case .unfit(let error): "the people that would come of it are not fit: \(error)"
        case .notRecorded(let code): "it cannot be recorded: \(code)"
        case .notKept: "it holds and is recorded, but the store did not take it"
        }
    }
}

package typealias AcceptedPeopleOrder = VerifiedOrder<PeopleOrder>

extension SignedOrderVerifier {
    /// Returns the key that is offered with an invitation. The key itself must have signed the offer, so a person can
    /// enrol only a key that they hold.
    package func key(
        offeredBy envelope: Envelope, with invitation: Invitation, at now: Timestamp
    ) throws(PeopleRefusal) -> PublicKey {
        let order: PeopleOrder = try read(envelope)
        guard let key = key(of: envelope) else { throw .order(.badSignature) }
        guard order.action == .enrol(invitation.hash) else { throw .order(.otherKind) }
        guard order.author == invitation.pseudonym else { throw .order(.notAuthor) }
        if let refusal = order.staleness(at: now) { throw refusal }
        return key
    }
}
