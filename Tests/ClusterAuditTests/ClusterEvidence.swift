import Glibc
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
    private let scratch: String

    /// Makes logs in which each node loaded the policy of the revision in force.
    init() async throws {
        var chain = try AuditedChain()
        try chain.admit()
        let head = try chain.revise()
        self.chain = chain
        scratch = try Self.temporaryFolder()
        folder = scratch + "/evidence"
        for part in ["", "/logs", "/logs/acme", "/logs/acme/gw1", "/logs/acme/gw2"] {
            try File.makeFolder(folder + part, mode: 0o700)
        }
        for node in [1, 2] as [UInt8] { try await write(node, head) }
        try write(chain.rows)
    }

    deinit { try? Self.remove(scratch) }

    private static func temporaryFolder() throws -> String {
        var template = Array("/tmp/interlock-cluster-XXXXXX".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            return unsafe mkdtemp(base) != nil
        }
        guard made else { throw FileFailure(message: "no temporary folder") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func remove(_ path: String) throws {
        for name in try File.names(in: path) {
            let below = path + "/" + name
            if unsafe unlink(below) != 0 { try remove(below) }
        }
        _ = unsafe rmdir(path)
    }

    /// The folder of a node's log.
    func log(_ node: UInt8) -> String { "\(folder)/logs/acme/gw\(node)/2026" }

    func write(_ rows: [StoredEntry]) throws {
        let path = folder + "/control.chain"
        _ = unsafe unlink(path)
        try File.write(try rows.flatMap { try ControlChainFile.line($0) }, to: path)
    }

    func remove(_ node: UInt8) throws { try Self.remove("\(folder)/logs/acme/gw\(node)") }

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
            directory: log(node), payloads: "\(scratch)/payloads\(node)",
            guardFile: "\(scratch)/guard\(node)", origin: origin, node: "gw\(node)",
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
