import InterlockAdministration
import InterlockConsole
import InterlockGovernor
import InterlockKeys
import InterlockModel
import InterlockStore

/// What the pages of one node's console are read from, with the threads that read: nothing of it runs on a loop.
struct ConsoleRooms {
    let sources: ConsoleSources
    /// Twice a second, what people see at once.
    private let pacer: Task<Void, Never>
    private let agents: AgentDesk
    private let evidence: NodeEvidence
    /// What people read of the policy takes long to work out.
    private let reading = JobThread("policy-reading", limit: 16)
    private let signing = JobThread("sign-off", limit: 4)

    init(
        _ parts: NodeParts, _ gateway: Gateway, approvals: ApprovalDesk, elevations: ElevationDesk,
        policies: PolicyDesk,
        quarantines: QuarantineDesk, drills: DrillDesk, alerts: AlertDesk
    ) {
        let alarms = AlarmDesk(gateway: gateway, store: parts.store)
        let standing = StandingDesk(gateway: gateway, approvals: approvals, alarms: alarms)
        pacer = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(500))
                standing.sweep()
            }
        }
        evidence = NodeEvidence(parts.deployment, parts.setup)
        let looks = LookBook(clock: gateway.clock)
        agents = AgentDesk(
            gateway: gateway, elevations: elevations, aside: reading.submit)
        sources = ConsoleSources(
            sight: SightDesk(people: parts.people.holder, policy: gateway.policy).sight,
            standing: standing, drills: drills, elevations: elevations,
            policy: PolicyReadingDesk(
                gateway: gateway, policies: policies, hashing: OpenSSLHashing(),
                aside: reading.submit),
            signOffs: SignOffDesk(
                gateway: gateway, policies: policies, people: parts.people.holder,
                verifier: OpenSSLVerifier(), passkeys: parts.passkeys, hashing: OpenSSLHashing(),
                keeper: KeptSignOff(
                    file: SignOffFile(besidePolicy: parts.deployment.policy), jobs: signing)),
            agents: agents,
            servers: ServerDesk(gateway: gateway, quarantines: quarantines),
            records: RecordDesk(
                log: evidence, gateway: gateway,
                pseudonyms: HMACPseudonyms(secret: parts.keys.pseudonym), looks: looks),
            runs: RunStoryDesk(
                gateway: gateway, records: evidence, log: evidence, looks: looks),
            alarms: AlarmReadingDesk(
                gateway: gateway, alarms: alarms, alerts: alerts, people: parts.people.holder),
            limits: LimitReadingDesk(gateway: gateway),
            load: LoadDesk(approvals: approvals, people: parts.people.holder))
    }

    /// Once a second.
    func sweep() { agents.sweep() }

    func close() {
        pacer.cancel()
        reading.close()
        signing.close()
        evidence.close()
    }
}
