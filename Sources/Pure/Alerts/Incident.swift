package import InterlockModel

package enum IncidentTag {}
package typealias IncidentID = Identifier<IncidentTag>

/// A problem that people are handling. People open it, with an alert or without one, or the gateway does; people close it,
/// once. A closed incident stays closed: what it demoted rises again by a promotion alone.
package struct Incident: Sendable, Equatable {
    package let id: IncidentID
    /// The severity from 1, the worst, to 3.
    package let severity: Int
    /// The alert from which it was opened; nil without one.
    package let alarm: AlertID?
    /// The agent that it is about; nil if it is about none, and in rows of earlier versions.
    package let agent: AgentName?
    /// The run that it is about; nil if it is about none.
    package let run: RunID?
    package let origin: IncidentOrigin
    package let opened: Timestamp
    /// The actions of people about it, in the order of time; at most `mostActions`.
    package private(set) var actions: [IncidentAction] = []
    /// Is nil while it is open.
    package private(set) var end: IncidentEnd?

    package static let severities = 1...3
    package static let mostActions = 100
    /// The maximum length of a reason or an action, in code points.
    package static let longestText = 500

    package init?(
        id: IncidentID, severity: Int, alarm: AlertID? = nil, agent: AgentName? = nil,
        run: RunID? = nil, origin: IncidentOrigin, opened: Timestamp
    ) {
        guard Self.severities.contains(severity) else { return nil }
        self.id = id
        self.severity = severity
        self.alarm = alarm
        self.agent = agent
        self.run = run
        self.origin = origin
        self.opened = opened
    }

    package var isOpen: Bool { end == nil }
    package var closed: Timestamp? { end?.at }

    /// The eval cases that were made from it, in the order of its actions, each once.
    package var cases: [String] {
        var found: [String] = []
        for name in actions.compactMap(\.evalCase) where !found.contains(name) {
            found.append(name)
        }
        return found
    }

    /// - Returns: false, and nothing is added, if it is closed or has `mostActions` actions.
    package mutating func add(_ action: IncidentAction) -> Bool {
        guard isOpen, actions.count < Self.mostActions else { return false }
        actions.append(action)
        return true
    }

    /// - Returns: false, and nothing changes, if it is closed.
    package mutating func close(_ end: IncidentEnd) -> Bool {
        guard isOpen else { return false }
        self.end = end
        return true
    }
}

/// The person or trigger that opened an incident.
package enum IncidentOrigin: Sendable, Hashable {
    case person(Pseudonym, reason: String)
    case gateway(IncidentTrigger)
    /// A person, in a row of an earlier version, which does not say who.
    case earlier
}

/// An event by which the gateway opens an incident of severity 1 about an agent by itself
/// (docs/specs/trust-and-review.md, section 6). The raw value is the code of its record.
package enum IncidentTrigger: String, Sendable, Hashable, CaseIterable {
    case canary
    case brokeredValue = "brokered-value"

    /// The trigger in words, for people.
    package var text: String {
        switch self {
        case .canary: "a canary was in what the agent was about to send"
        case .brokeredValue: "a brokered secret was in what the agent was about to send"
        }
    }
}

/// An action of a person about an incident.
package struct IncidentAction: Sendable, Hashable {
    package let at: Timestamp
    package let by: Pseudonym
    package let text: String
    /// The eval case that was made from the incident; nil if the action is another one.
    package let evalCase: String?

    package init(at: Timestamp, by: Pseudonym, text: String, evalCase: String? = nil) {
        self.at = at
        self.by = by
        self.text = text
        self.evalCase = evalCase
    }
}

/// The cause that a person found when an incident was over.
package enum IncidentCause: String, Sendable, Hashable, CaseIterable {
    case attack, fault, policy, agent, other
}

/// The end of an incident.
package struct IncidentEnd: Sendable, Hashable {
    package let at: Timestamp
    /// Is nil in rows of earlier versions.
    package let cause: IncidentCause?
    /// Is nil in rows of earlier versions.
    package let by: Pseudonym?
    package let reason: String

    package init(at: Timestamp, cause: IncidentCause?, by: Pseudonym?, reason: String) {
        self.at = at
        self.cause = cause
        self.by = by
        self.reason = reason
    }
}
