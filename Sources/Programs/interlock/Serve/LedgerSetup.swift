import Glibc
import InterlockAdministration
import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPorts
import InterlockStore
import InterlockTransport
import InterlockWitnessing

/// The log of one deployment: its configuration, its keys, and the end of the program after a fatal failure.
struct LedgerSetup {
    private(set) var configuration: LedgerConfiguration
    private(set) var tools: LedgerTools
    /// Signs what the node says of itself with the log's key.
    let statements: any NodeStatementSigner
    /// The node that the log's ticks ask for the newest entry of its cluster.
    let node = JoinedNode()
    private let keys: NodeKeys
    /// Is nil if this process holds the log's key.
    private let signer: SignerClient?
    private let keyFolder: String

    init(_ deployment: Deployment, _ keys: NodeKeys) throws(Failure) {
        let settings = deployment.configuration.ledger
        let boot: BootID
        do throws(KeyFailure) { boot = try BootID.current() } catch {
            throw Failure(.internalError, error.reason)
        }
        var configuration = LedgerConfiguration(
            directory: deployment.ledger, payloads: deployment.payloads,
            guardFile: deployment.resolve(settings.checkpointCopy), origin: settings.origin,
            node: Self.node(of: settings.origin),
            build: { () throws(LedgerFailure) in try Build.recorded() }, bootID: boot.full)
        configuration.segmentBytes = settings.segmentSize
        configuration.reserveBytes = settings.segmentSize
        configuration.softMark = LedgerConfiguration.Watermark(
            bytes: settings.softMark, percent: 10)
        configuration.hardMark = LedgerConfiguration.Watermark(bytes: settings.hardMark, percent: 2)
        configuration.beat = settings.beat
        configuration.allowAnyFilesystem = settings.anyFilesystem
        configuration.warn = { log($0, .warning, part: "ledger") }
        configuration.onFatal = { reason in
            log(reason, .error, part: "ledger")
            Exit.io.end()
        }
        // The keys may have been moved between their reading and the lock of the log.
        let keyFolder = deployment.keys
        configuration.locked = { () throws(LedgerFailure) in
            do throws(KeyFailure) { try keys.checkUnmoved(in: keyFolder) } catch {
                throw LedgerFailure(.configuration, error.reason)
            }
        }
        configuration.chainHead = { [node] in node.reference }
        self.configuration = configuration
        self.keys = keys
        self.keyFolder = keyFolder
        if let own = keys.ownLogKeys {
            signer = nil
            statements = own.current
        } else {
            let client = SignerClient(path: deployment.resolve(settings.signer))
            signer = client
            statements = RemoteStatementSigner(client, key: keys.logKeys.current)
        }
        tools = Self.tools(keys, signer, origin: settings.origin)
    }

    private static func tools(
        _ keys: NodeKeys, _ signer: SignerClient?, origin: String
    ) -> LedgerTools {
        if let own = keys.ownLogKeys { return LedgerTools(own, origin: origin) }
        return LedgerTools(publicKeys: keys.logKeys, origin: origin, remote: signer)
    }

    /// The same node and keys with the name of another of its logs.
    func named(_ origin: String) -> LedgerSetup {
        var setup = self
        setup.configuration.origin = origin
        setup.configuration.node = Self.node(of: origin)
        setup.tools = Self.tools(keys, signer, origin: origin)
        return setup
    }

    /// The middle part of `<domain>/<node>/<epoch>`.
    static func node(of origin: String) -> String {
        let parts = origin.split(separator: "/")
        return parts.count >= 2 ? String(parts[parts.count - 2]) : origin
    }

    /// - Parameters:
    ///   - witnesses: examine the log that is found and cosign what is published; nil for a log that only this
    ///     program knows yet.
    ///   - loops: resume the tasks that wait for records.
    func open(
        guardLost: Bool, witnesses: WitnessSetup? = nil, loops: LoopGroup? = nil
    ) throws(Failure) -> WriteAheadLog {
        try checkWritable()
        var configuration = configuration
        configuration.guardLost = guardLost
        witnesses?.join(&configuration)
        if let loops { configuration.answering = { loops.gather($0) } }
        let log: WriteAheadLog
        do throws(LedgerFailure) { log = try WriteAheadLog.open(configuration, tools) } catch {
            throw Failure(error)
        }
        do throws(Failure) { try endOverlap() } catch {
            log.close()
            throw error
        }
        return log
    }

