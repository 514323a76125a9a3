import Glibc
import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import Testing

@testable import InterlockStore

/// A log in a folder of its own, which is removed at the end.
final class TestLog: Sendable {
    let folder: String
    let configuration: LedgerConfiguration
    let tools: LedgerTools
    let key: VerifierKey

    static let origin = "test.example/gw1/2026"
    static let hashing = OpenSSLHashing()

    private let keeps: Bool

    /// - Parameters:
    ///  - place: an existing folder; if nil, a new one is made.
    ///  - isTemporary: whether the folder is removed at the end; a new one always is.
    init(
        at place: String? = nil, isTemporary: Bool = false, segmentBytes: Int = 1 << 20,
        _ change: (inout LedgerConfiguration) -> Void = { _ in }
    ) throws {
        folder = try place ?? makeFolder()
        keeps = place != nil && !isTemporary
        let secret = try #require(Ed25519PrivateKey(seed: Array(0..<32)))
        key = try #require(
            VerifierKey(
                name: Self.origin, publicKey: secret.publicKey.bytes, hashing: Self.hashing))
        tools = LedgerTools(
            hashing: Self.hashing,
            signer: LogKey(
                name: Self.origin, publicKey: secret.publicKey, sign: { secret.sign($0) }),
            verifier: OpenSSLVerifier(), clock: SteadyClock())
        var configuration = LedgerConfiguration(
            directory: folder + "/ledger", payloads: folder + "/payloads",
            guardFile: folder + "/guard.checkpoint", origin: Self.origin, node: "gw1",
            build: { Self.hashing.sha256(Array("build".utf8)) },
            bootID: "9c1f04ab-0000-4000-8000-000000000000")
        configuration.segmentBytes = segmentBytes
        configuration.reserveBytes = 1 << 20
        configuration.softMark = .init(bytes: 0, percent: 0)
        configuration.hardMark = .init(bytes: 0, percent: 0)
        configuration.allowAnyFilesystem = true
        // A test whose log must tick or publish while it is open sets a shorter interval.
        configuration.beat = .seconds(3600)
        // All tests at once can hold one flush for longer than the five seconds of a gateway.
        configuration.commitLimit = .seconds(60)
        configuration.warn = { _ in }
        change(&configuration)
        self.configuration = configuration
    }

    deinit { if !keeps { removeFolder(folder) } }

    func create() throws { try WriteAheadLog.create(configuration, tools) }

    func open() throws -> WriteAheadLog { try WriteAheadLog.open(configuration, tools) }

    var reader: LedgerReader { LedgerReader(configuration, hashing: Self.hashing) }

    /// Verifies the log, including the presence of its payloads.
    func verify(oldCheckpoints: [[UInt8]] = [], minimumSize: UInt64 = 0) throws -> VerifyReport {
        var request = VerifyRequest(keys: [key], verifier: OpenSSLVerifier())
        request.oldCheckpoints = oldCheckpoints.map { ("an old checkpoint", $0) }
        request.minimumSize = minimumSize
        request.payloads = true
        return try reader.verify(request)
    }

    func types() throws -> [String] {
        var types: [String] = []
        try reader.scan {
            types.append($0.record?.type ?? "?")
            return true
        }
        return types
    }

    /// The level of each `log.full`, oldest first.
    func levels() throws -> [String] {
        var levels: [String] = []
        try reader.scan {
            if $0.record?.type == RecordType.logFull.rawValue {
                levels.append($0.record?.text("level") ?? "?")
            }
            return true
        }
        return levels
    }

    var firstSegment: String { configuration.directory + "/wal/000.seg" }
}

/// A wall clock that never steps, so that the log contains only the records that a test makes.
struct SteadyClock: Clock {
    private let start = SystemClock().now

    var now: ClockReading {
        let boot = SystemClock().now.boot
        return ClockReading(
            wall: Timestamp(
                microseconds: start.wall.microseconds + boot.microseconds - start.boot.microseconds),
            boot: boot)
    }
}

