import InterlockDeployment
import InterlockJSON
import InterlockModel
import InterlockSandboxes
import InterlockTransport

/// The requests of a supervisor to the gateway, over its local socket (docs/specs/sandbox.md, section 12).
struct RunGateway: Sendable {
    private let socket: String
    /// Each connection of the run's proxy is two questions or more, so connections are kept.
    private let connections: LocalConnectionPool

    init(_ deployment: Deployment) { self.init(deployment.socket, patience: .seconds(10)) }

    private init(_ socket: String, patience: Duration) {
        self.socket = socket
        connections = LocalConnectionPool(.unix(path: socket), patience: patience)
    }

    /// The same gateway, over connections of its own.
    ///
    /// - Parameter patience: the longest time for which an answer is awaited.
    func waiting(atMost patience: Duration) -> RunGateway { RunGateway(socket, patience: patience) }

    /// A run that has begun.
    struct Begun {
        let run: RunID
        /// The leaf hash of its first record.
        let attestation: String
        /// The token for what comes over the run's own listener; it never enters the sandbox.
        let token: String?
    }

    /// A request that the gateway did not do.
    struct Refusal: Error {
        /// The stable code of the problem; nil if the gateway was not reached or gave no readable answer.
        let code: String?
        let message: String
        let help: String?
    }

    /// Begins the run; its start is on record when this returns.
    func begin(_ request: SandboxRequest) throws(RunRefusal) -> Begun {
        do throws(Refusal) {
            let answer = try post("/v1/sandboxes", request.json)
            guard let run = answer["run"]?.string.flatMap({ RunID($0) }),
                let attestation = answer["attestation"]?.string
            else { throw Refusal(code: nil, message: "the answer has no run", help: nil) }
            return Begun(
                run: run, attestation: attestation, token: answer["token"]?.string)
        } catch { throw error.refusal }
    }

    /// Waits for about a second at most.
    ///
    /// - Parameter written: the bytes of the workspace's layer, or nil if they were not measured.
    /// - Returns: the halt that stops the run, or nil if none does.
    func wait(for run: RunID, written: Int64?) throws(Refusal) -> OrderID? {
        var body: JSONObject = [:]
        body["written"] = written.map(JSONValue.integer)
        let answer = try post("/v1/sandbox-runs/\(run.text)/wait", .object(body))
        return answer["halt"]?.string.flatMap { OrderID($0) }
    }

    /// Asks or reports about one connection of the run's proxy.
    func connection(
        _ message: EgressMessage, of run: RunID
    ) throws(Refusal) -> EgressResponse {
        let answer = try post("/v1/sandboxes/\(run.text)/connections", message.json)
        do throws(FormError) { return try EgressResponse(answer) } catch {
            throw Refusal(code: nil, message: "the answer is not readable: \(error)", help: nil)
        }
    }

    func confirmKill(of run: RunID, left: Int) throws(Refusal) {
        _ = try post("/v1/sandbox-runs/\(run.text)/killed", ["left": .integer(Int64(left))])
    }

    func end(_ run: RunID, _ end: SandboxEnd) throws(Refusal) {
        _ = try post("/v1/sandboxes/\(run.text)/end", end.json)
    }

    /// Puts on record what the run has changed, so that its review waits for people.
    func recordDiff(_ diff: WorkspaceDiffRequest, of run: RunID) throws(Refusal) {
        _ = try post("/v1/sandboxes/\(run.text)/diff", diff.json)
    }

    /// Puts on record that the changes of the run are removed, as the policy states.
    func recordDiscard(of run: RunID) throws(Refusal) {
        let body = WorkspaceDiscardRequest(reason: "workspace: on_exit: discard").json
        _ = try post("/v1/sandboxes/\(run.text)/discard", body)
    }

    func post(_ path: String, _ body: JSONValue) throws(Refusal) -> JSONValue {
        let answer: (head: ResponseHead, body: [UInt8])
        do throws(LocalFailure) {
            answer = try connections.send(
                "POST", path, headers: [("content-type", "application/json")],
                body: body.serialized())
        } catch {
            throw Refusal(
                code: nil, message: "the gateway cannot be reached: \(error)",
                help: "start it with `interlock serve --dir DIR`")
        }
        let value = try? JSONValue(parsing: answer.body, limits: .upstream)
        guard answer.head.status == 200, let value else {
            throw Refusal(
                code: value?["code"]?.string,
                message: value?["detail"]?.string ?? "the gateway answered \(answer.head.status)",
                help: value?["help"]?.string)
        }
        return value
    }
}

extension RunGateway.Refusal {
    /// True if the gateway knows no such run.
    var isUnknownRun: Bool { code == "no_such_run" }

    /// The codes that mean that the log or the store is not available, rather than that the policy refuses.
    private static let unavailable = ["not_recorded", "not_kept", "not_read", "too_many"]

    /// The refusal of a launch.
    var refusal: RunRefusal {
        guard let code, !Self.unavailable.contains(code) else {
            return RunRefusal(
                RunExit.unavailable, code.map(Self.word) ?? "gateway-unavailable", message,
                help: help)
        }
        return RunRefusal(RunExit.refused, Self.word(code), message, help: help)
    }

    private static func word(_ code: String) -> String { code.replacing("_", with: "-") }
}
