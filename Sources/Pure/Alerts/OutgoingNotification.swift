package import InterlockJSON
package import InterlockModel

package enum AlertTag {}
package typealias AlertID = Identifier<AlertTag>

/// How soon somebody has to look. `page` goes to every channel that is marked for it.
package enum AlertSeverity: String, Sendable, CaseIterable, Comparable {
    case info, low, high, page

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    package static func < (a: AlertSeverity, b: AlertSeverity) -> Bool { a.rank < b.rank }
}

/// One thing that people are told (specs of limits and monitoring, section 11). Its words come from
/// templates; whatever an agent or a server chose goes through `NotificationText`.
package struct OutgoingNotification: Sendable, Equatable {
    package let id: AlertID
    /// Alerts with one key are told in order, and at most once in ten minutes.
    package let dedupe: String
    package let severity: AlertSeverity
    /// Stable, for instance `approval.requested`.
    package let kind: String
    package let at: Timestamp
    package let summary: NotificationText
    /// Its further members of the form: `org`, `agent`, `owner`, `run`, `response`, `records`, `url`.
    package private(set) var facts: JSONObject

    package static let longestKey = 200
    package static let longestKind = 64
    /// The fact that names the one person whom it is for, by address; it goes to channels that write to people.
    package static let recipientFact = "to"
    /// Of a summary: the requests that it stands for, by id.
    package static let requestsFact = "requests"

    /// - Returns: nil when a key or a kind is empty, too long, or more than one line of printable ASCII.
    package init?(
        id: AlertID, dedupe: String, severity: AlertSeverity, kind: String, at: Timestamp,
        summary: NotificationText, facts: JSONObject = [:]
    ) {
        guard Self.isName(dedupe, most: Self.longestKey), Self.isName(kind, most: Self.longestKind),
            facts.members.allSatisfy({ !Self.own.contains($0.key) })
        else { return nil }
        self.id = id
        self.dedupe = dedupe
        self.severity = severity
        self.kind = kind
        self.at = at
        self.summary = summary
        self.facts = facts
    }

    private static let own: Set<String> = [
        "v", "id", "dedupe", "severity", "kind", "at", "summary",
    ]

    private static func isName(_ text: String, most: Int) -> Bool {
        !text.isEmpty && text.utf8.count <= most
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    }
}

extension OutgoingNotification {
    /// The same with one more fact, or another value of it.
    package func with(_ name: String, _ value: JSONValue) -> OutgoingNotification {
        precondition(!Self.own.contains(name), "`\(name)` is no fact")
        var alert = self
        alert.facts[name] = value
        return alert
    }

    /// Whom it is for; nil where everybody whom the channel reaches.
    package var recipient: MailAddress? {
        facts[Self.recipientFact]?.string.flatMap(MailAddress.init)
    }
}

extension OutgoingNotification {
    /// The form that webhooks and programs get, and that the outbox keeps.
    package var json: JSONValue {
        var object = facts
        object["v"] = 1
        object["id"] = .string(id.text)
        object["dedupe"] = .string(dedupe)
        object["severity"] = .string(severity.rawValue)
        object["kind"] = .string(kind)
        object["at"] = .string(at.rfc3339(fractionDigits: 3))
        object["summary"] = .string(summary.text)
        return .object(object)
    }

    /// - Returns: nil for any other form.
    package init?(_ json: JSONValue) {
        guard var facts = json.object, facts["v"] == 1,
            let id = facts["id"]?.string.flatMap({ AlertID($0) }),
            let dedupe = facts["dedupe"]?.string,
            let severity = facts["severity"]?.string.flatMap(AlertSeverity.init),
            let kind = facts["kind"]?.string,
            let at = facts["at"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            let summary = facts["summary"]?.string
        else { return nil }
        for name in Self.own { facts[name] = nil }
        self.init(
            id: id, dedupe: dedupe, severity: severity, kind: kind, at: at,
            summary: NotificationText(shown: summary), facts: facts)
    }
}