/// - Parameter inMemory: places the folder in memory if possible, for tests that make many folders and need no
///   durability.
func makeFolder(inMemory: Bool = false) throws -> String {
    let temporary = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
    let base = inMemory && Folder.exists("/dev/shm") ? "/dev/shm" : temporary
    var template = Array("\(base)/interlock-store-XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return false }
        return unsafe mkdtemp(base) != nil
    }
    #expect(made)
    return String(
        decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

func removeFolder(_ path: String) {
    for name in (try? Folder.names(path)) ?? [] {
        let below = "\(path)/\(name)"
        if unsafe unlink(below) != 0 { removeFolder(below) }
    }
    for name in [".tmp"] { _ = unsafe unlink("\(path)/\(name)") }
    _ = unsafe rmdir(path)
}

enum Draft {
    static func run(_ number: Int = 0) throws -> RunContext {
        RunContext(
            run: RunID(milliseconds: Int64(number), random: [UInt8](repeating: 7, count: 10)),
            agent: try #require(AgentName("agent-\(number % 5)")), subject: nil)
    }

    static func intent(_ run: Int = 0, dec: String = "allow", payload: Int = 0) throws
        -> RecordDraft
    {
        var draft = RecordDraft(
            .callIntent, run: try self.run(run),
            fields: [
                "call": call(of: run), "dec": .string(dec), "dl": "D1", "risk": "write",
                "tool": "tickets__close_ticket", "rule": "scope.tickets",
                "pol": .string(digest), "in": unkept,
            ])
        if payload > 0 {
            draft.payloads = [self.payload("args", payload)]
        } else {
            draft.fields["args"] = unkept
        }
        return draft
    }

    /// All calls of a run have the same identifier here, so that a closing record can be made from its intent's
    /// receipt.
    private static func call(of run: Int) -> JSONValue {
        .string(CallID(milliseconds: Int64(run), random: [UInt8](repeating: 9, count: 10)).text)
    }

    static let digest = TestLog.hashing.sha256([]).base64
    /// The commitment to a payload that is not stored.
    private static let unkept: JSONValue = ["c": .string(digest), "n": 0]

    /// The fields of each record about the approval of a run's call.
    private static func approval(of run: Int, _ more: JSONObject) -> JSONObject {
        var fields: JSONObject = ["appr": call(of: run), "call": call(of: run)]
        for (name, value) in more.members { fields[name] = value }
        return fields
    }

    static func asked(_ run: Int) throws -> RecordDraft {
        RecordDraft(
            .approvalRequested, run: try self.run(run),
            fields: approval(
                of: run,
                ["bind": unkept, "exp": 1, "group": "leads", "need": 1, "rev": 1]))
    }

    static func granted(_ run: Int) throws -> RecordDraft {
        RecordDraft(
            .approvalGranted, run: try self.run(run),
            fields: approval(
                of: run,
                [
                    "bindc": .string(digest), "by": "qAtvNSliVAlAcLHGLhmnpA==", "i": 1,
                    "need": 1, "proof": unkept, "via": "cli-key",
                ]))
    }

    static func used(_ intent: Receipt, _ run: Int, votes: [Receipt] = []) throws -> RecordDraft {
        RecordDraft(
            .approvalUsed, run: try self.run(run),
            fields: approval(
                of: run,
                [
                    "use": call(of: run), "intent": .string(intent.leafHash.base64),
                    "bindc": .string(digest), "row": 2,
                    "grants": .array(votes.map { ["h": .string($0.leafHash.base64)] }),
                ]))
    }

    /// A person's finding about a call.
    static func checked(_ intent: Receipt, _ run: Int) throws -> RecordDraft {
        let context = try self.run(run)
        return RecordDraft(
            .outcomeChecked, run: nil,
            fields: [
                "call": call(of: run), "intent": .string(intent.leafHash.base64), "as": "ran",
                "by": "qAtvNSliVAlAcLHGLhmnpA==", "ofrun": .string(context.run.text),
                "agent": .string(context.agent.text),
            ])
    }

    static func outcome(of intent: Receipt, _ run: Int = 0, payload: Int = 0) throws -> RecordDraft
    {
        RecordDraft(
            .callOutcome, run: try self.run(run),
            fields: [
                "call": call(of: run), "intent": .string(intent.leafHash.base64), "st": "ok",
                "code": "0", "dur": 1200,
            ], payloads: payload > 0 ? [self.payload("res", payload)] : [])
    }

    static func denied(_ run: Int = 0) throws -> RecordDraft {
        RecordDraft(
            .callDenied, run: try self.run(run),
            fields: ["code": "policy.no_grant", "dec": "deny", "cnt": 1])
    }

    static func payload(_ field: String, _ count: Int) -> SealedPayload {
        // Any key will do, because the log does not look inside a blob.
        SealedPayload(
            field: field, plaintext: [UInt8](repeating: 0x61, count: count),
            key: PayloadKey(words: TestLog.hashing.sha256([0x6b])),
            random: PayloadRandom(SystemEntropy()), cipher: OpenSSLPayloadCipher(),
            hashing: TestLog.hashing)
    }
}
