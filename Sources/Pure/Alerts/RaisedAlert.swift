package import InterlockJSON
package import InterlockModel

/// An alarm as it is kept for people to look at: what it was, and what somebody found it to be.
package struct RaisedAlert: Sendable, Equatable {
    /// The alert that tells of it has the same.
    package let id: AlertID
    /// Stable, for instance `kill.refused`.
    package let code: String
    /// An id or a name from configuration; empty where it is about nothing that has one.
    package let subject: String
    package let at: Timestamp
    /// nil: as its code has it.
    package var severity: AlertSeverity?
    /// False: it is on record, and nobody is told.
    package var isTold = true
    package var agent: AgentName?
    package var run: RunID?
    /// What was watched, and what noticed it.
    package var series: String?
    package var detectors: [String] = []
    /// What a learned series was like; nil where nothing learned raised it.
    package var window: AlertWindow?
    /// What the gateway does about it by itself, for instance `throttle`.
    package var response: String?
    package var summary: NotificationText?
    /// nil while nobody has said what it was.
    package var finding: AlertDisposition?
    /// Whether somebody was told that nobody has looked.
    package var isEscalated = false

    package init(id: AlertID, code: String, subject: String, at: Timestamp) {
        self.id = id
        self.code = code
        self.subject = subject
        self.at = at
    }

    /// What people read of it.
    package var text: NotificationText { summary ?? "alarm \(code): \(subject)" }
}

/// What a person found an alarm to be.
package enum Disposition: String, Sendable, CaseIterable {
    case attack, fault, expected, `false`

    /// Whether there was something to see.
    package var isReal: Bool { self != .false }
}

package struct AlertDisposition: Sendable, Equatable {
    package let disposition: Disposition
    package let at: Timestamp
    /// The person's pseudonym.
    package let by: Pseudonym
    package let reason: String

    package static let longestReason = 500

    package init(_ disposition: Disposition, at: Timestamp, by: Pseudonym, reason: String) {
        self.disposition = disposition
        self.at = at
        self.by = by
        self.reason = reason
    }
}

extension RaisedAlert {
    package var json: JSONValue {
        var object: JSONObject = [
            "id": .string(id.text), "code": .string(code), "subject": .string(subject),
            "at": .string(at.rfc3339(fractionDigits: 6)), "told": .bool(isTold),
            "summary": .string(text.text),
        ]
        object["severity"] = severity.map { .string($0.rawValue) }
        object["agent"] = agent.map { .string($0.text) }
        object["run"] = run.map { .string($0.text) }
        object["series"] = series.map(JSONValue.string)
        if !detectors.isEmpty { object["detectors"] = .array(detectors.map(JSONValue.string)) }
        object["window"] = window?.json
        object["response"] = response.map(JSONValue.string)
        if isEscalated { object["escalated"] = true }
        if let finding {
            object["finding"] = [
                "as": .string(finding.disposition.rawValue),
                "at": .string(finding.at.rfc3339(fractionDigits: 6)),
                "by": .string(finding.by.text), "reason": .string(finding.reason),
            ]
        }
        return .object(object)
    }

    /// - Returns: nil for any other form.
    package init?(_ json: JSONValue) {
        guard let id = json["id"]?.string.flatMap({ AlertID($0) }),
            let code = json["code"]?.string, let subject = json["subject"]?.string,
            let at = json["at"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
            let isTold = json["told"]?.bool, let summary = json["summary"]?.string
        else { return nil }
        self.init(id: id, code: code, subject: subject, at: at)
        self.isTold = isTold
        self.summary = NotificationText(shown: summary)
        severity = json["severity"]?.string.flatMap(AlertSeverity.init)
        agent = json["agent"]?.string.flatMap { AgentName($0) }
        run = json["run"]?.string.flatMap { RunID($0) }
        series = json["series"]?.string
        detectors = (json["detectors"]?.array ?? []).compactMap(\.string)
        window = json["window"].flatMap(AlertWindow.init)
        response = json["response"]?.string
        isEscalated = json["escalated"]?.bool ?? false
        if let found = json["finding"] {
            guard let disposition = found["as"]?.string.flatMap(Disposition.init),
                let at = found["at"]?.string.flatMap({ Timestamp(rfc3339: $0) }),
                let by = found["by"]?.string.map(Pseudonym.init(text:)),
                let reason = found["reason"]?.string
            else { return nil }
            finding = AlertDisposition(disposition, at: at, by: by, reason: reason)
        }
    }
}
