package import InterlockJSON
package import InterlockModel

/// One entry of `tests` (docs/specs/policy.md, section 9).
package struct TestSpec: PolicyPart {
    package let name: String?
    package let agent: Located<String>
    package let call: Located<String>
    package private(set) var arguments: JSONValue
    package let at: Timestamp?
    /// The stage, or nil for the agent's own.
    package let stage: TrustStage?
    /// The amounts that are already used, by the names of reservations.
    package let counters: [String: Int64]
    package let isTainted: Bool
    /// The task of the run, or nil for none.
    package let purpose: Located<String>?
    package let onBehalfOf: Located<Person>?
    package let expect: Verdict
    /// The reason, or the rule that must have decided.
    package let because: String?
    /// The exact set of obligations, or nil if it is not checked.
    package let obligations: Set<String>?
    package let place: PolicyLocation
    package let path: String

    /// - Returns: nil if the value is not of the form of `PolicySchema.test`.
    package init?(_ value: TypedValue) {
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
        purpose = value["purpose"]?.located(\.text)
        onBehalfOf = value["on_behalf_of"]?.located(\.person)
        because = value["because"]?.text
        obligations = value["obligations"].map { Set($0.items.compactMap(\.text)) }
        place = value.place
        path = value.path
    }

    /// The same test with other arguments.
    package func with(_ arguments: JSONValue) -> TestSpec {
        var copy = self
        copy.arguments = arguments
        return copy
    }
}
