import InterlockCredentials
import InterlockJSON
import InterlockModel

/// The deployment, the span of time, the agents and the people of a simulation.
struct QuarterPlan: Sendable {
    /// One agent of the organisation.
    struct Member: Sendable {
        let name: AgentName
        /// The people who approve each of its consequential calls, 1 or 2; 0 if it makes none.
        let need: Int
    }

    /// A person who decides about promotions.
    struct Decider: Sendable {
        let person: Person
        let pseudonym: String
        let key: Ed25519PrivateKey
    }

    /// The folder `state` of the deployment.
    let state: String
    /// The name of the log.
    let origin: String
    /// Size of a segment of the log in bytes.
    let segment: Int
    /// The begin of the first day.
    let begin: Timestamp
    let days: Int
    /// The records to add, at least.
    let records: UInt64
    let seed: UInt64
    /// The policy in force.
    let policy: Digest
    let agents: [Member]
    /// The pseudonyms of people who are enrolled in the log with a key, at least two.
    let people: [String]
    let org: String
    /// The owner of all agents, and others who sign with the owner.
    let deciders: [Decider]

    /// The largest plan, in bytes.
    static let largest = 1 << 20

    struct Malformed: Error {
        let member: String
    }

    init(_ json: JSONValue) throws {
        func text(_ name: String) throws -> String {
            guard let text = json[name]?.string else { throw Malformed(member: name) }
            return text
        }
        func count(_ name: String) throws -> Int64 {
            guard let count = json[name]?.integer, count > 0 else { throw Malformed(member: name) }
            return count
        }
        state = try text("state")
        origin = try text("origin")
        org = try text("org")
        segment = Int(try count("segment"))
        begin = Timestamp(microseconds: try count("begin"))
        days = Int(try count("days"))
        records = UInt64(try count("records"))
        seed = UInt64(try count("seed"))
        guard let policy = Digest(base64: try text("policy")) else {
            throw Malformed(member: "policy")
        }
        self.policy = policy
        agents = (json["agents"]?.array ?? []).compactMap { one -> Member? in
            guard let name = one["name"]?.string.flatMap({ AgentName($0) }),
                let need = one["need"]?.integer, (0...2).contains(need)
            else { return nil }
            return Member(name: name, need: Int(need))
        }
        people = (json["people"]?.array ?? []).compactMap(\.string)
        guard !agents.isEmpty, agents.count == json["agents"]?.array?.count else {
            throw Malformed(member: "agents")
        }
        deciders = (json["deciders"]?.array ?? []).compactMap { one -> Decider? in
            guard let person = one["person"]?.string.flatMap({ Person($0) }),
                let pseudonym = one["pseudonym"]?.string,
                let seed = one["seed"]?.string.flatMap({ Base64.decode($0) }),
                let key = Ed25519PrivateKey(seed: seed)
            else { return nil }
            return Decider(person: person, pseudonym: pseudonym, key: key)
        }
        guard deciders.count >= 2 else { throw Malformed(member: "deciders") }
        guard people.count >= 2 else { throw Malformed(member: "people") }
    }

    /// The middle part of `<domain>/<node>/<epoch>`.
    var node: String {
        let parts = origin.split(separator: "/")
        return parts.count == 3 ? String(parts[1]) : origin
    }
}
