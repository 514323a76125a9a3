import InterlockAdministration
import InterlockConfiguration
import InterlockDeployment
import InterlockGovernor
import InterlockHookDecisions
import InterlockModel
import InterlockPolicyReview
import InterlockPorts
import InterlockTransport

extension NodeParts {
    /// Makes the service that notices a hook that is gone.
    func hookMonitor(_ gateway: Gateway) -> HookMonitorService {
        HookMonitorService(gateway) { [topics] in topics.tell(.stop(.run($0), reason: $1)) }
    }

    /// Makes the service of hooks inside runs.
    func hookEvents(
        _ pipeline: CallPipeline, _ monitor: HookMonitorService, _ searches: ResultSearches
    ) -> HookEventService {
        HookEventService(
            pipeline, shell: ParsedCommands(), monitor: monitor, results: searches.hooks)
    }

    /// Makes the service of hooks outside runs. They may use MCP servers at the address of the agent plane alone.
    ///
    /// - Returns: nil if there is no socket for them.
    func hostSessions(
        _ pipeline: CallPipeline, monitor: HookMonitorService, _ searches: ResultSearches,
        _ policies: PolicyService
    ) -> HostSessionService? {
        let configuration = deployment.configuration
        guard !configuration.listeners.hooksSocket.isEmpty else { return nil }
        let managed = ManagedServers([configuration.agentPlane])
        return HostSessionService(
            pipeline,
            events: HookEventService(
                pipeline, shell: ParsedCommands(), monitor: monitor, results: searches.hooks,
                managed: managed),
            issuer: tokens, starts: LedgerRunStartReader(reader: setup.reader),
            doctor: DoctorResultService(
                pipeline.gateway, earlier: LedgerDoctorResultReader(reader: setup.reader)),
            isReloadRefused: { policies.last?.refusal?.isError ?? false })
    }
}
