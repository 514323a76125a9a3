import InterlockApprovals
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts

extension LocalAPI {
    /// What breakers hold back now: runs, servers and tools.
    func breakers() -> JSONValue {
        func time(_ time: Timestamp) -> JSONValue { .string(time.rfc3339(fractionDigits: 0)) }
        let runs = gateway.runHolds.map { held in
            var object: JSONObject = [
                "run": .string(held.run.text), "agent": .string(held.agent.text),
                "state": .string(held.state), "reason": .string(held.reason),
            ]
            object["until"] = held.until.map(time)
            return JSONValue.object(object)
        }
        let servers = gateway.openBreakers.map { breaker in
            var object: JSONObject = [
                "name": .string(breaker.name), "state": .string(breaker.state.text),
            ]
            if case .open(let until) = breaker.state { object["until"] = time(until) }
            return JSONValue.object(object)
        }
        return ["runs": .array(runs), "servers": .array(servers)]
    }

    /// What a person signed about a run.
    func orderRun(_ body: JSONValue) async throws(LocalRefusal) -> JSONValue {
        let envelope = try envelope(body)
        do throws(RunRefusal) {
            let order = try await runOrders.take(envelope)
            return [
                "run": .string(order.run.text),
                "state": .string(order.deed == .pause ? "paused" : "running"),
            ]
        } catch {
            throw LocalRefusal(error.status, "\(error)")
        }
    }

    /// The body is `{reason}`. The operator does this alone: one call tries, nothing more.
    func closeBreaker(
        _ name: String, _ body: JSONValue, by listener: Listener
    ) async throws(LocalRefusal) -> JSONValue {
        guard case .local(let uid, _) = listener else { throw .noSuchRequest }
        let reason: String
        do throws(FormError) {
            reason = try StrictFields(body, required: ["reason"]).string("reason", length: 8...500)
        } catch {
            throw LocalRefusal(400, "\(error)")
        }
        let by = pseudonyms.pseudonym(of: Person(localUser: uid))
        switch await gateway.letOneTry(name, reason: reason, by: by) {
        case .done: return ["name": .string(name), "state": "half-open"]
        case .notOpen:
            throw LocalRefusal(404, "no breaker of that name is open", help: "interlock breakers")
        case .notRecorded(let code): throw LocalRefusal(503, "the log did not take it: \(code)")
        }
    }
}
