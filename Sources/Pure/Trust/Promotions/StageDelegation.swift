package import InterlockJSON
package import InterlockModel

/// The ceiling that the owner of an agent sets on its stage. DSSE with the payload type
/// `application/vnd.interlock.stage-delegation+json`.
package struct StageDelegation: Sendable, Hashable {
    package let org: String
    package let agent: AgentName
    package let most: AutonomyStage
    package let owner: Person
    package let date: Timestamp

    private static let largest = 4096

    package init(
        org: String, agent: AgentName, most: AutonomyStage, owner: Person, date: Timestamp
    ) {
        self.org = org
        self.agent = agent
        self.most = most
        self.owner = owner
        self.date = date.wholeSecond
    }

    package init(_ envelope: Envelope) throws(FormError) {
        guard envelope.payloadType == .stageDelegation else {
            throw .badMember("payloadType", "`\(PayloadType.stageDelegation.text)`")
        }
        let fields = try StrictFields(
            try StrictFields.canonicalValue(envelope.payload, limit: Self.largest),
            required: ["agent", "date", "max", "org", "owner", "type", "v"])
        try fields.expectVersion1()
        try fields.expect("type", "delegation")
        self.init(
            org: try fields.string("org"),
            agent: try fields.made("agent", "the name of an agent", AgentName.init),
            most: try fields.stage("max"),
            owner: try fields.made("owner", "an e-mail address", Person.written),
            date: try fields.time("date", fractionDigits: 0))
    }

    package var json: JSONValue {
        [
            "agent": .string(agent.text), "date": .string(date.rfc3339(fractionDigits: 0)),
            "max": .integer(Int64(most.rawValue)), "org": .string(org),
            "owner": .string(owner.address), "type": "delegation", "v": 1,
        ]
    }

    /// The RFC 8785 bytes that are signed.
    package func canonical() throws(FormError) -> [UInt8] {
        do { return try json.canonical() } catch { throw .json(error) }
    }
}
