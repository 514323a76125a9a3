import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPolicy
import Synchronization

/// A request whose credential is proven: who calls is known before anything in the body is believed.
package final class IdentifiedRequest: Sendable {
    package let received: ReceivedRequest
    package let principal: Principal

    fileprivate init(received: ReceivedRequest, principal: Principal) {
        self.received = received
        self.principal = principal
    }
}

extension CallPipeline {
    /// On disk when it returns: nothing; a refusal is recorded after.
    func identify(_ received: ReceivedRequest) -> Result<IdentifiedRequest, Stop> {
        do throws(IdentityFailure) {
            let principal = try principal(of: received)
            guard let agent = gateway.policy.snapshot.agents[principal.agent] else {
                throw IdentityFailure.unknownAgent(principal.agent.text)
            }
            guard !agent.isOverdue(at: received.at.wall) else {
                throw IdentityFailure.overdueAgent(principal.agent.text)
            }
            return .success(IdentifiedRequest(received: received, principal: principal))
        } catch {
            gateway.counters.unauthenticated.count()
            gateway.ledger.note(
                RecordDraft(
                    .accessRefused, run: nil, fields: ["code": .string("access." + error.code)]))
            return .failure(.http(error.challenge(gateway.settings.resourceMetadata)))
        }
    }

    /// Whether the agent may act now is asked by the caller, each time.
    private func principal(of received: ReceivedRequest) throws(IdentityFailure) -> Principal {
        let head = received.head
        let now = received.at.wall
        // INVARIANT: read before the look-up, so that a revocation meanwhile makes it count no more.
        let revocations = gateway.authenticator.revocations
        if let proven = head.proven.withLock({ $0 }),
            proven.stands(revocations: revocations, at: now)
        {
            return proven.principal
        }
        let principal = try gateway.authenticator.identify(bearer: head.bearer, now: now)
        // Times alone would say the same, unless a clock was set back or a revocation forgotten.
        guard !gateway.ledger.hasEnded(run: principal.run) else { throw .expired }
        head.proven.withLock {
            $0 = ProvenCredential(principal, revocations: revocations, at: now)
        }
        return principal
    }
}

extension IdentityFailure {
    /// Stable, for records.
    fileprivate var code: String {
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
        }
    }

    private var explanation: String {
        switch self {
        case .missing: "send the agent's token as a bearer token"
        case .malformed: "the token is malformed"
        case .badSignature: "the token is not signed by this gateway"
        case .wrongAudience: "the token is for another audience"
        case .expired: "the token has expired"
        case .notYetValid: "the token is not valid yet"
        case .unknownAgent: "the token's agent is not registered"
        case .overdueAgent: "the review of the token's agent is more than 14 days late"
        case .revoked: "the token was revoked"
        }
    }

    /// 401 with the challenge of RFC 6750, section 3: no error code when no token was sent.
    fileprivate func challenge(_ metadata: String) -> HTTPResponse {
        var value = "Bearer realm=\"interlock\", resource_metadata=\"\(metadata)\""
        if self != .missing {
            value += ", error=\"invalid_token\", error_description=\"\(explanation)\""
        }
        return .plain(401, explanation, ("www-authenticate", value))
    }
}
