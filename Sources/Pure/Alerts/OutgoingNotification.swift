package import InterlockJSON
package import InterlockModel

package enum AlertTag {}
package typealias AlertID = Identifier<AlertTag>

/// The urgency of an alert. `page` goes to every channel that is marked for it.
package enum AlertSeverity: String, Sendable, CaseIterable, Comparable {
    case info, low, high, page

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    package static func < (a: AlertSeverity, b: AlertSeverity) -> Bool { a.rank < b.rank }
}

/// A notification to people (docs/specs/limits-and-monitoring.md, section 11). Its words come from templates; text that
/// an agent or a server chose passes through `NotificationText`.
package struct OutgoingNotification: Sendable, Equatable {
    package let id: AlertID
    /// The key of deduplication: notifications with one key are sent in order, and at most once in ten minutes.
    package let dedupe: String
    package let severity: AlertSeverity
    /// A stable code, for instance `approval.requested`.
    package let kind: String
    /// The time in whole milliseconds, as its JSON form holds it.
    package let at: Timestamp
    package let summary: NotificationText
    /// The further members of its JSON form: `org`, `agent`, `owner`, `run`, `response`, `records`, `url`.
    package private(set) var facts: JSONObject

    package static let longestKey = 200
    package static let longestKind = 64
    /// The fact that names the only recipient by address; it goes to channels that address single people.
    package static let recipientFact = "to"
    /// The fact of a summary that lists the ids of the requests it covers.
    package static let requestsFact = "requests"

    /// - Returns: nil if the key or the kind is empty, too long, or contains anything but printable ASCII without
    ///   spaces.
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
        self.at = at.wholeMillisecond
        self.summary = summary
        self.facts = facts
    }

    private static let own: Set<String> = [
        "v", "id", "dedupe", "severity", "kind", "at", "summary",
    ]

    private static func isName(_ text: String, most: Int) -> Bool {
        !text.isEmpty && text.utf8.count <= most && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    }
}

extension OutgoingNotification {
    /// Returns a copy with one fact added or replaced.
    package func with(_ name: String, _ value: JSONValue) -> OutgoingNotification {
        precondition(!Self.own.contains(name), "`\(name)` is no fact")
        var alert = self
        alert.facts[name] = value
        return alert
    }

    /// The only recipient, or nil if it is for everyone whom the channel reaches.
    package var recipient: MailAddress? {
        facts[Self.recipientFact]?.string.flatMap(MailAddress.init)
    }
}

extension OutgoingNotification {
    /// The JSON form that webhooks and programs receive and that the outbox stores.
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

    /// - Returns: nil if `json` has another form.
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
