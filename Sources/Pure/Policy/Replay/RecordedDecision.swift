package import InterlockJSON
package import InterlockModel
import InterlockSafety

/// A decision as recorded in the payload `in` (`DecisionInput`), ready to be repeated.
package struct RecordedDecision: Sendable {
    package let agent: AgentName
    package let address: ToolAddress
    /// The argument to complete, see `DecisionRequest`.
    package let completes: String?
    package let purpose: String?
    package let policy: Digest
    package let basis: PolicyBasis
    package let now: Timestamp
    /// The decision as recorded, with which a repeated one is compared.
    package let decision: JSONObject
    private let facts: DecisionFacts
    private let elevations: [StoreElevation]

    /// The maximum size of a whole `in`; elevations are by far its largest part.
    package static let largestBytes = 4 << 20
    private static let mostElevations = 10_000
    private static let mostCounters = 100_000

    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.canonicalValue(bytes, limit: Self.largestBytes),
            required: ["agent", "call", "compiled", "decision", "facts", "now", "purpose"],
            optional: ["completes"])
        agent = try fields.made("agent", "the name of an agent") { AgentName($0) }
        address = try fields.made("call", "`server.tool`") { ToolAddress(dotted: $0) }
        completes = try fields.has("completes") ? fields.string("completes", length: 0...256) : nil
        purpose = try fields.isNull("purpose") ? nil : fields.string("purpose", length: 0...4096)
        now = try fields.time("now", fractionDigits: 3)
        let compiled = try StrictFields(
            try fields.value("compiled"), at: "compiled", required: ["at", "bundle", "tzdata"])
        basis = PolicyBasis(
            bundle: try compiled.isNull("bundle")
                ? nil : compiled.made("bundle", "a digest") { Digest(prefixed: $0) },
            compiled: try compiled.time("at", fractionDigits: 6),
            zones: try compiled.string("tzdata"))
        guard let decision = try fields.value("decision").object,
            let policy = decision["policy"]?.string.flatMap({ Digest(prefixed: $0) })
        else { throw fields.bad("decision", "a decision under a policy") }
        self.decision = decision
        self.policy = policy
        (facts, elevations) = try Self.facts(try fields.value("facts"))
    }

    /// Decides again, as a function of only the record, the arguments and the policy.
    ///
    /// - Parameter arguments: the arguments as recorded, without those that obligations withheld.
    package func decide(_ arguments: JSONValue, under policy: PolicySnapshot) -> Decision {
        var facts = facts
        if !elevations.isEmpty { facts.elevations = policy.compile(elevations) }
        return policy.decide(request(arguments), facts: facts, now: now)
    }

    package func request(_ arguments: JSONValue) -> DecisionRequest {
        DecisionRequest(agent: agent, address: address, arguments: arguments, completes: completes)
    }

    private static func facts(
        _ value: JSONValue
    ) throws(FormError) -> (DecisionFacts, [StoreElevation]) {
        let fields = try StrictFields(
            value, at: "facts",
            required: [
                "counters", "elevations", "halted", "on_behalf_of", "purpose_declared",
                "quarantined", "sandboxed", "stage", "tainted",
            ],
            optional: [
                "alarm", "arguments", "breaker", "classes", "eval", "label", "quota",
                "review", "side_channel", "task", "unmarked",
            ])
        var facts = DecisionFacts(
            halted: try fields.isNull("halted")
                ? nil : fields.made("halted", "an order's id") { OrderID($0) },
            quarantined: try fields.bool("quarantined"),
            effectiveStage: try fields.made("stage", "a stage", TrustStage.init),
            onBehalfOf: try fields.isNull("on_behalf_of")
                ? nil : fields.made("on_behalf_of", "a person") { Person($0) },
            purposeDeclared: try fields.bool("purpose_declared"),
            tainted: try fields.bool("tainted"), sandboxed: try fields.bool("sandboxed"))
        // If it is absent, the run is hostile, or an earlier version wrote the record.
        if fields.has("unmarked") { facts.unmarked = try fields.bool("unmarked") }
        if fields.has("breaker") {
            facts.breaker = try fields.made("breaker", "`throttled` or `paused`") {
                DecisionFacts.Breaker(rawValue: $0)
            }
        }
        if fields.has("alarm") {
            facts.alarm = try fields.made("alarm", "`first_recipient`") {
                DecisionFacts.ApprovalSignal(rawValue: $0)
            }
        }
        if fields.has("arguments") {
            facts.arguments = try fields.made(
                "arguments", "`brokered`, `canary`, `secret`, `undecodable` or `unsearched`"
            ) { DecisionFacts.ArgumentFinding(rawValue: $0) }
        }
        if fields.has("classes") { facts.classes = try classes(fields) }
        // If it is absent, the gate passed the call, or an earlier version without the gate wrote the record.
        if fields.has("eval") {
            facts.eval = try fields.made("eval", "a verdict of the change gate") {
                EvalFact(rawValue: $0)
            }
        }
        if fields.has("label") {
            facts.label = try fields.made("label", "the label of a value") {
                ValueLabel(rawValue: $0)
            }
        }
        // If it is absent, the policy's date decided.
        if fields.has("review") {
            facts.review = try fields.made("review", "`lifted` or `overdue`") {
                DecisionFacts.ReviewState(rawValue: $0)
            }
        }
        if fields.has("task") {
            facts.task = try fields.made("task", "the name of a task") { RunTaskName($0) }
        }
        if fields.has("side_channel") {
            facts.sideChannel = try fields.made(
                "side_channel", "`long_query` or `sensitive_text`"
            ) { DecisionFacts.SideChannel(rawValue: $0) }
        }
        if fields.has("quota") { facts.quotaPercent = try fields.integer("quota", in: 1...100) }
        if try !fields.isNull("counters") { facts.counters = try counters(fields) }
        let elevations = try fields.array("elevations", count: 0...mostElevations)
            .map { element throws(FormError) in try StoreElevation(json: element) }
        return (facts, elevations)
    }

    private static func classes(_ fields: StrictFields) throws(FormError) -> SecretClassSet {
        let values = try fields.array("classes", count: 1...SecretClass.allCases.count)
        let names = values.compactMap(\.string)
        guard names.count == values.count, let classes = SecretClassSet(names: names),
            classes.isSubset(of: .decided)
        else {
            throw fields.bad("classes", "classes of values in their order")
        }
        return classes
    }

    private static func counters(_ fields: StrictFields) throws(FormError) -> [String: Int64] {
        guard let object = try fields.value("counters").object, object.count <= mostCounters else {
            throw fields.bad("counters", "an object")
        }
        var counters: [String: Int64] = [:]
        for (name, value) in object.members {
            guard let count = value.integer, count >= 0 else {
                throw fields.bad("counters", "an object of counts")
            }
            counters[name] = count
        }
        return counters
    }
}

extension StrictFields {
    func isNull(_ key: String) throws(FormError) -> Bool {
        if case .null = try value(key) { true } else { false }
    }
}

extension StoreElevation {
    /// Parses the form that `json` writes.
    init(json value: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            value, at: "elevation", required: ["agent", "from", "grant", "id", "proposer", "until"])
        self.init(
            id: try fields.string("id"),
            agent: try fields.made("agent", "the name of an agent") { AgentName($0) },
            grants: try fields.value("grant"),
            from: try fields.time("from", fractionDigits: 6),
            until: try fields.time("until", fractionDigits: 6),
            proposer: try fields.isNull("proposer")
                ? nil : fields.made("proposer", "a person") { Person($0) })
    }
}
