import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockLedger
import InterlockPorts
import InterlockStore
import InterlockTransport
import InterlockWitness
import InterlockWitnessing
import Synchronization

extension Command {
    static let auditWitnessServe = Command(
        "audit witness serve", "be a witness without a gateway: on an auditor's machine",
        example: "interlock audit witness serve --trust trust.policy",
        options: [
            Option(
                "--listen HOST:PORT",
                "a loopback address (default: 127.0.0.1:7402); port 0 takes a free one"),
            Option(
                "--trust FILE",
                "its `log` lines are the logs that are known (default: trust.policy)"),
            Option(
                "--state DIR",
                "what is remembered, and the key; made if it is not there (default: witness)"),
            Option(
                "--name NAME", "what the key is called, at the first start (default: witness.local)"
            ),
        ],
        exits: [.data, .notFound, .io, .notPermitted],
        notes:
            "Losing the folder is losing the memory: a log could then show another history. SIGHUP reads the trust file again, SIGTERM ends."
    ) { invocation in
        let signals = try Signals()
        let alone = try LoneWitness(
            state: invocation["state"] ?? "witness", trust: invocation["trust"] ?? "trust.policy",
            name: invocation["name"])
        let loops = LoopGroup()
        let (server, address) = try Listeners.listen(
            invocation["listen"] ?? "127.0.0.1:7402", nil, .people,
            WitnessPlane(alone.service, prefix: ""), loops: loops, ServerLimits())
        Output.line(alone.key.description)
        log(LogLine("ready witness http://\(address)", part: "witness"))
        for await signal in signals.stream {
            switch signal {
            case .reload: alone.reload()
            case .end:
                await server.drain(within: .seconds(1))
                alone.close()
                return .ok
            }
        }
        return .ok
    }
}

/// A witness and its folder: key, name, memory.
private final class LoneWitness: Sendable {
    let service: WitnessService
    let key: CosignerKey
    private let files: TrustFiles
    private let folder: WitnessFolder
    private let known: Known

    private final class Known: Sendable {
        let trust: Mutex<(policy: TrustPolicy, marks: ImmediateWitnessList)>
        init(_ trust: (policy: TrustPolicy, marks: ImmediateWitnessList)) {
            self.trust = Mutex(trust)
        }
    }

    init(state: String, trust: String, name: String?) throws(Failure) {
        let files = TrustFiles(path: trust)
        self.files = files
        let known = Known(try files.load())
        self.known = known
        do throws(KeyFailure) { try StateFolder.create(state) } catch {
            throw Failure(.notPermitted, error.reason, help: error.help)
        }
        let identity = try WitnessIdentity(in: state, name: try Self.name(name, in: state))
        key = identity.key
        do throws(StoreFailure) {
            folder = try WitnessFolder(state + "/logs", hashing: OpenSSLHashing())
        } catch {
            throw Failure(.io, error.reason)
        }
        service = WitnessService(
            key: identity.key, sign: { identity.sign($0) }, store: folder, clock: SystemClock(),
            hashing: OpenSSLHashing(), verifier: OpenSSLVerifier(),
            trust: { known.trust.withLock { $0 } })
    }

    /// An error keeps what was known.
    func reload() {
        do throws(Failure) {
            let trust = try files.load()
            known.trust.withLock { $0 = trust }
        } catch {
            log(
                LogLine(
                    "the trust file stays as it was: \(error.message)", .warning, part: "witness"))
        }
    }

    func close() { folder.close() }

    /// The name belongs to the key, so it is kept from the first start on.
    private static func name(_ asked: String?, in state: String) throws(Failure) -> String {
        let path = state + "/name"
        if let kept = try read(path) {
            guard asked == nil || asked == kept else {
                throw Failure(.data, "this witness is called `\(kept)`")
            }
            return kept
        }
        let name = asked ?? "witness.local"
        guard NoteName.isName(name) else {
            throw Failure(.usage, "`\(name)` is no name of a key")
        }
        do throws(FileFailure) { try File.write(Array(name.utf8), to: path) } catch {
            throw Failure(.io, error.message)
        }
        return name
    }

    private static func read(_ path: String) throws(Failure) -> String? {
        do throws(FileFailure) {
            return String(decoding: try File.read(path, limit: 1024), as: UTF8.self)
        } catch {
            guard error.isMissing else { throw Failure(.io, error.message) }
            return nil
        }
    }
}