    /// Opens and closes the log, so that the follower knows its tree.
    func read(by follower: any DurableFollower) throws(Failure) {
        var setup = self
        setup.configuration.follower = follower
        try setup.open(guardLost: false).close()
    }

    /// Must be called before the log is written: while a rotation is incomplete, only that may continue.
    func checkWritable() throws(Failure) {
        guard keys.logKeys.pending == nil else {
            throw Failure(
                .data, "a rotation of the log's key was broken off",
                help: "finish it: interlock audit key rotate, as it was called before")
        }
    }

    /// Destroys the replaced key when its time is over and the published checkpoint no longer needs it. Otherwise the
    /// next start tries again. A signer does so with the keys that it holds.
    private func endOverlap() throws(Failure) {
        guard let keys = keys.ownLogKeys else { return }
        guard keys.isOverlapOver(at: tools.clock.wall), let key = verifierKeys.first,
            let note = try? File.readRegular(
                configuration.directory + "/log/checkpoint", limit: SignedNote.maximumBytes),
            (try? Checkpoint(signed: note, key: key, verifier: tools.verifier)) != nil
        else { return }
        do throws(KeyFailure) { try LogKeys.finishOverlap(in: keyFolder) } catch {
            throw Failure(error)
        }
    }

    func create(policy: Digest?) throws(Failure) {
        do throws(LedgerFailure) {
            try WriteAheadLog.create(configuration, tools, policy: policy?.base64)
        } catch { throw Failure(error) }
    }

    func verifierKey() throws(Failure) -> VerifierKey {
        guard let key = verifierKeys.first else {
            throw Failure(.data, "`\(configuration.origin)` is no name of a log")
        }
        return key
    }

    /// The current key and the keys before it, whose signatures this node accepts as its own.
    var verifierKeys: [VerifierKey] { tools.allKeys(of: configuration.origin) }

    var bootID: String { configuration.bootID }

    /// The reader of limit usage, over this log and those that ended before it.
    func limitTrail(_ deployment: Deployment, rebuild: Bool) throws(Failure) -> LogLimits {
        let mcp = deployment.configuration.mcp
        do throws(LedgerFailure) {
            let logs = try EpochFolder.list(
                deployment.state + "/epochs", current: deployment.ledger)
            return LogLimits(
                reader,
                earlier: logs.map(\.folder).filter { $0 != deployment.ledger }.map {
                    LedgerReader(
                        directory: $0, payloads: configuration.payloads, hashing: tools.hashing)
                }, bootID: bootID, longestCall: max(mcp.hold, mcp.longHold) + mcp.hardTimeout,
                usesSnapshots: !rebuild)
        } catch { throw Failure(error) }
    }

    var reader: LedgerReader { LedgerReader(configuration, hashing: tools.hashing) }
}

/// The SHA-256 of the running program file, which every start record names.
enum Build {
    static func digest() throws(Failure) -> Digest { try measured.get() }

    /// Does the same as `digest` for a record of the log.
    static func recorded() throws(LedgerFailure) -> Digest {
        do throws(Failure) { return try digest() } catch { throw LedgerFailure(.io, error.message) }
    }

    /// Starts measuring on another thread while the start continues. A caller of `digest` waits until the value is
    /// known.
    static func measure() { Task.detached { _ = measured } }

    /// The file is mapped, not read: it has many megabytes, and its bytes are needed once.
    private static let measured: Result<Digest, Failure> = {
        let file = unsafe open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        var status = stat()
        guard file >= 0, unsafe fstat(file, &status) == 0, status.st_size > 0,
            let pages = unsafe mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE, file, 0),
            unsafe pages != MAP_FAILED
        else { return .failure(Failure(.internalError, "the program's own file cannot be read")) }
        defer { unsafe munmap(pages, Int(status.st_size)) }
        let bytes = unsafe UnsafeBufferPointer(
            start: pages.assumingMemoryBound(to: UInt8.self), count: Int(status.st_size))
        return .success(unsafe OpenSSLHashing().sha256(bytes.span))
    }()
}
