import InterlockAdministration
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockHookDecisions
import InterlockModel
import InterlockPolicyReview
import InterlockPorts
import InterlockSafety
import InterlockSafetyCommands
import InterlockScanning
import InterlockTransport

extension NodeParts {
    /// Makes the service that notices a hook that is gone.
    func hookMonitor(_ gateway: Gateway) -> HookMonitorService {
        HookMonitorService(gateway) { [topics] in topics.tell(.stop(.run($0), reason: $1)) }
    }

    /// Makes the service of hooks inside runs.
    func hookEvents(
        _ pipeline: CallPipeline, _ monitor: HookMonitorService, _ results: ResultInspections
    ) -> HookEventService {
        HookEventService(pipeline, shell: ParsedCommands(), monitor: monitor, results: results)
    }

    /// Makes the inspection of what coding agents' tools returned, for hooks inside and outside runs: by the rules of the
    /// search before a launch, and for the values of the folder of secrets.
    func hookResults() -> ResultInspections {
        let workers = WorkerPool("results", threads: 1, limit: 32)
        return ResultInspections(
            ResultSearch(
                hashing: OpenSSLHashing(), on: workers, isFull: { workers.isFull },
                values: { [folder = deployment.secrets] (known) throws(ScanFailure) in
                    try BrokerSecrets.changed(
                        in: folder, since: known, at: SystemClock().now.wall
                    ).map { ($0.values, $0.revision) }
                }))
    }

    /// Makes the service of hooks outside runs. They may use MCP servers at the address of the agent plane alone.
    ///
    /// - Returns: nil if there is no socket for them.
    func hostSessions(
        _ pipeline: CallPipeline, monitor: HookMonitorService, _ results: ResultInspections,
        _ policies: PolicyService
    ) -> HostSessionService? {
        let configuration = deployment.configuration
        guard !configuration.listeners.hooksSocket.isEmpty else { return nil }
        let managed = ManagedServers([configuration.agentPlane])
        return HostSessionService(
            pipeline,
            events: HookEventService(
                pipeline, shell: ParsedCommands(), monitor: monitor, results: results,
                managed: managed),
            issuer: tokens, starts: LedgerRunStartReader(reader: setup.reader),
            doctor: DoctorResultService(
                pipeline.gateway, earlier: LedgerDoctorResultReader(reader: setup.reader)),
            isReloadRefused: { policies.last?.refusal?.isError ?? false })
    }
}
