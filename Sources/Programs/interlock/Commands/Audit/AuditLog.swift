import InterlockKeys
import InterlockLedger
import InterlockStore

/// The log that a command reads: a deployment's own, or the files that `--log` names.
struct AuditLog {
    let reader: LedgerReader
    /// Opens payloads; it keeps the keys that it read last.
    let opener: PayloadOpener
    /// nil for the log of somebody else.
    let deployment: Deployment?
    /// Whether the files are read as they are, without the gateway's knowledge.
    let isOffline: Bool
    /// Of the command line.
    let given: LogTrust
    /// Where a running gateway reads its own log: its keys. nil: they are looked up.
    private let ownKeys: [VerifierKey]?

    /// The log of the gateway that runs in this process.
    init(serving deployment: Deployment, _ setup: LedgerSetup) {
        self.deployment = deployment
        reader = setup.reader.remembering
        opener = PayloadOpener(of: deployment)
        isOffline = false
        given = .nobody
        ownKeys = setup.verifierKeys
    }

    /// - Throws: exit 64 for a foreign folder without a key: a log cannot vouch for its own.
    init(_ invocation: Invocation) throws(Failure) {
        given = try LogTrust(invocation)
        ownKeys = nil
        let directory: String
        if let folder = invocation["log"] {
            guard let path = File.realPath(folder) else {
                throw Failure(.notFound, "there is no folder `\(folder)`")
            }
            deployment = try Self.owner(of: path, invocation)
            isOffline = true
            guard !given.isEmpty || deployment != nil else {
                throw Failure(
                    .usage,
                    "`\(folder)` is not this deployment's log: its key must come from elsewhere",
                    help: "--vkey KEY or --trust FILE, as the one who runs the log gave it to you")
            }
            directory = path
        } else {
            let own = try Deployment.open(invocation)
            deployment = own
            isOffline = false
            directory = own.ledger
        }
        reader = LedgerReader(
            directory: directory,
            payloads: deployment?.payloads ?? directory + "/../payloads",
            hashing: OpenSSLHashing())
        opener = PayloadOpener(of: deployment)
    }

    /// Whose cosignatures count: those of the trust file on the command line, else of the deployment's.
    var witnesses: TrustPolicy? {
        given.policy ?? deployment.flatMap { try? $0.trust.load().policy }
    }

    /// The deployment whose gateway must record what is shown; nil for files.
    var watched: Deployment? { isOffline ? nil : deployment }

    /// The writer's second copy of its newest checkpoint; nil for the log of somebody else.
    var guardFile: String? {
        deployment.map { $0.resolve($0.configuration.ledger.checkpointCopy) }
    }

    /// Every key that the log may be signed with: those of the command line and its trust file, else this
    /// deployment's own.
    func keys() throws(Failure) -> [VerifierKey] {
        guard given.allKeys.isEmpty else { return given.allKeys }
        if let ownKeys { return ownKeys }
        guard let deployment else { throw Failure(.usage, "`--vkey` is missing") }
        return try LedgerSetup(deployment, try NodeKeys.opened(deployment)).verifierKeys
    }

    /// Calls `body` with each record from index `start` on, oldest first, until it returns false.
    /// - Throws: what the body throws; exit 66 when there is no log, or a record was pruned.
    func scan(from start: UInt64? = nil, _ body: (LedgerEntry) throws -> Bool) throws {
        try reading {
            var failure: (any Error)?
            try reader.scan(from: start) { entry in
                do { return try body(entry) } catch {
                    failure = error
                    return false
                }
            }
            if let failure { throw failure }
        }
    }

    /// The deployment at hand, if the folder is its log.
    private static func owner(
        of path: String, _ invocation: Invocation
    ) throws(Failure) -> Deployment? {
        let found: Deployment?
        if invocation.has("dir") {
            found = try Deployment.open(invocation)
        } else {
            do throws(Failure) { found = try Deployment.open(invocation) } catch { found = nil }
        }
        return found.flatMap { own in
            let places = [own.ledger, own.ledger + "/log"].compactMap(File.realPath)
            return places.contains(path) ? own : nil
        }
    }
}

extension Option {
    static let log = Option(
        name: "log", value: "DIR",
        help: "read these files, without a gateway and without a record of it")

    /// Where an audit command reads.
    static let logSource: [Option] = [
        .directory,
        .log,
        Option(
            name: "vkey", value: "KEY",
            help: "the log's verifier key (default: this deployment's own)"),
        Option(
            name: "trust", value: "FILE",
            help: "tlog-policy: the log's keys, and the witnesses that count"),
    ]
}

/// Runs what reads a log; its failure becomes an exit code.
func reading<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let failure as LedgerFailure { throw Failure(failure) }
}
