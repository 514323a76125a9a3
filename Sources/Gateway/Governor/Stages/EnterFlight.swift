import InterlockLimits
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension CallPipeline {
    /// Applies the rate limit on the head alone, before the body is read. Makes nothing durable.
    func checkPace(_ identified: IdentifiedRequest) -> Result<Void, PipelineExit> {
        let agent = identified.principal.agent
        guard let wait = gateway.requests.take(agent, at: identified.received.at.boot) else {
            return .success(())
        }
        gateway.countDenial(of: agent, at: nil, code: "limit.requests")
        let rate = gateway.settings.doors.requests
        return .failure(
            .http(
                .tooMany(
                    "more requests than \(rate)", waitMilliseconds: wait.microseconds / 1_000)))
    }

    /// Counts the call as in progress, and returns the agent and server, which must leave when the call has ended.
    /// Makes nothing durable; a refusal is recorded afterwards.
    func enterFlight(_ decided: DecidedCall) -> Result<(AgentName, ServerName), PipelineExit> {
        let (agent, server) = (decided.call.principal.agent, decided.address.server)
        do throws(ConcurrencyLimiter.Full) {
            try gateway.flights.enter(agent, server)
            return .success((agent, server))
        } catch {
            let refusal = Refusal.inFlight(error, spread: decided.call.id.spread(1_000))
            let resolved = decided.resolved
            gateway.countDenial(of: agent, at: resolved.address, code: refusal.code)
            gateway.note(
                gateway.records.denied(
                    resolved.call.id, run: resolved.run, address: resolved.address,
                    arguments: resolved.canonicalArguments, policy: resolved.policy.digest,
                    code: refusal.code, rule: refusal.rule, context(of: resolved)),
                under: resolved.policy.digest)
            return .failure(.refused(refusal))
        }
    }
}

extension Refusal {
    fileprivate static func inFlight(_ full: ConcurrencyLimiter.Full, spread wait: Int) -> Refusal {
        let (limit, text) =
            switch full {
            case .agent(let most): ("inflight.agent", "\(most) calls of this agent are under way")
            case .server(let most):
                ("inflight.server", "\(most) calls to this server are under way")
            }
        return Refusal(
            .limited, "limit", "inflight", rule: limit, text, retryAfterMilliseconds: wait,
            limit: limit, outcome: .notExecuted)
    }
}

extension HTTPResponse {
    /// - Parameter waitMilliseconds: reported in whole seconds, at least 1.
    static func tooMany(_ text: String, waitMilliseconds: Int64) -> HTTPResponse {
        let seconds = max(1, (waitMilliseconds + 999) / 1_000)
        return .plain(429, text, ("retry-after", String(seconds)))
    }
}
