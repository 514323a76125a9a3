import InterlockApprovals
import InterlockGovernor
package import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy

extension LocalServices {
    /// Returns the open runs, which can be halted (R114), newest first.
    package func runs(_: LocalCall) -> JSONValue {
        let inFlight = Dictionary(grouping: gateway.inFlight.all) { $0.principal.run }
        let policy = gateway.policy.snapshot
        let runs = gateway.runs.all.sorted { $0.run.text > $1.run.text }
        return [
            "runs": .array(
                runs.map { run in
                    let agent = policy.agents[run.agent]
                    return [
                        "run": .string(run.run.text), "agent": .string(run.agent.text),
                        "owner": .string(agent?.owner?.address ?? ""),
                        "purpose": .string(agent?.purpose ?? ""),
                        "subject": run.subject.map { .string($0.text) } ?? .null,
                        "point": .string("gateway/\(kill.node)"),
                        "calls": .integer(Int64(inFlight[run.run]?.count ?? 0)),
                        "halted": gateway.halts.match(
                            agent: run.agent, owner: gateway.policy.owner(of: run.agent),
                            server: nil, tool: nil, run: run.run
                        ).map { .string($0.text) } ?? .null,
                    ]
                })
        ]
    }

    /// Takes a signed order to pause or resume a run.
    package func orderRun(_ call: LocalCall) async throws(Problem) -> JSONValue {
        let envelope = try envelope(call.body)
        do throws(RunRefusal) {
            let order = try await runOrders.take(envelope)
            return [
                "run": .string(order.run.text),
                "state": .string(order.action == .pause ? "paused" : "running"),
            ]
        } catch { throw Problem(error) }
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
