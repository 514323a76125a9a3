package import InterlockJSON
package import InterlockModel

package enum IncidentTag {}
package typealias IncidentID = Identifier<IncidentTag>

/// A problem that people are handling. People open and close it, from an alert.
package struct Incident: Sendable, Equatable {
    package let id: IncidentID
    /// The severity from 1, the worst, to 3.
    package let severity: Int
    package let alarm: AlertID
    package let opened: Timestamp
    package var closed: Timestamp?

    package static let severities = 1...3

    package init?(id: IncidentID, severity: Int, alarm: AlertID, opened: Timestamp) {
        guard Self.severities.contains(severity) else { return nil }
        self.id = id
        self.severity = severity
        self.alarm = alarm
        self.opened = opened
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "id": .string(id.text), "severity": .integer(Int64(severity)),
            "alarm": .string(alarm.text), "opened": .string(opened.rfc3339(fractionDigits: 6)),
        ]
        object["closed"] = closed.map { .string($0.rfc3339(fractionDigits: 6)) }
        return .object(object)
    }

    /// - Returns: nil if `json` has another form.
    package init?(_ json: JSONValue) {
        guard let id = json["id"]?.string.flatMap({ IncidentID($0) }),
            let severity = json["severity"]?.integer,
            let alarm = json["alarm"]?.string.flatMap({ AlertID($0) }),
            let opened = json["opened"]?.string.flatMap({ Timestamp(rfc3339: $0) })
        else { return nil }
        self.init(id: id, severity: Int(clamping: severity), alarm: alarm, opened: opened)
        guard let text = json["closed"]?.string else { return }
        guard let closed = Timestamp(rfc3339: text) else { return nil }
        self.closed = closed
    }
}
