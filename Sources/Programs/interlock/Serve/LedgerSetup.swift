import Glibc
import InterlockKeys
import InterlockLedger
import InterlockModel
import InterlockStore

/// The log of one deployment: its configuration, key and how failures of it end the program.
struct LedgerSetup {
    let configuration: LedgerConfiguration
    let tools: LedgerTools

    init(_ deployment: Deployment, _ keys: NodeKeys) throws(Failure) {
        let settings = deployment.configuration.ledger
        let boot: BootID
        do throws(KeyFailure) { boot = try BootID.current() } catch {
            throw Failure(.internalError, error.reason)
        }
        var configuration = LedgerConfiguration(
            directory: deployment.ledger, payloads: deployment.state + "/payloads",
            guardFile: deployment.resolve(settings.checkpointCopy), origin: settings.origin,
            node: Self.node(of: settings.origin), build: try Build.digest(), bootID: boot.full)
        configuration.segmentBytes = settings.segmentSize
        configuration.reserveBytes = settings.segmentSize
        configuration.softMark = LedgerConfiguration.Mark(bytes: settings.softMark, percent: 10)
        configuration.hardMark = LedgerConfiguration.Mark(bytes: settings.hardMark, percent: 2)
        configuration.beat = settings.beat
        configuration.allowAnyFilesystem = settings.anyFilesystem
        self.configuration = configuration
        let key = keys.log
        tools = LedgerTools(
            hashing: OpenSSLHashing(),
            signer: LogKey(name: settings.origin, publicKey: key.publicKey) { key.sign($0) },
            verifier: OpenSSLVerifier(), clock: SystemClock())
    }

    /// The middle part of `<domain>/<node>/<epoch>`.
    static func node(of origin: String) -> String {
        let parts = origin.split(separator: "/")
        return parts.count >= 2 ? String(parts[parts.count - 2]) : origin
    }

    /// - Parameter witnesses: who judge what is found and cosign what is published; nil for a log
    ///   that only this program knows of yet.
    func open(
        guardLost: Bool, witnesses: WitnessSetup? = nil
    ) throws(Failure) -> WriteAheadLog {
        var configuration = configuration
        configuration.guardLost = guardLost
        witnesses?.join(&configuration)
        do throws(LedgerFailure) { return try WriteAheadLog.open(configuration, tools) } catch {
            throw Failure(error)
        }
    }

    func create(policy: Digest?) throws(Failure) {
        do throws(LedgerFailure) {
            try WriteAheadLog.create(configuration, tools, policy: policy?.base64)
        } catch {
            throw Failure(error)
        }
    }

    func verifierKey() throws(Failure) -> VerifierKey {
        guard
            let key = VerifierKey(
                name: configuration.origin, publicKey: tools.signer.publicKey,
                hashing: tools.hashing)
        else { throw Failure(.data, "`\(configuration.origin)` is no name of a log") }
        return key
    }

    var reader: LedgerReader {
        LedgerReader(
            directory: configuration.directory, payloads: configuration.payloads,
            hashing: tools.hashing)
    }
}

extension Failure {
    init(_ failure: LedgerFailure) {
        let exit = Exit(rawValue: failure.exitCode) ?? .internalError
        let help: String? =
            switch failure.code {
            case .damaged:
                "nothing on disk was changed; compare with a copy, `interlock audit verify` tells where"
            case .guardLost: "`interlock serve --guard-lost` accepts it once, and the log says so"
            case .filesystem: "put `state/` on ext4 or xfs, or set `ledger.any_filesystem: true`"
            case .locked: "another `interlock serve` runs on this folder"
            case .exposed: "chmod 700 the folder"
            case .rolledBack:
                "restore the newer log, or begin a new epoch that says so: interlock audit epoch new --after-rollback"
            case .closed:
                "another log goes on from it: restore state/, or finish with interlock audit epoch new"
            case .configuration, .missing, .exists, .io: nil
            }
        self.init(exit, "\(failure)", help: help)
    }
}

/// The program file that runs, by its SHA-256: every start record names it.
enum Build {
    static func digest() throws(Failure) -> Digest { try measured.get() }

    /// Mapped, not read: the file is many megabytes, and its bytes are needed once.
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
