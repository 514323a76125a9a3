import InterlockApprovals
import InterlockGovernor
package import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy

extension LocalServices {
    /// Returns the ids of the open runs for `interlock kill`, newest first. It is answered on the loop of halts, so it
    /// looks up nothing.
    package func runs(_: LocalCall) -> JSONValue {
        ["runs": .array(openRuns.map { ["run": .string($0.run.text)] })]
    }

    /// Returns the open runs, which can be halted (R114), newest first.
    package func runActivity(_: LocalCall) -> JSONValue {
        ["runs": .array(described(openRuns).map(JSONValue.object))]
    }

    /// Returns one open run.
    package func openRun(_ call: LocalCall) throws(Problem) -> JSONValue {
        guard let id = RunID(call["run"]), let run = gateway.runs.known(id),
            let found = described([run]).first
        else {
            throw Problem(
                .noSuchRun, "no run `\(call["run"])` is open",
                help:
                    "a run that has ended, or was not used since the start, is in the log: interlock audit query --run RUN"
            )
        }
        return .object(found)
    }

    private var openRuns: [RunContext] { gateway.runs.all.sorted { $0.run.text > $1.run.text } }

    private func described(_ runs: [RunContext]) -> [JSONObject] {
        let policy = gateway.policy.snapshot
        let activity = gateway.activity(of: runs.map(\.run))
        return runs.map { run in
            let agent = policy.agents[run.agent]
            let now = activity[run.run] ?? RunActivity()
            return [
                "run": .string(run.run.text), "agent": .string(run.agent.text),
                "owner": .string(agent?.owner?.address ?? ""),
                "purpose": .string(now.purpose ?? agent?.purpose ?? ""),
                "subject": run.subject.map { .string($0.text) } ?? .null,
                "since": .string(
                    Timestamp(microseconds: run.run.milliseconds * 1000).rfc3339(fractionDigits: 0)),
                "point": .string("gateway/\(kill.node)"),
                "host": now.host.map(JSONValue.string) ?? .null,
                "pid": now.pid.map { .integer(Int64($0)) } ?? .null,
                "sessions": .array(now.sessions.map(JSONValue.string)),
                "calls": .integer(Int64(now.calls)), "waits": .integer(Int64(now.waits)),
                "halted": gateway.halt(of: run.agent, run: run.run).map { .string($0.text) }
                    ?? .null,
            ]
        }
    }

    /// Takes a halt that was signed without the gateway (`interlock kill --offline`).
    package func haltOffline(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let envelope = try envelope(call.body)
        do throws(OrderRefusal) {
            return try await kill.halt(envelope, source: "offline").json
        } catch { throw Problem(error) }
    }

    package func release(_ call: LocalCall) throws(Problem) -> JSONValue {
        guard let id = OrderID(call["release"]), let order = kill.pending(id) else {
            throw Problem(.noSuchOrder, "there is no such release")
        }
        return ["order": order.json]
    }
}
