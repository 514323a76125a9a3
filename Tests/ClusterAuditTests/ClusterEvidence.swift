import InterlockCluster
import InterlockCommandLine
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockStore
import InterlockTesting

/// The evidence of two nodes in a folder of its own, which is removed at the end: real logs and `control.chain`.
final class ClusterEvidence {
    let folder: String
    let chain: AuditedChain
    private let scratch = TestFolder()

    /// Makes logs in which each node loaded the policy of the revision in force.
    init() async throws {
        var chain = try AuditedChain()
        try chain.admit()
        let head = try chain.revise()
        self.chain = chain
        folder = scratch.path + "/evidence"
        for part in ["", "/logs", "/logs/acme", "/logs/acme/gw1", "/logs/acme/gw2"] {
            try File.makeFolder(folder + part, mode: 0o700)
        }
        for node in [1, 2] as [UInt8] { try await write(node, head) }
        try write(chain.rows)
    }

    /// The folder of a node's log.
    func log(_ node: UInt8) -> String { "\(folder)/logs/acme/gw\(node)/2026" }

    func write(_ rows: [StoredEntry]) throws {
        try File.write(
            try rows.flatMap { try ControlChainFile.line($0) }, to: folder + "/control.chain")
    }

    func remove(_ node: UInt8) { Scratch.remove("\(folder)/logs/acme/gw\(node)") }

    private func write(_ node: UInt8, _ head: ChainHead) async throws {
        let hashing = AuditedChain.hashing
        let secret = AuditedChain.log(node)
        let origin = "acme/gw\(node)/2026"
        let tools = LedgerTools(
            hashing: hashing,
            signer: LogKey(
                name: origin, publicKey: secret.publicKey, sign: { secret.sign($0) }),
            verifier: OpenSSLVerifier(), clock: SystemClock())
        var configuration = LedgerConfiguration(
            directory: log(node), payloads: "\(scratch.path)/payloads\(node)",
            guardFile: "\(scratch.path)/guard\(node)", origin: origin, node: "gw\(node)",
            build: { hashing.sha256(Array("build".utf8)) },
            bootID: "9c1f04ab-0000-4000-8000-000000000000")
        configuration.segmentBytes = 1 << 20
        configuration.reserveBytes = 1 << 20
        configuration.softMark = .init(bytes: 0, percent: 0)
        configuration.hardMark = .init(bytes: 0, percent: 0)
        configuration.allowAnyFilesystem = true
        configuration.beat = .seconds(3600)
        configuration.commitLimit = .seconds(60)
        configuration.warn = { _ in }
        try WriteAheadLog.create(configuration, tools)
        let opened = try WriteAheadLog.open(configuration, tools)
        defer { opened.close() }
        let digest = JSONValue.string(AuditedChain.policy.base64)
        _ = try await opened.append(
            RecordDraft(
                .policyLoaded, run: nil,
                fields: [
                    "pol": digest, "why": "start", "load": ["c": digest, "n": 0],
                    "ctl": head.inRecords,
                ]))
    }
}
