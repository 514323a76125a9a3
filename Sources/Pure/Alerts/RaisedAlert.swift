package import InterlockJSON
package import InterlockModel

/// A recorded alert with its disposition.
package struct RaisedAlert: Sendable, Equatable {
    /// The id, shared with the notification about this alert.
    package let id: AlertID
    /// A stable code, for instance `kill.refused`.
    package let code: String
    /// The id or configured name that the alert is about; empty if there is no such name.
    package let subject: String
    package let at: Timestamp
    /// The severity, or nil for the default of its code.
    package var severity: AlertSeverity?
    /// If false, the alert is recorded but not delivered.
    package var isTold = true
    package var agent: AgentName?
    package var run: RunID?
    /// The leaf hash of the alert's own record, or nil if the log could not take the record at once.
    package var record: Digest?
    /// The monitored series and, below, the detectors that raised the alert.
    package var series: String?
    package var detectors: [String] = []
    /// The state of the learned series, or nil if no learned detector raised the alert.
    package var window: AlertWindow?
    /// The gateway's automatic response, for instance `throttle`.
    package var response: String?
    package var summary: NotificationText?
    /// The recorded disposition, or nil until a person records one.
    package var finding: AlertDisposition?
    /// True if people were notified that the alert has no disposition yet.
    package var isEscalated = false

    package init(id: AlertID, code: String, subject: String, at: Timestamp) {
        self.id = id
        self.code = code
        self.subject = subject
        self.at = at
    }

    /// The text that people read.
    package var text: NotificationText { summary ?? bare }

    /// The text of an alert that has no sentence of its own.
    private var bare: NotificationText { "alert \(code): \(subject)" }

    /// The text that earlier versions gave an alert without a sentence; their records have it.
    private var earlierBare: NotificationText { "alarm \(code): \(subject)" }

    /// The sentence of the alert, or nil if its text only repeats its code and its subject.
    package var sentence: NotificationText? {
        summary == bare || summary == earlierBare ? nil : summary
    }
}

/// A person's classification of an alert.
package enum Disposition: String, Sendable, CaseIterable {
    case attack, fault, expected, `false`

    /// True if the alert had a real cause.
    package var isReal: Bool { self != .false }
}

package struct AlertDisposition: Sendable, Equatable {
    package let disposition: Disposition
    package let at: Timestamp
    /// The pseudonym of the person who recorded it.
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
        object["record"] = record.map { .string($0.base64) }
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

    /// - Returns: nil if `json` has another form.
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
        record = json["record"]?.string.flatMap { Digest(base64: $0) }
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
