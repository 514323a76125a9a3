package import InterlockModel
package import InterlockPorts
package import InterlockSelfTest

/// Reads the live state that the checks of a self-test need besides policy and log.
package struct GovernanceFactsReader: Sendable {
    private let keys: any PayloadKeys
    private let payloadDays: Int64
    private let store: any AlertStore
    private let signOff: @Sendable () -> GovernanceFacts.PolicySigner
    private let ungated: @Sendable () -> [AgentName]

    /// - Parameters:
    ///   - payloadDays: the days that payloads are kept.
    ///   - signOff: who signed the policy in force.
    ///   - ungated: the agents above stage observe that work without a result of evals that counts.
    package init(
        keys: any PayloadKeys, payloadDays: Int, store: any AlertStore,
        signOff: @escaping @Sendable () -> GovernanceFacts.PolicySigner,
        ungated: @escaping @Sendable () -> [AgentName]
    ) {
        self.keys = keys
        self.payloadDays = Int64(payloadDays)
        self.store = store
        self.signOff = signOff
        self.ungated = ungated
    }

    package func facts(at now: Timestamp) async -> GovernanceFacts {
        let (keys, store) = (keys, store)
        return GovernanceFacts(
            signOff: signOff(), ungated: ungated().sorted(),
            keyDays: await Self.reading { () async throws(StoreFailure) in try await keys.days() },
            keys: keys.status, payloadDays: payloadDays,
            incidents: await Self.reading { () async throws(StoreFailure) in
                try await store.openIncidents()
            },
            alerts: await Self.reading { () async throws(StoreFailure) in
                try await store.alarms(
                    since: now - GovernanceFacts.alertPeriod, most: GovernanceFacts.mostAlerts)
            })
    }

    private static func reading<Value: Sendable>(
        _ body: @Sendable () async throws(StoreFailure) -> Value
    ) async -> Result<Value, StoreFailure> {
        do throws(StoreFailure) { return .success(try await body()) } catch {
            return .failure(error)
        }
    }
}
