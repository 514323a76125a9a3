package import InterlockModel

/// An incident as a person opens it, without an alert.
package struct IncidentDraft: Sendable {
    /// The severity from 1, the worst, to 3.
    package let severity: Int
    package let agent: AgentName?
    /// A run of `agent`.
    package let run: RunID?
    /// 1 to `Incident.longestText` code points, not blank.
    package let reason: String

    package init(severity: Int, agent: AgentName?, run: RunID?, reason: String) {
        self.severity = severity
        self.agent = agent
        self.run = run
        self.reason = reason
    }
}

/// The reason for which an incident was not read or changed.
package enum IncidentRefusal: Error, Sendable, Hashable {
    /// The incident does not exist or is not visible to this person.
    case missing
    /// The person neither owns the agent or the policy nor has the role `security`.
    case notTheirs
    case noSuchAgent
    /// A run is stated without its agent, or with another one.
    case agentOfRun
    /// The severity is not one from 1 to 3.
    case severity
    /// The reason or action is blank or too long.
    case text
    /// The name of the eval case is not one that a suite can have.
    case evalCase
    case closed
    /// The incident has as many actions as it can have.
    case full
    case notRecorded(String)
    /// Incidents cannot be read, and nothing changed.
    case unavailable(String)
    /// The change is in the log and acts, and the store did not take it.
    case unstored(String)
}
