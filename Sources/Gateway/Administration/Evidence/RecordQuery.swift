package import InterlockJSON
package import InterlockModel

/// A person's query of the log; a nil field does not restrict it.
package struct RecordQuery: Sendable, Hashable {
    package var agent: String?
    /// Restricts to agents that this person owns in the current policy.
    package var owner: Person?
    /// Restricts to calls on behalf of this person.
    package var subject: Subject?
    /// The tool, written `server.tool` or `server__tool`.
    package var tool: String?
    package var type: String?
    /// The verdict: `allow`, `approve` or `deny`.
    package var decision: String?
    package var rule: String?
    package var code: String?
    package var run: RunID?
    package var since: Timestamp?
    package var until: Timestamp?

    package enum Subject: Sendable, Hashable {
        case person(Person)
        case pseudonym(Pseudonym)

        package var text: String {
            switch self {
            case .person(let person): person.address
            case .pseudonym(let pseudonym): pseudonym.text
            }
        }
    }

    package init() {}

    /// True if only refusals can match.
    var isOfRefusals: Bool { type == "call.denied" || type == nil && decision == "deny" }

    /// The query as `export.made` stores it.
    package var json: JSONObject {
        var object = JSONObject()
        func add(_ name: String, _ text: String?) { object[name] = text.map(JSONValue.string) }
        add("agent", agent)
        add("owner", owner?.address)
        add("subject", subject?.text)
        add("tool", tool)
        add("type", type)
        add("decision", decision)
        add("rule", rule)
        add("code", code)
        add("run", run?.text)
        add("since", since?.rfc3339(fractionDigits: 6))
        add("until", until?.rfc3339(fractionDigits: 6))
        return object
    }
}
