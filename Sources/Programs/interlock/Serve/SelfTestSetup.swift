import InterlockAdministration
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockReviews
import InterlockSelfTest
import InterlockSelfTesting
import InterlockStore
import InterlockTrust
import InterlockWitness
import InterlockWitnessing

extension NodeParts {
    /// Makes the self-test, which knows the last one on record.
    func selfTests(
        _ gateway: Gateway, _ kill: HaltService, _ drills: DrillService,
        _ wiring: UpstreamWiring, _ evidence: NodeEvidence
    ) throws(Failure) -> SelfTestService {
        let configuration = deployment.configuration
        let builder = drillBuilder(gateway, kill, wiring)
        let environment = SelfTestEnvironment(
            SelfTestEnvironment.Parts(
                deployment: deployment, gateway: gateway, drills: drills, pool: wiring.pool,
                loops: loops, tokens: tokens, log: evidence, logKeys: setup.verifierKeys,
                node: builder.node, nodeKey: keys.log, subject: { try await builder.subject() }))
        let client = witnesses.client
        let reviews = reviews
        return SelfTestService(
            gateway: gateway, every: configuration.selfTest.every, last: try lastSelfTest(),
            sources: SelfTestService.Sources(
                observe: { await environment.observe() },
                facts: {
                    DeploymentFacts(
                        now: gateway.clock.wall, policy: gateway.policy.snapshot,
                        drill: drills.status, log: gateway.ledger.status,
                        hasWitness: !client.trust.policy.witnesses.isEmpty,
                        hasChannel: !configuration.alerts.channels.isEmpty,
                        refusesHaste: configuration.approvals.countermeasures == "refuse",
                        asksProbes: configuration.approvals.probes.plan != nil,
                        review: reviews.reviewStatus(of: nil))
                }))
    }

    func drillBuilder(
        _ gateway: Gateway, _ kill: HaltService, _ wiring: UpstreamWiring
    ) -> DrillEnvironmentBuilder {
        DrillEnvironmentBuilder(
            running: RunningGatewayDrill(
                deployment: deployment, gateway: gateway, kill: kill, wiring: wiring,
                folder: halts.folder, tokens: tokens, reader: setup.reader, loops: loops),
            key: keys.log,
            node: LedgerSetup.node(of: deployment.configuration.ledger.origin))
    }

    /// The number of the newest records in which a start looks for the last self-test. One that is older is unknown, and the
    /// next begins soon.
    private static let newest: UInt64 = 32_768

    private func lastSelfTest() throws(Failure) -> SelfTestService.Outcome? {
        let reader = setup.reader
        do throws(LedgerFailure) {
            var last: SelfTestService.Outcome?
            let size = try reader.size()
            let start = try max(reader.first(), size - min(size, Self.newest))
            try reader.scan(from: start) { entry in
                guard entry.mayBe(.selfTestResult), let record = entry.record,
                    record.type == RecordType.selfTestResult.rawValue, let time = record.time,
                    let passed = record["passed"]?.bool
                else { return true }
                last = SelfTestService.Outcome(time: time, passed: passed, leaf: entry.leaf.hash)
                return true
            }
            return last
        } catch { throw Failure(.io, "cannot read the self-tests on record: \(error)") }
    }
}
