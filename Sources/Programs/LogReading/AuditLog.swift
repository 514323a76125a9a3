package import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
package import InterlockDeployment
package import InterlockLedger
package import InterlockStore
import InterlockWitnessing

/// The log that a command reads: the deployment's own, or the folder that `--log` names.
package struct AuditLog {
    package let reader: LedgerReader
    /// Opens payloads; caches the keys that it read last.
    package let opener: PayloadOpener
    /// Is nil for a foreign log.
    package let deployment: Deployment?
    /// Is true if the files are read directly, without the gateway recording it.
    package let isOffline: Bool
    /// The trust given on the command line.
    package let given: LogTrust
    /// The keys of the log if the running gateway reads it, or nil if they must be looked up.
    private let ownKeys: [VerifierKey]?

    /// The log of the gateway in this process.
    package init(serving deployment: Deployment, _ reader: LedgerReader, keys: [VerifierKey]) {
        self.deployment = deployment
        self.reader = reader
        opener = PayloadOpener(of: deployment)
        isOffline = false
        given = .nobody
        ownKeys = keys
    }

    /// - Throws: exit 64 for a foreign folder without a key, since a log cannot vouch for its own key.
    package init(_ invocation: Invocation) throws(Failure) {
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

    /// The witnesses whose cosignatures count: those of the trust file on the command line, else of the deployment.
    package var witnesses: TrustPolicy? {
        given.policy ?? deployment.flatMap { try? $0.trust.load().policy }
    }

    /// The trust policy that the log's checkpoint must satisfy: the file on the command line, else the deployment's own.
    /// Is nil for a log that is read with `--vkey` alone, and for a deployment without the file.
    ///
    /// - Throws: exit 65 if the deployment's file is invalid.
    package func quorum() throws(Failure) -> RequiredQuorum? {
        if let file = given.file { return RequiredQuorum(policy: file.policy, path: file.path) }
        guard given.isEmpty, let trust = deployment?.trust else { return nil }
        do throws(Failure) {
            // The keys of other logs, which this node knows as a witness, sign nothing of this one.
            return RequiredQuorum(
                policy: try trust.load().policy.witnessesAlone, path: trust.path)
        } catch {
            guard error.exit == .notFound else { throw error }
            return nil
        }
    }

    /// The deployment whose gateway must record the access; nil for files.
    package var watched: Deployment? { isOffline ? nil : deployment }

    /// The writer's second copy of its newest checkpoint; nil for a foreign log.
    package var guardFile: String? {
        deployment.map { $0.resolve($0.configuration.ledger.checkpointCopy) }
    }

    /// The keys that may sign the log: those given on the command line or in its trust file, else this deployment's
    /// own.
    package func keys() throws(Failure) -> [VerifierKey] {
        guard given.allKeys.isEmpty else { return given.allKeys }
        if let ownKeys { return ownKeys }
        guard let deployment else { throw Failure(.usage, "`--vkey` is missing") }
        let origin = deployment.configuration.ledger.origin
        return LedgerTools(publicKeys: try NodeKeys.opened(deployment).logKeys, origin: origin)
            .allKeys(of: origin)
    }

    /// Calls `body` with each record from index `start`, oldest first, until it returns false.
    ///
    /// - Parameter progress: counts the records.
    /// - Throws: the error of the body; exit 66 if there is no log or a record was pruned.
    package func scan(
        from start: UInt64? = nil, counting progress: Progress? = nil,
        _ body: (LedgerEntry) throws -> Bool
    ) throws {
        try reading {
            var failure: (any Error)?
            try reader.scan(from: start) { entry in
                progress?.add()
                do { return try body(entry) } catch {
                    failure = error
                    return false
                }
            }
            if let failure { throw failure }
        }
    }

    /// Verifies the log, with its progress for people.
    ///
    /// - Throws: exit 66 if there is no log.
    package func verify(_ request: VerifyRequest) throws -> VerifyReport {
        let progress = Progress("records verified", of: try? reader.size())
        defer { progress.end() }
        var request = request
        request.onEntry = { progress.add() }
        return try reading { try reader.verify(request) }
    }

    /// The progress of a scan.
    package func progress(_ words: String = "records read", from start: UInt64? = nil) -> Progress {
        Progress(
            words,
            of: (try? (start ?? reader.first(), reader.size())).map { $1 - min($0, $1) })
    }

    /// Returns the deployment at hand if the folder is its log.
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

/// The witnesses that must have cosigned a log, and the file that says so.
package struct RequiredQuorum {
    package let policy: TrustPolicy
    package let path: String

    package var text: String { "quorum `\(policy.quorum?.description ?? "none")` of `\(path)`" }
}

extension Option {
    package static let log = Option(
        "--log DIR", "read these files, without a gateway and without a record of it")

    /// The options that select the log of an audit command.
    package static let logSource: [Option] = [
        .directory,
        .log,
        Option("--vkey KEY", "the log's verifier key (default: this deployment's own)"),
        Option("--trust FILE", "tlog-policy: the log's keys, and the witnesses that count"),
    ]
}

/// Runs `body` and converts a failure of the ledger into one with an exit code.
package func reading<Value>(_ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let failure as LedgerFailure { throw Failure(failure) }
}
