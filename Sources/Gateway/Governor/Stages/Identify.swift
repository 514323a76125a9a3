import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockMonitoring
import InterlockPolicy
import InterlockPorts
import Synchronization

/// A request whose credential is proven: the caller is known before anything in the body is trusted.
package final class IdentifiedRequest: Sendable {
    package let received: ReceivedRequest
    package let principal: Principal
    /// `Authenticator.revocations` as read before the credential was looked up.
    let revocations: UInt64

    fileprivate init(received: ReceivedRequest, principal: Principal, revocations: UInt64) {
        self.received = received
        self.principal = principal
        self.revocations = revocations
    }
}

extension CallPipeline {
    /// Identifies the caller. Makes nothing durable; a refusal is recorded afterwards.
    func identify(_ received: ReceivedRequest) -> Result<IdentifiedRequest, RefusedRequest> {
        var use: ForeignUse?
        do throws(IdentityFailure) {
            let (principal, revocations) = try principal(of: received)
            guard let agent = gateway.policy.snapshot(for: principal.agent).agents[principal.agent]
            else {
                throw IdentityFailure.unknownAgent(principal.agent.text)
            }
            guard !gateway.isOverdue(agent, at: received.at.wall) else {
                throw IdentityFailure.overdueAgent(principal.agent.text)
            }
            try bind(principal, of: agent, received, &use)
            return .success(
                IdentifiedRequest(
                    received: received, principal: principal, revocations: revocations))
        } catch {
            guard
                let wait = gateway.admission.failures.fail(
                    from: received.head.source, at: received.at.boot)
            else {
                let response = error.challenge(gateway.settings.resource.metadataURL)
                return .failure(RefusedRequest(.http(response), .credential(code: error.code, use)))
            }
            let response = HTTPResponse.tooMany(
                "too many credentials from there do not hold", waitMilliseconds: Int64(wait))
            return .failure(RefusedRequest(.http(response), .credential(code: nil, use)))
        }
    }

    /// Binds a credential: it is valid only for the workloads that the policy names, and only for the first workload
    /// that uses it. The workload of a connection does not change, so a head is bound once.
    ///
    /// - Parameter use: set to a use from elsewhere that people have not been alerted to.
    private func bind(
        _ principal: Principal, of agent: AgentEntry, _ received: ReceivedRequest,
        _ use: inout ForeignUse?
    ) throws(IdentityFailure) {
        let head = received.head
        let now = received.at.wall
        guard gateway.admits(principal, of: agent, from: head.workload) else {
            if gateway.workloads.isNews(agent.name, now: now) { use = .agent(agent.name) }
            throw .foreignWorkload
        }
        guard !head.isBound.load(ordering: .relaxed) else { return }
        switch gateway.workloads.bind(principal, to: head.workload, now: now) {
        case .own:
            gateway.runs.meet(principal, at: head)
            head.isBound.store(true, ordering: .relaxed)
        case .full: throw .noRoom
        case .foreign(let isNews):
            if isNews { use = .token(principal, at: received.at) }
            throw .boundElsewhere
        }
    }

    /// Returns the principal; the caller checks each time whether the agent may act now.
    private func principal(
        of received: ReceivedRequest
    ) throws(IdentityFailure) -> (Principal, revocations: UInt64) {
        let head = received.head
        let now = received.at.wall
        // INVARIANT: read before the lookup, so that a revocation in between invalidates the result.
        let revocations = gateway.ports.authenticator.revocations
        if let proven = head.proven.withLock({ $0 }),
            proven.stands(revocations: revocations, at: now)
        {
            return (proven.principal, revocations)
        }
        let principal = try gateway.ports.authenticator.identify(bearer: head.bearer, now: now)
        guard
            !gateway.halts.isCutOff(
                principal, owner: { gateway.policy.owner(of: principal.agent) }, at: now)
        else { throw .revoked }
        // The expiry alone would suffice, unless a clock was set back or a revocation was forgotten.
        guard !gateway.ledger.hasEnded(run: principal.run) else { throw .expired }
        // A token of this gateway extended its run when it was issued.
        if principal.isFromOutside {
            guard gateway.runs.extend(principal.run, of: principal.agent, to: principal.expires)
            else { throw .expired }
        }
        head.proven.withLock { $0 = ProvenCredential(principal, revocations: revocations, at: now) }
        return (principal, revocations)
    }
}

extension IdentityFailure {
    /// A stable code for records.
    var code: String {
        switch self {
        case .missing: "no_token"
        case .malformed: "malformed_token"
        case .badSignature: "bad_signature"
        case .wrongAudience: "wrong_audience"
        case .expired: "expired"
        case .notYetValid: "not_yet_valid"
        case .unknownAgent: "unknown_agent"
        case .overdueAgent: "overdue_agent"
        case .revoked: "revoked"
        case .unsupportedToken: "unsupported_token"
        case .unknownIssuer: "unknown_issuer"
        case .unknownKey: "unknown_key"
        case .noKeys: "no_keys"
        case .unknownClient: "unknown_client"
        case .foreignWorkload: "foreign_workload"
        case .boundElsewhere: "bound_elsewhere"
        case .noRoom: "no_room"
        }
    }

    /// The code with hyphens, as in refusals.
    var reason: String { code.replacing("_", with: "-") }

    var explanation: String {
        switch self {
        case .missing: "send the agent's token as a bearer token"
        case .malformed: "the token is malformed"
        case .badSignature: "the token's signature does not hold"
        case .wrongAudience: "the token is for another audience"
        case .expired: "the token has expired"
        case .notYetValid: "the token is not valid yet"
        case .unknownAgent: "the token's agent is not registered"
        case .overdueAgent: "the review of the token's agent is more than 14 days late"
        case .revoked: "the token was revoked"
        case .unsupportedToken: "the token's algorithm, type or condition is not taken here"
        case .unknownIssuer: "the token's issuer is not trusted here"
        case .unknownKey: "the token's key is not known here; try again in a minute"
        case .noKeys: "the keys of the token's issuer are not known now; try again in a minute"
        case .unknownClient: "the token does not identify a registered agent"
        case .foreignWorkload: "the token's agent does not run where this request comes from"
        case .boundElsewhere: "the token is bound to where it was first used from"
        case .noRoom: "no more tokens can be bound now"
        }
    }

    /// Returns 401 with the challenge of RFC 6750, section 3; it has no error code if no token was sent.
    func challenge(_ metadata: String) -> HTTPResponse {
        var value = "Bearer realm=\"interlock\", resource_metadata=\"\(metadata)\""
        if self != .missing {
            value += ", error=\"invalid_token\", error_description=\"\(explanation)\""
        }
        return .plain(401, explanation, ("www-authenticate", value))
    }
}
