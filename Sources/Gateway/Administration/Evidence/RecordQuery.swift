package import InterlockJSON
package import InterlockModel

/// What a person asks the log for; what is nil says nothing.
package struct RecordQuery: Sendable, Hashable {
    package var agent: String?
    /// Of agents that this person owns in today's policy.
    package var owner: Person?
    /// On behalf of this person.
    package var subject: Subject?
    /// `server.tool` or `server__tool`.
    package var tool: String?
    package var type: String?
    /// `allow`, `approve` or `deny`.
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

    /// Whether nothing but refusals can match.
    var isOfRefusals: Bool { type == "call.denied" || type == nil && decision == "deny" }

    /// As `export.made` keeps it.
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
