package import InterlockJSON
package import InterlockModel

/// A call of the audit log with the decision about it, as far as a case can state them (docs/specs/evals.md, section 7).
package struct CapturedCall: Sendable {
    package let agent: AgentName
    package let call: ToolAddress
    /// Is nil if the arguments were erased.
    package let arguments: JSONValue?
    /// The time of the decision.
    package let at: Timestamp
    package let verdict: Verdict
    /// The rule that decided, as the record names it; empty if it names none.
    package let rule: String
    package let facts: CapturedFacts

    package init(
        agent: AgentName, call: ToolAddress, arguments: JSONValue?, at: Timestamp,
        verdict: Verdict, rule: String, facts: CapturedFacts
    ) {
        self.agent = agent
        self.call = call
        self.arguments = arguments
        self.at = at
        self.verdict = verdict
        self.rule = rule
        self.facts = facts
    }
}

/// The facts of a recorded decision by which a case can repeat it.
package struct CapturedFacts: Sendable {
    package let stage: TrustStage?
    /// The level of the run.
    package let level: TaintLevel
    /// The worst label of the values; nil if the record has none.
    package let label: ValueLabel?
    package let task: String?
    package let onBehalfOf: Person?
    /// The amounts that were already used, by the names of reservations.
    package let counters: JSONObject
    /// The names of the other facts that held, which no key of a case states.
    package let unstated: [String]

    /// The facts of a record whose decision has no input, or an erased one.
    package static let unknown = CapturedFacts(
        stage: nil, level: .clean, label: nil, task: nil, onBehalfOf: nil, counters: [:],
        unstated: [])

    private init(
        stage: TrustStage?, level: TaintLevel, label: ValueLabel?, task: String?,
        onBehalfOf: Person?,
        counters: JSONObject, unstated: [String]
    ) {
        self.stage = stage
        self.level = level
        self.label = label
        self.task = task
        self.onBehalfOf = onBehalfOf
        self.counters = counters
        self.unstated = unstated
    }

    /// The keys of a case that stand for facts.
    private static let stated: Set<ExactText> = [
        ExactText("stage"), ExactText("tainted"), ExactText("unmarked"), ExactText("label"),
        ExactText("task"), ExactText("on_behalf_of"),
        ExactText("counters"),
    ]
    /// The facts that a case takes as met, or derives from the policy.
    private static let met: Set<ExactText> = [ExactText("purpose_declared"), ExactText("quota")]

    /// - Parameter facts: the member `facts` of the payload `in`, which `RecordedDecision` accepted.
    package init(recorded facts: JSONObject) {
        stage = facts["stage"]?.string.flatMap { TrustStage(rawValue: $0) }
        let isTainted = facts["tainted"]?.bool ?? false
        let isUnmarked = facts["unmarked"]?.bool ?? false
        level = !isTainted ? .clean : isUnmarked ? .untrusted : .hostile
        label = facts["label"]?.string.flatMap { ValueLabel(rawValue: $0) }
        task = facts["task"]?.string
        onBehalfOf = facts["on_behalf_of"]?.string.flatMap { Person($0) }
        counters = facts["counters"]?.object ?? [:]
        var unstated = facts.members.filter { member in
            let name = ExactText(member.key)
            return !Self.stated.contains(name) && !Self.met.contains(name)
                && Self.holds(member.value)
        }.map(\.key)
        if facts["purpose_declared"]?.bool == false { unstated.append("purpose_declared") }
        self.unstated = unstated
    }

    private static func holds(_ value: JSONValue) -> Bool {
        switch value {
        case .null, .bool(false): false
        case .array(let items): !items.isEmpty
        case .object(let object): !object.isEmpty
        case .bool, .integer, .number, .string: true
        }
    }
}
