/// The enrolments, revocations and roles of people in a whole log.
struct PeopleOfLog {
    private struct Credential {
        let since: UInt64
        let isPasskey: Bool
        let id: Digest?
        var end: UInt64?
    }
    private struct Roles {
        let since: UInt64
        let breaksGlass: Bool
    }
    private var credentials: [Octets: [Credential]] = [:]
    private var roles: [Octets: [Roles]] = [:]
    /// The newest revocation of everything that a person had.
    private var lost: [Octets: UInt64] = [:]
    /// True if `interlock init` recorded the first enrolment; nil before it.
    private(set) var isFounded: Bool?

    mutating func add(_ record: Record, at index: UInt64) {
        let fields = record.fields
        guard let person = fields.text("by") else { return }
        switch record.type {
        case "approver.enrolled":
            if isFounded == nil { isFounded = fields.truth("founding") == true }
            credentials[person, default: []].append(
                Credential(
                    since: index, isPasskey: fields.text("kind") == Octets("passkey"),
                    id: fields.digest("cred")))
        case "approver.revoked":
            let id = fields.digest("cred")
            if id == nil { lost[person] = index }
            credentials[person] = credentials[person]?.map { one in
                var one = one
                if one.end == nil, id == nil || one.id == id { one.end = index }
                return one
            }
        case "people.role": break
        default: return
        }
        if let names = fields.elements("roles") {
            let breaks = names.contains { fields.bytes[$0].isText("\"break_glass\"") }
            roles[person, default: []].append(Roles(since: index, breaksGlass: breaks))
        }
    }

    enum Answer {
        case enrolled, revoked, unknown
    }

    /// - Parameters:
    ///   - index: the index of the vote.
    ///   - limit: the index up to which nothing may have revoked the credential.
    func answer(_ person: Octets, via: Octets?, at index: UInt64, limit: UInt64) -> Answer {
        for one in credentials[person] ?? [] where one.since < index && (one.end ?? .max) > limit {
            if via == Octets("console-webauthn"), !one.isPasskey { continue }
            if via == Octets("cli-key"), one.isPasskey { continue }
            return .enrolled
        }
        return lost[person].map { $0 < limit } ?? false ? .revoked : .unknown
    }

    /// Returns whether the person had a credential and the role at some time between two records.
    func breaksGlass(_ person: Octets, from start: UInt64, to end: UInt64) -> Bool {
        let own = credentials[person] ?? []
        guard own.contains(where: { $0.since < end && ($0.end ?? .max) > start }) else {
            return false
        }
        let known = (roles[person] ?? []).filter { $0.since < end }
        return known.last { $0.since <= start }?.breaksGlass ?? false
            || known.contains { $0.since > start && $0.breaksGlass }
    }
}
