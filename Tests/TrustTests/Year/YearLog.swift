import Glibc
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockStore
import InterlockTesting
import Synchronization
import Testing

/// A clock that a test moves. Both of its clocks go on together, so the log sees no step.
final class YearClock: Clock {
    private let passed = Mutex(Int64(0))

    var now: ClockReading {
        let passed = passed.withLock { $0 }
        return ClockReading(
            wall: Timestamp(microseconds: TrustFixture.now.microseconds + passed),
            boot: BootTime(microseconds: passed))
    }

    func advance(_ microseconds: Int64) { passed.withLock { $0 += microseconds } }
}

/// A real ledger in a folder of its own, which is removed at the end, under a clock that the test moves.
final class YearLog: Sendable {
    let folder: String
    let clock = YearClock()
    private let configuration: LedgerConfiguration
    private let log: WriteAheadLog

    private static let hashing = OpenSSLHashing()
    static let origin = "test.example/gw1/2026"

    init() throws {
        let folder = try Self.temporaryFolder()
        let secret = try #require(Ed25519PrivateKey(seed: Array(0..<32)))
        let tools = LedgerTools(
            hashing: Self.hashing,
            signer: LogKey(
                name: Self.origin, publicKey: secret.publicKey, sign: { secret.sign($0) }),
            verifier: OpenSSLVerifier(), clock: clock)
        var configuration = LedgerConfiguration(
            directory: folder + "/ledger", payloads: folder + "/payloads",
            guardFile: folder + "/guard.checkpoint", origin: Self.origin, node: "gw1",
            build: { Self.hashing.sha256(Array("build".utf8)) },
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
        log = try WriteAheadLog.open(configuration, tools)
        self.configuration = configuration
        self.folder = folder
    }

    deinit { _ = runShell("rm -rf '\(folder)'") }

    /// The folder that a verifier reads; complete once the log is closed.
    var published: String { configuration.log }

    /// Appends a record, again as long as the log is busy: under load the next segment is not always ready.
    func append(_ draft: RecordDraft) async throws -> Receipt {
        clock.advance(1_000_000)
        while true {
            do {
                return try await log.append(draft)
            } catch {
                guard error.code == "audit.busy" else { throw error }
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    func close() { log.close() }

    func scan(_ body: (LedgerEntry) -> Bool) throws {
        try LedgerReader(configuration, hashing: Self.hashing).scan(body)
    }

    private static func temporaryFolder() throws -> String {
        let temporary = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        // Nothing of it has to outlive the test.
        let base = unsafe access("/dev/shm", W_OK) == 0 ? "/dev/shm" : temporary
        var template = Array("\(base)/interlock-year-XXXXXX".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return false }
            return unsafe mkdtemp(base) != nil
        }
        try #require(made)
        return String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Runs a shell command, and returns its exit status and its output on both streams.
func runShell(_ command: String) -> (status: Int32, output: String) {
    guard let pipe = unsafe popen(command + " 2>&1", "r") else { return (-1, "") }
    var output: [UInt8] = []
    while true {
        let byte = unsafe fgetc(pipe)
        if byte < 0 { break }
        output.append(UInt8(truncatingIfNeeded: byte))
    }
    return (unsafe pclose(pipe), String(decoding: output, as: UTF8.self))
}
