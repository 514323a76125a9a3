import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockStore

/// An audit log in a folder of its own, configured as by `serve`.
struct BenchLog: Sendable {
    static let origin = "bench.example/gw1/2026"
    /// The private key of the log.
    static let seed: [UInt8] = Array(0..<32)
    let configuration: LedgerConfiguration
    let tools: LedgerTools
    let key: VerifierKey
    let folder: String

    /// - Parameter remote: the process that holds the log's key, or nil if this one does.
    init(_ folder: String, signer remote: SignerClient? = nil) throws {
        let hashing = OpenSSLHashing()
        guard let secret = Ed25519PrivateKey(seed: Self.seed),
            let key = VerifierKey(
                name: Self.origin, publicKey: secret.publicKey.bytes, hashing: hashing)
        else { throw Misuse.key }
        self.folder = folder
        self.key = key
        tools = LedgerTools(
            hashing: hashing,
            signer: LogKey(name: Self.origin, publicKey: secret.publicKey) { secret.sign($0) },
            verifier: OpenSSLVerifier(), clock: SystemClock(), remote: remote)
        var configuration = LedgerConfiguration(
            directory: folder + "/ledger", payloads: folder + "/payloads",
            guardFile: folder + "/guard.checkpoint", origin: Self.origin, node: "gw1",
            build: { hashing.sha256(Array("bench".utf8)) }, bootID: try BootID.current().full)
        configuration.softMark = .init(bytes: 0, percent: 0)
        configuration.hardMark = .init(bytes: 0, percent: 0)
        self.configuration = configuration
    }

    /// Creates a log and opens it.
    func create() throws -> WriteAheadLog {
        try WriteAheadLog.create(configuration, tools)
        return try WriteAheadLog.open(configuration, tools)
    }

    var reader: LedgerReader { LedgerReader(configuration, hashing: tools.hashing) }
}

/// One caller, which makes one call after the other, each with its intent and its outcome, as the gateway records them.
struct Writer: Sendable {
    let run: RunContext
    /// Size of the arguments in bytes; 0 if no payload is stored.
    let payload: Int
    private let entropy = BufferedEntropy()
    private let hashing = OpenSSLHashing()
    private let cipher = OpenSSLPayloadCipher()
    private let key: PayloadKey
    private let policy: String
    /// The commitment to a payload that is not stored: the cost of sealing is measured separately.
    private let unkept: JSONValue

    init(_ number: Int, payload: Int) throws {
        guard let agent = AgentName("agent-\(number)"),
            let key = PayloadKey(bytes: entropy.bytes(32))
        else { throw Misuse.key }
        run = RunContext(
            run: RunID(milliseconds: 1_795_000_000_000 + Int64(number), random: entropy.bytes(10)),
            agent: agent, subject: nil)
        self.payload = payload
        self.key = key
        policy = hashing.sha256(Array("policy".utf8)).base64
        unkept = ["c": .string(policy), "n": 2]
    }

    func intent() -> RecordDraft {
        let call = CallID(milliseconds: 1_795_000_000_000, random: entropy.bytes(10))
        var fields: JSONObject = [
            "call": .string(call.text), "dec": "allow", "dl": "D1", "risk": "write",
            "tool": "tickets__close_ticket", "rule": "controls.reversible",
            "at": "agents/support-triage.yaml:14:7",
            "pol": .string(policy), "in": unkept,
        ]
        if payload == 0 { fields["args"] = unkept }
        return RecordDraft(.callIntent, run: run, fields: fields, payloads: sealed("args"))
    }

    /// - Parameter call: the call's identifier from its intent.
    func outcome(of intent: Receipt, call: JSONValue) -> RecordDraft {
        let fields: JSONObject = [
            "call": call, "intent": .string(intent.leafHash.base64), "st": "ok", "code": "0",
            "dur": 1200,
        ]
        return RecordDraft(.callOutcome, run: run, fields: fields, payloads: sealed("res"))
    }

    private func sealed(_ field: String) -> [SealedPayload] {
        guard payload > 0 else { return [] }
        return [
            SealedPayload(
                field: field, plaintext: [UInt8](repeating: 0x61, count: payload), key: key,
                random: PayloadRandom(entropy), cipher: cipher, hashing: hashing)
        ]
    }
}

enum Misuse: Error {
    case usage(String)
    case key
    case damaged(String)
}
