import InterlockGovernor
import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// The question of a host whether it may start, and the result of `doctor` that the answer has
/// (docs/specs/coding-agents.md, section 6). Neither begins a session.
extension HostSessionService {
    static func isOfStatus(_ head: RequestHead) -> Bool { sameBytes(head.path, HostStatus.path) }

    static func isOfDoctor(_ head: RequestHead) -> Bool { sameBytes(head.path, DoctorResult.path) }

    func status(of agent: AgentName) async -> HTTPResponse {
        let results = await doctor.results(of: agent)
        let status = HostStatus(
            agent: agent, halt: gateway.halt(of: agent), policy: gateway.policy.snapshot.digest,
            policyState: policyState, doctor: results)
        return HTTPResponse(
            status: 200, headers: [("content-type", "application/json")], body: status.wire)
    }

    private var policyState: HostStatus.PolicyState {
        if gateway.policy.isFounding { return .unsigned }
        return isReloadRefused() ? .reloadRefused : .signed
    }

    func take(_ body: [UInt8], of agent: AgentName) async -> HTTPResponse {
        let result: DoctorResult
        do throws(FormError) { result = try DoctorResult(parsing: body) } catch {
            return .plain(400, "not a result of doctor: \(error)")
        }
        if let refused = doctor.take(agent) {
            noteRefusal(
                of: agent, counted: "limit.doctor",
                recorded: refused.isFirst ? "access.too_many_results" : nil)
            return .tooManyResults
        }
        do throws(LedgerRefusal) {
            try await doctor.record(result, of: agent)
            return .plain(201, "recorded")
        } catch { return .plain(503, "the result is not recorded: \(error.code)") }
    }
}

extension HTTPResponse {
    fileprivate static var tooManyResults: HTTPResponse {
        let limit = AgentRateLimiter.doctorResults.text
        return .plain(
            429, "too many results of doctor: an agent reports \(limit); try again in a minute",
            ("retry-after", "60"))
    }
}
