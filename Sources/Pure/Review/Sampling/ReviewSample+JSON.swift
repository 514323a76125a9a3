package import InterlockJSON
package import InterlockModel
import InterlockTrust

// The document of a sample, whose digest is in `review.started` and in the sign-off.
extension ReviewSample {
    /// The largest document, in bytes.
    package static let largest = 64 << 20
    private static let mostAgents = 10_000
    private static let mostSenders = 100_000

    package var json: JSONValue {
        [
            "agents": .array(agents.map(\.json)), "checkpoint": checkpoint.json,
            "from": .string(period.start.rfc3339(fractionDigits: 0)),
            "random": .string(Base64.encode(random)), "scope": .string(scope.text),
            "senders": .array(senders.map { .string($0.wireName) }),
            "strata": .array(strata.map(\.json)),
            "to": .string(period.end.rfc3339(fractionDigits: 0)), "type": "review-sample",
            "v": 1,
        ]
    }

    /// The RFC 8785 bytes of the document.
    package func canonical() throws(FormError) -> [UInt8] {
        do { return try json.canonical() } catch { throw .json(error) }
    }

    /// The SHA-256 of `canonical`.
    package func digest(_ hashing: some Hashing) throws(FormError) -> Digest {
        hashing.sha256(try canonical())
    }

    /// Reads a document, and rejects everything except its RFC 8785 form.
    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.canonicalValue(bytes, limit: Self.largest),
            required: [
                "agents", "checkpoint", "from", "random", "scope", "senders", "strata", "to",
                "type", "v",
            ])
        try fields.expectVersion1()
        try fields.expect("type", "review-sample")
        guard
            let period = ReviewPeriod(
                from: try fields.time("from", fractionDigits: 0),
                to: try fields.time("to", fractionDigits: 0))
        else { throw fields.bad("to", "after `from`, by at most 400 days") }
        var agents: [SampledAgent] = []
        for value in try fields.array("agents", count: 0...Self.mostAgents) {
            agents.append(try SampledAgent(value))
        }
        var strata: [StratumSample] = []
        let most = Self.mostAgents * ReviewStratum.allCases.count
        for value in try fields.array("strata", count: 0...most) {
            strata.append(try StratumSample(value))
        }
        self.init(
            scope: try fields.made("scope", "`agent:NAME` or `org`") { ReviewScope($0) },
            period: period, checkpoint: try SampleCheckpoint(try fields.value("checkpoint")),
            random: try fields.made("random", "base64 of 32 bytes") { text -> [UInt8]? in
                guard let bytes = Base64.decode(text), bytes.count == SampleSeed.randomCount else {
                    return nil
                }
                return bytes
            },
            senders: try fields.list(
                "senders", count: 0...Self.mostSenders, "a tool as `server__tool`"
            ) { ToolAddress(itemWireName: $0) },
            agents: agents, strata: strata)
    }

    /// The differences from another sample, which was drawn again, in words; empty if they are the same.
    package func differences(from other: ReviewSample) -> [String] {
        var found: [String] = []
        if scope != other.scope { found.append("scope: \(scope.text), was \(other.scope.text)") }
        if period != other.period { found.append("the periods differ") }
        if checkpoint != other.checkpoint || random != other.random {
            found.append("the seeds differ")
        }
        if senders != other.senders { found.append("the tools that send data out differ") }
        if agents != other.agents { found.append("the agents differ") }
        for index in 0..<max(strata.count, other.strata.count) {
            guard index < strata.count, index < other.strata.count else {
                found.append("\(strata.count) strata, was \(other.strata.count)")
                break
            }
            let (new, old) = (strata[index], other.strata[index])
            guard new != old else { continue }
            let name = "\(new.agent) \(new.stratum.rawValue)"
            if new.population != old.population {
                found.append("\(name): \(new.population) records, was \(old.population)")
            } else {
                found.append("\(name): other records are selected")
            }
        }
        return found
    }
}

extension SampledAgent {
    fileprivate var json: JSONValue {
        [
            "name": .string(name.text), "stage": .integer(Int64(stage.rawValue)),
            "tier": .string(tier.rawValue),
        ]
    }

    fileprivate init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(value, at: "agents", required: ["name", "stage", "tier"])
        self.init(
            name: try fields.made("name", "the name of an agent") { AgentName($0) },
            tier: try fields.made("tier", "a tier") { Tier(rawValue: $0) },
            stage: try fields.stage("stage"))
    }
}

extension SampleCheckpoint {
    fileprivate var json: JSONValue {
        [
            "origin": .string(origin), "root": .string(root.base64),
            "size": .integer(Int64(clamping: size)),
        ]
    }

    fileprivate init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value, at: "checkpoint", required: ["origin", "root", "size"])
        self.init(
            origin: try fields.string("origin", length: 1...255),
            size: UInt64(try fields.integer("size", in: 0...Int64.max)),
            root: try fields.leaf("root"))
    }
}

extension StratumSample {
    fileprivate var json: JSONValue {
        [
            "agent": .string(agent.text), "population": .integer(Int64(population)),
            "records": .array(records.map(\.json)), "size": size.json,
            "spares": .array(spares.map(\.json)), "stratum": .string(stratum.rawValue),
        ]
    }

    fileprivate init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value, at: "strata",
            required: ["agent", "population", "records", "size", "spares", "stratum"])
        let size: SampleSize
        if try fields.value("size").string.map({ sameBytes($0, "all") }) ?? false {
            size = .all
        } else {
            let count = try fields.integer("size", in: 1...Int64(SampleSize.largest))
            size = .most(Int(count))
        }
        self.init(
            agent: try fields.made("agent", "the name of an agent") { AgentName($0) },
            stratum: try fields.made("stratum", "a stratum") { ReviewStratum(rawValue: $0) },
            population: Int(try fields.integer("population", in: 0...Int64.max)), size: size,
            records: try Self.records(fields, "records", most: size.limit),
            spares: try Self.records(fields, "spares", most: size.spares))
    }

    private static func records(
        _ fields: StrictFields, _ key: String, most: Int
    ) throws(FormError) -> [SampledRecord] {
        var records: [SampledRecord] = []
        for value in try fields.array(key, count: 0...most) {
            records.append(try SampledRecord(value))
        }
        return records
    }
}

extension SampleSize {
    fileprivate var json: JSONValue {
        switch self {
        case .all: "all"
        case .most(let count): .integer(Int64(count))
        }
    }
}

extension SampledRecord {
    fileprivate var json: JSONValue {
        [
            "index": .integer(Int64(clamping: index)), "leaf": .string(leaf.base64),
            "time": .integer(time.microseconds),
        ]
    }

    fileprivate init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value, at: "strata.records", required: ["index", "leaf", "time"])
        self.init(
            leaf: try fields.leaf("leaf"),
            index: UInt64(try fields.integer("index", in: 0...Int64.max)),
            time: Timestamp(microseconds: try fields.integer("time", in: 0...Int64.max)))
    }
}

extension StrictFields {
    /// Returns a digest in the form of leaves.
    func leaf(_ key: String) throws(FormError) -> Digest {
        try made(key, "base64 of 32 bytes") { Digest(base64: $0) }
    }
}
