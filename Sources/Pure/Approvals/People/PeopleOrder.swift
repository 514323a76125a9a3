package import InterlockJSON
package import InterlockModel

/// What one person signs about who may decide (specs of approvals, section 8; specs of the kill switch, section
/// 3). Its RFC 8785 bytes are signed under the payload type `application/vnd.interlock.people+json`.
///
/// ```json
/// {"v":1,"type":"people","deed":"role","id":"01kag0...","org":"acme","person":"li@acme.example","add":["kill"],
///  "remove":[],"reason":"on call from December","author":"qAtv...","at":"2026-11-20T10:04:05.123456Z"}
/// ```
package struct PeopleOrder: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// May enrol one credential, and has these roles once it is confirmed.
        case invite(Person, roles: Set<Role>)
        case role(Person, add: Set<Role>, remove: Set<Role>)
        /// Every credential of the person, at once.
        case revoke(Person)
        /// A key of the command line, offered with the invitation of this hash: signed by the key itself.
        case enrol(Digest)
        /// The second signature, over exactly what waits: its id and the digest of what was shown.
        case confirm(OrderID, of: Digest)
        /// A token with which a service reads as this role sees, until then.
        case issueToken(ServiceAccountName, role: Role, until: Timestamp)
        /// The token of that service, at once.
        case endToken(ServiceAccountName)
    }

    package let id: OrderID
    package let org: String
    package let deed: Action
    package let reason: String
    package let author: Pseudonym
    package let at: Timestamp

    package static let largest = 4096

    /// - Throws: `badMember` when the reason is not fit, or a role is both given and taken, or neither.
    package init(
        id: OrderID, org: String, deed: Action, reason: String, author: Pseudonym, at: Timestamp
    ) throws(FormError) {
        guard isFitReason(reason) else {
            throw .badMember(
                "reason",
                "\(OrderLimits.reason.lowerBound) to \(OrderLimits.reason.upperBound) characters "
                    + "on one line")
        }
        if case .role(_, let add, let remove) = deed {
            guard add.isDisjoint(with: remove), !add.union(remove).isEmpty else {
                throw .badMember("add", "roles to give, `remove` others to take")
            }
        }
        self.id = id
        self.org = org
        self.deed = deed
        self.reason = reason
        self.author = author
        self.at = at
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "v": 1, "type": "people", "id": .string(id.text), "org": .string(org),
            "reason": .string(reason), "author": .string(author.text),
            "at": .string(at.rfc3339()),
        ]
        switch deed {
        case .invite(let person, let roles):
            object["deed"] = "invite"
            object["person"] = .string(person.address)
            object["add"] = .roles(roles)
        case .role(let person, let add, let remove):
            object["deed"] = "role"
            object["person"] = .string(person.address)
            object["add"] = .roles(add)
            object["remove"] = .roles(remove)
        case .revoke(let person):
            object["deed"] = "revoke"
            object["person"] = .string(person.address)
        case .enrol(let invitation):
            object["deed"] = "enrol"
            object["invitation"] = .string(invitation.prefixed)
        case .confirm(let id, let digest):
            object["deed"] = "confirm"
            object["of"] = .string(id.text)
            object["digest"] = .string(digest.prefixed)
        case .issueToken(let service, let role, let end):
            object["deed"] = "issue_token"
            object["service"] = .string(service.text)
            object["role"] = .string(role.rawValue)
            object["until"] = .string(end.rfc3339())
        case .endToken(let service):
            object["deed"] = "end_token"
            object["service"] = .string(service.text)
        }
        return .object(object)
    }

    /// The bytes that are signed.
    package func canonical() throws(FormError) -> [UInt8] {
        do { return try json.canonical() } catch { throw .json(error) }
    }

    package init(parsing bytes: [UInt8]) throws(FormError) {
        let value = try StrictFields.canonicalValue(bytes, limit: PeopleOrder.largest)
        guard let deed = value["deed"]?.string, let own = Self.members[deed] else {
            throw .badMember(
                "deed",
                "`invite`, `enrol`, `role`, `revoke`, `confirm`, `issue_token` or `end_token`")
        }
        let fields = try StrictFields(
            value,
            required: ["v", "type", "deed", "id", "org", "reason", "author", "at"] + own)
        try fields.expectVersion1()
        try fields.expect("type", "people")
        try self.init(
            id: try fields.made("id", "an order's id") { OrderID($0) },
            org: try fields.string("org"), deed: try Self.deed(deed, fields),
            reason: try fields.string("reason", length: 1...PeopleOrder.largest),
            author: try fields.pseudonym("author"),
            at: try fields.time("at", fractionDigits: 6))
    }

    private static let members: [String: [String]] = [
        "invite": ["person", "add"], "role": ["person", "add", "remove"], "revoke": ["person"],
        "enrol": ["invitation"], "confirm": ["of", "digest"],
        "issue_token": ["service", "role", "until"], "end_token": ["service"],
    ]

    private static func deed(
        _ name: String, _ fields: StrictFields
    ) throws(FormError) -> Action {
        func person() throws(FormError) -> Person {
            try fields.made("person", "an e-mail address", Person.written)
        }
        func service() throws(FormError) -> ServiceAccountName {
            try fields.made("service", "a service's name", ServiceAccountName.init)
        }
        switch name {
        case "issue_token":
            return .issueToken(
                try service(),
                role: try fields.made("role", "a known role", Role.init(rawValue:)),
                until: try fields.time("until", fractionDigits: 6))
        case "end_token": return .endToken(try service())
        case "invite": return .invite(try person(), roles: try fields.roles("add"))
        case "role":
            return .role(
                try person(), add: try fields.roles("add"), remove: try fields.roles("remove"))
        case "revoke": return .revoke(try person())
        case "enrol":
            return .enrol(try fields.made("invitation", "a digest") { Digest(prefixed: $0) })
        default:
            return .confirm(
                try fields.made("of", "an order's id") { OrderID($0) },
                of: try fields.made("digest", "a digest") { Digest(prefixed: $0) })
        }
    }
}

extension JSONValue {
    /// In the order in which roles are listed everywhere.
    static func roles(_ roles: Set<Role>) -> JSONValue {
        .array(Role.allCases.filter(roles.contains).map { .string($0.rawValue) })
    }
}

extension StrictFields {
    /// In the one order that `JSONValue.roles` writes.
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

extension Person {
    /// Exactly as addresses are kept: one person has one spelling.
    static func written(_ text: String) -> Person? {
        Person(text).flatMap { sameBytes($0.address, text) ? $0 : nil }
    }
}
