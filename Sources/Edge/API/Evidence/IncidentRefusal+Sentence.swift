import InterlockAlerts
package import InterlockIncidents

extension IncidentRefusal {
    package var sentence: String {
        switch self {
        case .missing: "incident not found, or no access"
        case .notTheirs:
            "the owner of the agent, an owner of the policy or the role security handles it"
        case .noSuchAgent: "the policy has no such agent"
        case .agentOfRun: "name the agent of the run"
        case .severity: "a severity is 1, 2 or 3"
        case .text: "a text is required, of at most \(Incident.longestText) characters"
        case .evalCase: "a case is named by 1 to 128 printable characters without spaces"
        case .closed: "the incident is closed, and stays so"
        case .full: "the incident has \(Incident.mostActions) actions, the most that it can have"
        case .notRecorded(let code): "the log takes no record now (\(code))"
        case .unavailable(let reason), .unstored(let reason): reason
        }
    }

    /// The HTTP status of a page that reports it.
    package var status: Int {
        switch self {
        case .missing, .noSuchAgent: 404
        case .notTheirs: 403
        case .agentOfRun, .severity, .text, .evalCase: 400
        case .closed, .full: 409
        case .notRecorded, .unavailable, .unstored: 503
        }
    }
}
