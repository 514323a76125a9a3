import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockRunning
import InterlockSelfTesting
import InterlockStore
import InterlockTransport

/// Rehearses the gateway that runs: canaries with tokens of its own act through its pipeline, are in its log, and are
/// stopped and released by its halts; one of them acts inside a sandboxed run, if this machine offers a sandbox. They can reach nothing but the servers of the drill, because the policy of the
/// drill decides about them alone.
struct RunningGatewayDrill {
    let deployment: Deployment
    let gateway: Gateway
    let kill: HaltService
    let wiring: UpstreamWiring
    let folder: HaltFolder
    let tokens: TokenIssuing
    let reader: LedgerReader
    let loops: LoopGroup

    private static let life = Duration.seconds(900)

    func run(_ variant: DrillVariant, by people: [DrillPerson]) async throws -> (
        DrillRun.Observations, classes: [String]
    ) {
        if gateway.halts.halts.halt(of: .org) != nil {
            throw Failure(.unavailable, "everything is halted, so a drill would show nothing")
        }
        let subject = try await subject(of: people)
        try await subject.releaseAll()
        let start = gateway.ledger.status.size
        try await DrillPolicy.made(at: gateway.clock.wall)
            .begin("the drill's policy", in: gateway, of: deployment)
        defer { gateway.endDrill() }
        let servers = try DrillServers(loops: loops, hasStdio: wiring.hasChildren)
        let pipeline = CallPipeline(gateway: gateway)
        let relayed = try credential("relay")
        let plane = try HTTPServer.listen(
            .tcp(host: "127.0.0.1", port: 0), as: .agents,
            handler: CanaryPlane(pipeline, for: relayed), loops: loops)
        let relay = try ChildCanary.relay(url: "http://127.0.0.1:\(plane.port)/mcp", relayed)
        var canaries: [any DrillCanary] = []
        for transport in ["http"] + (servers.hasStdio ? ["stdio"] : []) {
            canaries.append(
                PipelineCanary(
                    transport, at: CanaryNames.server(transport), try credential(transport),
                    through: pipeline))
        }
        canaries.append(relay)
        let sandbox = RunTrial.isPossible ? try ChildCanary.sandbox(of: deployment) : nil
        if let sandbox { canaries.append(sandbox) }
        wiring.add(canaries: servers)
        let run = DrillRun(
            subject: self.subject(people, since: start), variant: variant, canaries: canaries,
            receipts: servers.receipts)
        let observed = await run.run()
        relay.stop()
        await sandbox?.finish()
        await plane.drain(within: .seconds(1))
        await wiring.removeCanaries()
        await servers.close()
        return (observed, run.classes)
    }

    /// Lists the keys of the people, so that their orders are accepted, also after a restart.
    func subject(of people: [DrillPerson]) async throws -> DrillSubject {
        for key in people.flatMap(\.person.keys) {
            guard
                let listed = VerifierKey(
                    name: CanaryNames.organisation(of: kill.org), publicKey: key.key.bytes,
                    hashing: OpenSSLHashing())
            else { throw Failure(.internalError, "a key of the drill has no form") }
            gateway.list(drill: listed)
        }
        try folder.add(drill: people.map(\.person))
        return subject(people, since: 0)
    }

    private func subject(_ people: [DrillPerson], since start: UInt64) -> DrillSubject {
        DrillSubject(
            running: gateway, kill, people: people, log: DrillLog(reader: reader, start: start))
    }

    /// Returns a credential whose tokens the gateway issues like any agent's.
    private func credential(_ pointClass: String) throws -> CanaryCredential {
        guard let agent = AgentName(CanaryNames.agent(pointClass)) else {
            throw Failure(.internalError, "a canary has no name")
        }
        return CanaryCredential.issued(
            by: tokens, gateway, to: agent, for: "drill", lifetime: Self.life)
    }
}

/// Counts the records of a drill's canaries in the log.
private struct DrillLog: DrillLogReader {
    let reader: LedgerReader
    /// The size of the log when the drill began.
    let start: UInt64

    private static let types: [RecordType] = [
        .callIntent, .callOutcome, .callUnknown, .callDenied, .alarmRaised,
    ]

    func records() async throws(StoreFailure) -> DrillRecords {
        let (reader, start) = (reader, start)
        return try await JobThread.reading("drill") { () throws(LedgerFailure) in
            var found = DrillRecords()
            try reader.scan(from: start) { entry in
                guard let type = Self.types.first(where: entry.mayBe), let record = entry.record,
                    record.type == type.rawValue
                else { return true }
                let agent = record.text("agent").flatMap { AgentName($0) }
                guard type == .alarmRaised || agent?.isCanary == true else { return true }
                found.add(
                    type, alarm: record.text("code"), endsIntent: record["intent"] != nil)
                return true
            }
            return found
        }
    }
}
