import InterlockLimits
import InterlockModel
import InterlockPolicy
import InterlockPorts

extension CallPipeline {
    /// Applies the rate limit on the head alone, before the body is read. Makes nothing durable.
    func checkPace(_ identified: IdentifiedRequest) -> Result<Void, RefusedRequest> {
        checkPace(identified.principal.agent, at: identified.received.at)
    }

    /// The same for a request whose agent the connection proves.
    func checkPace(_ agent: AgentName, at now: ClockReading) -> Result<Void, RefusedRequest> {
        // Canaries must call also where agents may hardly; only the gateway has their tokens.
        guard !agent.isCanary,
            let wait = gateway.admission.requests.take(agent, at: now.boot)
        else { return .success(()) }
        let response = HTTPResponse.tooMany(
            "more requests than \(gateway.settings.doors.requests)",
            waitMilliseconds: wait.microseconds / 1_000)
        return .failure(
            RefusedRequest(.http(response), .counted(agent, nil, code: "limit.requests")))
    }

    /// Refuses an agent that has used up its bytes of results. Counts the call as in progress, and returns the agent and
    /// server, which must leave when the call has ended, or nil for a call of a host. Makes nothing durable; a refusal is
    /// recorded afterwards.
    func enterFlight(
        _ decided: DecidedCall
    ) -> Result<(agent: AgentName, server: ServerName)?, RefusedRequest> {
        let (agent, server) = (decided.call.principal.agent, decided.address.server)
        do throws(LimitExceeded) {
            try gateway.limits.check(
                .resultBytes, of: agent, most: gateway.settings.doors.most(.resultBytes))
        } catch { return .failure(gateway.refused(decided.resolved, error)) }
        // The host bounds what it executes at a time, and may never tell the end of a call that its user refused.
        guard decided.call.host == nil else { return .success(nil) }
        do throws(ConcurrencyLimiter.Full) {
            try gateway.admission.flights.enter(agent, server)
            return .success((agent: agent, server: server))
        } catch {
            let refusal = Refusal.inFlight(error, spread: decided.call.id.spread(1_000))
            return .failure(
                RefusedRequest(
                    .refused(refusal),
                    .undecided(decided.resolved.refused, code: refusal.code, rule: refusal.rule)))
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
