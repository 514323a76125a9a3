import InterlockJSON
import InterlockModel

/// One entry of `tests` (specs of the policy, section 9).
struct TestSpec: Sendable {
    let name: String?
    let agent: Located<String>
    let call: Located<String>
    let arguments: JSONValue
    let at: Timestamp?
    /// nil: the agent's own.
    let stage: TrustStage?
    /// What was used already, by the names of reservations.
    let counters: [String: Int64]
    let isTainted: Bool
    let onBehalfOf: Located<Person>?
    let expect: Verdict
    /// The reason, or the rule that decided.
    let because: String?
    /// The exact set; nil: not looked at.
    let obligations: Set<String>?
    let place: PolicyLocation
    let path: String

    init?(_ value: TypedValue) {
        guard let agent = value["agent"]?.located(\.text),
            let call = value["call"]?.located(\.text),
            let expect = value["expect"]?.verdict
        else { return nil }
        self.agent = agent
        self.call = call
        self.expect = expect
        name = value["name"]?.text
        arguments = value["args"]?.json ?? [:]
        at = value["at"]?.instant
        stage = value["stage"]?.text.flatMap(TrustStage.init)
        var counters: [String: Int64] = [:]
        for member in value["counters"]?.members ?? [] {
            counters[member.key] = member.value.integer
        }
        self.counters = counters
        isTainted = value["tainted"]?.flag ?? false
        onBehalfOf = value["on_behalf_of"]?.located(\.person)
        because = value["because"]?.text
        obligations = value["obligations"].map { Set($0.items.compactMap(\.text)) }
        place = value.place
        path = value.path
    }
}
