package import InterlockAlerts
package import InterlockModel
package import InterlockPorts

/// The live state of a deployment by which its rules, agents, payloads and incidents are governed.
package struct GovernanceFacts: Sendable {
    /// The people who signed the policy in force.
    package enum PolicySigner: Sendable, Hashable {
        /// No revision was ever signed off.
        case founding
        /// Its author alone.
        case author
        /// Signed by a person other than its author.
        case people
    }

    package let signOff: PolicySigner
    /// The agents above stage observe that work without a result of evals that counts, by name.
    package let ungated: [AgentName]
    /// The days that have keys of payloads, oldest first.
    package let keyDays: Result<[CivilDate], StoreFailure>
    package let keys: PayloadKeyStatus
    /// The days that payloads are kept.
    package let payloadDays: Int64
    /// The incidents that are open.
    package let incidents: Result<[Incident], StoreFailure>
    /// The alerts of the last `alertPeriod`, newest first.
    package let alerts: Result<[RaisedAlert], StoreFailure>

    /// The age up to which the inbox lists alerts: an unanswered one does not end by waiting.
    package static let alertPeriod = AlertFilter.longestAge
    package static let mostAlerts = AlertFilter.mostRead

    package init(
        signOff: PolicySigner, ungated: [AgentName], keyDays: Result<[CivilDate], StoreFailure>,
        keys: PayloadKeyStatus, payloadDays: Int64, incidents: Result<[Incident], StoreFailure>,
        alerts: Result<[RaisedAlert], StoreFailure>
    ) {
        self.signOff = signOff
        self.ungated = ungated
        self.keyDays = keyDays
        self.keys = keys
        self.payloadDays = payloadDays
        self.incidents = incidents
        self.alerts = alerts
    }
}

extension Incident {
    /// The longest time in which nothing is done about an open incident, by its severity.
    package static func patience(_ severity: Int) -> Duration {
        switch severity {
        case 1: .seconds(86_400)
        case 2: .seconds(3 * 86_400)
        default: .seconds(14 * 86_400)
        }
    }

    /// The time of the last action, or of its opening.
    package var touched: Timestamp { actions.last?.at ?? opened }
}
