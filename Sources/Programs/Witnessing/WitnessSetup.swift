import InterlockAdministration
package import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
package import InterlockDeployment
package import InterlockGovernor
import InterlockLedger
import InterlockModel
import InterlockPorts
package import InterlockStore
package import InterlockTransport
package import InterlockWitness

/// Both sides of witnessing on one node: the client that asks witnesses to cosign this log, and the service that
/// cosigns others.
package struct WitnessSetup: Sendable {
    package let client: WitnessClient
    package let service: WitnessService
    package let files: TrustFiles
    private let folder: WitnessFolder
    private let loops: LoopGroup

    package init(_ deployment: Deployment, loops: LoopGroup) throws(Failure) {
        self.loops = loops
        files = deployment.trust
        let (policy, marks) = try files.load()
        let settings = deployment.configuration.ledger
        if policy.quorum == nil,
            let raised = settings.durability.first(where: { $0.value == .witnessed })
        {
            throw Failure(
                .data, "`ledger.durability` asks for D2 of `\(raised.key)`, and there is no quorum",
                help: "add a witness: interlock audit witness add VKEY URL --now")
        }
        let client = WitnessClient(
            WitnessPorts(
                caller: WitnessHTTP(loops: loops),
                tiles: PublishedTiles(
                    folder: deployment.ledger + "/log", hashing: OpenSSLHashing()),
                clock: SystemClock(), hashing: OpenSSLHashing(), verifier: OpenSSLVerifier(),
                quorumLimit: settings.quorumLimit),
            policy: policy, marks: marks)
        self.client = client
        let identity = try WitnessIdentity(
            in: deployment.keys, name: ImmediateWitnessList.node(of: settings.origin))
        folder = try StoreFailure.exits(
            .io, try WitnessFolder(deployment.state + "/witness", hashing: OpenSSLHashing()))
        service = WitnessService(
            key: identity.key, sign: { identity.sign($0) }, store: folder, clock: SystemClock(),
            hashing: OpenSSLHashing(), verifier: OpenSSLVerifier(), trust: { client.trust })
    }

    /// Connects the client to the log that is about to be opened.
    package func join(_ configuration: inout LedgerConfiguration) {
        let (client, loops) = (client, loops)
        configuration.follower = client
        configuration.quorumAgeSeconds = { client.ageSeconds }
        configuration.publishing = { client.setPublishing($0) }
        configuration.cosign = { note in loops.blocking { await client.cosign(note) } }
        configuration.examine = { (note) throws(LedgerFailure) in
            let outcome: Result<Void, WitnessClient.RolledBack> = loops.blocking {
                do throws(WitnessClient.RolledBack) {
                    return .success(try await client.examine(note))
                } catch { return .failure(error) }
            }
            do throws(WitnessClient.RolledBack) { try outcome.get() } catch {
                throw LedgerFailure(
                    .rolledBack,
                    "witness `\(error.witness)` remembers \(error.remembered) records of this log, here are \(error.found)"
                )
            }
        }
    }

    /// Called when the log is open: from then on alerts are recorded and a fork stops permits. Warns if no witness
    /// remembers the log.
    package func attach(to ledger: WriteAheadLog, records: RecordWriter) {
        let alarms = AlertRaiser(ledger: ledger, records: records, log: { log($0) })
        client.attach(NodeListener(alarms: alarms, ledger: ledger))
        if client.memory == WitnessClient.noMemory {
            log(WitnessClient.noMemory, .warning, part: "witness")
        }
        if let lint = client.lint { log(lint, .warning, part: "witness") }
    }

    package func close() { folder.close() }
}

private struct NodeListener: WitnessListener {
    let alarms: AlertRaiser
    let ledger: WriteAheadLog

    func alarm(_ code: String, subject: String) { alarms.raise(code, subject: subject) }
    func setForked(_ isForked: Bool) { ledger.setForked(isForked) }
}

extension Deployment {
    package var trust: TrustFiles { TrustFiles(path: resolve(configuration.ledger.trust)) }
}
