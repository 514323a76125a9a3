import InterlockAdministration
import InterlockAlerts
import InterlockApprovals
import InterlockCommandLine
import InterlockCredentials
import InterlockEvals
import InterlockEvidence
import InterlockModel
import InterlockPolicy
import InterlockPorts
import Synchronization

/// The approvers of trials: the people whom the policy names, each with a key that was made for this run of a suite and
/// is kept nowhere. A vote by one of them counts in a gateway of a trial alone.
struct TrialApprovers: Sendable {
    let people: AuthorizedKeysHolder
    private let keys: [Pseudonym: Ed25519PrivateKey]

    /// - Throws: exit 65 if the policy names more people than authorized keys may have.
    init(_ policy: PolicySnapshot, at now: Timestamp) throws(Failure) {
        let pseudonyms = TrialPseudonyms(hashing: OpenSSLHashing())
        var named: Set<Person> = []
        for group in policy.groups.values {
            named.formUnion(group.members)
            if let escalation = group.escalate { named.insert(escalation.to) }
        }
        // A policy without groups asks no one; authorized keys have at least one person.
        if named.isEmpty, let other = Person("eval@interlock.invalid") { named = [other] }
        var keys: [Pseudonym: Ed25519PrivateKey] = [:]
        var trusted: [TrustedPerson] = []
        for person in named.sorted() {
            guard let key = Ed25519PrivateKey(seed: SystemEntropy().bytes(32)) else {
                throw Failure(.internalError, "an approver of trials has no key")
            }
            let pseudonym = pseudonyms.pseudonym(of: person)
            keys[pseudonym] = key
            trusted.append(
                TrustedPerson(
                    person: person, pseudonym: pseudonym, roles: [.resume],
                    keys: [
                        EnrolledKey(key: key.publicKey, added: now - .seconds(60), founding: true)
                    ]))
        }
        do throws(FormError) {
            let trust = try AuthorizedKeys(org: policy.org, people: trusted, nodes: [])
            people = AuthorizedKeysHolder(PeopleDirectory(trust: trust))
        } catch { throw Failure(.data, "the approvers of the policy cannot be used: \(error)") }
        self.keys = keys
    }

    /// Returns the vote of an approver, or nil for a person whom the policy does not name.
    func vote(
        on request: ApprovalRequest, _ verdict: Vote.Verdict, by approver: Pseudonym, nonce: String
    ) -> Envelope? {
        guard let key = keys[approver], let bytes = Base64.decodeURL(nonce) else { return nil }
        let vote = Vote(on: request, verdict, approver: approver, nonce: bytes)
        guard let payload = try? vote.canonical() else { return nil }
        return try? PersonKey.file(key).envelope(.vote, payload)
    }
}

/// Answers each approval request of a trial as its case says.
final class TrialApprovalAnswers: Sendable {
    private let approvers: TrialApprovers
    private let answer: ExpectedApprovals.Answer
    private let clock: TrialApprovalClock
    private let service = Mutex<ApprovalService?>(nil)

    init(
        _ approvers: TrialApprovers, _ answer: ExpectedApprovals.Answer, _ clock: TrialApprovalClock
    ) {
        self.approvers = approvers
        self.answer = answer
        self.clock = clock
    }

    /// Answers the requests of this service from now on.
    func serve(_ service: ApprovalService) { self.service.withLock { $0 = service } }

    /// Answers no further request.
    func end() { service.withLock { $0 = nil } }

    /// Takes a change of a request. Returns at once.
    func take(_ kind: ApprovalNotification.Kind, _ request: ApprovalRequest) {
        guard kind.asks, let service = service.withLock({ $0 }) else { return }
        Task { await respond(to: request.id, of: service) }
    }

    private func respond(to id: ApprovalID, of service: ApprovalService) async {
        switch answer {
        case .approve: await vote(.approve, on: id, of: service)
        case .reject: await vote(.deny, on: id, of: service)
        case .expire: await expire(id, of: service)
        }
    }

    /// Votes as each voter in turn until the request is decided. A refused vote leaves it pending: it then ends as one
    /// that no one answered.
    private func vote(
        _ verdict: Vote.Verdict, on id: ApprovalID, of service: ApprovalService
    ) async {
        for voter in service[id]?.voters ?? [] {
            guard let request = service[id], request.state == .pending else { return }
            guard let nonce = try? await service.challenge(id, for: voter.pseudonym),
                let vote = approvers.vote(
                    on: request, verdict, by: voter.pseudonym, nonce: nonce)
            else { continue }
            _ = try? await service.vote(vote)
        }
        guard service[id]?.state == .pending else { return }
        await expire(id, of: service)
    }

    /// Lets the time of approvals pass the deadline. An escalation before it takes one more step.
    private func expire(_ id: ApprovalID, of service: ApprovalService) async {
        for _ in 0..<4 {
            guard let request = service[id], !request.state.isFinal else { return }
            clock.reach(request.expires + .seconds(1))
            await service.expire()
        }
    }
}
