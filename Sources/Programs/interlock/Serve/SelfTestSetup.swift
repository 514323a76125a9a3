import InterlockAdministration
import InterlockChangeGate
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockPorts
import InterlockReviews
import InterlockSelfTest
import InterlockSelfTesting
import InterlockStore
import InterlockTrust

extension NodeParts {
    /// Makes the self-test, which knows the last one on record.
    func selfTests(
        _ gateway: Gateway, _ kill: HaltService, _ drills: DrillService,
        _ wiring: UpstreamWiring, _ evidence: NodeEvidence, _ policies: PolicyService,
        _ evals: ChangeGateService
    ) throws(Failure) -> SelfTestService {
        let configuration = deployment.configuration
        let builder = drillBuilder(gateway, kill, wiring)
        let environment = SelfTestEnvironment(
            SelfTestEnvironment.Parts(
                deployment: deployment, gateway: gateway, drills: drills, pool: wiring.pool,
                loops: loops, tokens: tokens, log: evidence, logKeys: setup.verifierKeys,
                node: builder.node, nodeKey: keys.halts, subject: { try await builder.subject() }))
        let reviews = reviews
        let governance = governanceFacts(gateway, policies, evals)
        return SelfTestService(
            gateway: gateway, every: configuration.selfTest.every, last: try lastSelfTest(),
            sources: SelfTestService.Sources(
                observe: { await environment.observe() },
                facts: {
                    DeploymentFacts(
                        now: gateway.clock.wall, policy: gateway.policy.snapshot,
                        drill: drills.status, log: gateway.ledger.status,
                        cosignatureSeconds: gateway.ports.quorum?.cosignatureSeconds,
                        hasChannel: !configuration.alerts.channels.isEmpty,
                        refusesHaste: configuration.approvals.countermeasures == "refuse",
                        asksProbes: configuration.approvals.probes.plan != nil,
                        review: reviews.reviewStatus(of: nil),
                        governance: await governance.facts(at: gateway.clock.wall))
                }))
    }

    private func governanceFacts(
        _ gateway: Gateway, _ policies: PolicyService, _ evals: ChangeGateService
    ) -> GovernanceFactsReader {
        GovernanceFactsReader(
            keys: payloads.keyring, payloadDays: deployment.configuration.ledger.payloadDays,
            store: store,
            signOff: {
                let status = policies.status
                return status.isFounding ? .founding : status.isSignedAlone ? .author : .people
            },
            ungated: {
                let policy = gateway.policy.snapshot
                return policy.agents.keys.filter { agent in
                    guard gateway.stage(of: agent, in: policy) != .observe else { return false }
                    let gate = evals.status(of: agent)
                    return gate["excepted"]?.bool == true || gate["waits_until"]?.string != nil
                }
            })
    }

    func drillBuilder(
        _ gateway: Gateway, _ kill: HaltService, _ wiring: UpstreamWiring
    ) -> DrillEnvironmentBuilder {
        DrillEnvironmentBuilder(
            running: RunningGatewayDrill(
                deployment: deployment, gateway: gateway, kill: kill, wiring: wiring,
                folder: halts.folder, tokens: tokens, reader: setup.reader, loops: loops),
            key: keys.halts, statements: setup.statements,
            node: LedgerSetup.node(of: deployment.configuration.ledger.origin))
    }

    private func lastSelfTest() throws(Failure) -> SelfTestService.Outcome? {
        do throws(LedgerFailure) {
            return try SelfTestHistory.last(in: setup.reader, of: deployment)
        } catch { throw Failure(.io, "cannot read the self-tests on record: \(error)") }
    }
}
