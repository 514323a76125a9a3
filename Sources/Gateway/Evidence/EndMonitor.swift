package import InterlockGovernor
package import InterlockModel
import InterlockPolicy
import Synchronization

/// Raises the alerts about what ends: credentials of servers, reviews of agents, keys and passkeys of people, and the
/// certificate of the gateway (docs/specs/limits-and-monitoring.md, section 11).
///
/// The raised alerts are kept in memory, so a restart raises the alert that is due again.
package final class EndMonitor: Sendable {
    /// Returns the end of the certificate that is served, or nil without TLS.
    package typealias Certificate = @Sendable () -> Timestamp?

    private struct State {
        var raised: [Ending: EndNotice] = [:]
        var next: BootTime?
        /// The policy that was examined last.
        var policy: Digest?
        var certificate: Certificate = { nil }
        /// The ends that a policy states, the first one first; kept because pages ask for them too.
        var endings: (policy: PolicySnapshot, all: [Ending])?
    }

    private static let pause: Duration = .seconds(60)
    private let gateway: Gateway
    private let people: AuthorizedKeysHolder
    private let state = Mutex(State())

    package init(_ gateway: Gateway, people: AuthorizedKeysHolder) {
        self.gateway = gateway
        self.people = people
    }

    package func observe(_ certificate: @escaping Certificate) {
        state.withLock { $0.certificate = certificate }
    }

    /// Raises what is due and was not raised yet. Called every second; looks once a minute, and at once at a new policy.
    package func sweep() {
        let now = gateway.clock.now
        let policy = gateway.policy.snapshot
        let isTime = state.withLock { state in
            if let next = state.next, now.boot < next, state.policy == policy.digest {
                return false
            }
            state.policy = policy.digest
            state.next = now.boot + Self.pause
            return true
        }
        if isTime { raise(under: policy, at: now.wall) }
    }

    private func raise(under policy: PolicySnapshot, at now: Timestamp) {
        let due = due(under: policy, at: now)
        let new = state.withLock { state in
            defer { state.raised = Dictionary(due) { first, _ in first } }
            return due.filter { state.raised[$0.0] != $0.1 }
        }
        for (ending, notice) in new {
            let code = ending.kind.code(of: notice)
            if let agent = ending.agent {
                gateway.raise(alarm: code, subject: ending.subject, about: agent)
            } else {
                gateway.raise(alarm: code, subject: ending.subject)
            }
        }
    }

    private func endings(of policy: PolicySnapshot) -> [Ending] {
        if let known = state.withLock(\.endings), known.policy === policy { return known.all }
        let all = Ending.all(of: policy).sorted { $0.end < $1.end }
        state.withLock { $0.endings = (policy, all) }
        return all
    }

    /// True of the review date of a policy file for which a review was signed, or that people postponed.
    private func isLifted(
        _ ending: Ending, under policy: PolicySnapshot, at now: Timestamp
    ) -> Bool {
        guard ending.kind == .review, let agent = ending.agent, let entry = policy.agents[agent]
        else { return false }
        return gateway.reviewState(of: entry, at: now) == .lifted
    }

    /// All that ends within 14 days or has ended: by the policy, the first to end first, then for people.
    private func due(under policy: PolicySnapshot, at now: Timestamp) -> [(Ending, EndNotice)] {
        let certificate = state.withLock { $0.certificate }()
        let others =
            Ending.keys(of: people.trust)
            + [certificate.map { Ending(.certificate, "tls", end: $0) }].compactMap(\.self)
        // There may be ten thousand, and those after the first that is not due are not due either.
        let soon = endings(of: policy).prefix { $0.notice(at: now) != nil }
            .filter { !isLifted($0, under: policy, at: now) }
        return (soon + others).compactMap { ending in
            ending.notice(at: now).map { (ending, $0) }
        }
    }

    /// All that ends within 14 days or has ended, the first to end first.
    package func due(at now: Timestamp) -> [DueEnd] {
        let trust = people.trust
        return due(under: gateway.policy.snapshot, at: now).map { ending, notice in
            DueEnd(
                kind: ending.kind, subject: ending.subject, agent: ending.agent,
                holder: ending.kind == .key
                    ? trust?.person(Pseudonym(text: ending.subject))?.person : nil,
                end: ending.end, notice: notice)
        }.sorted { $0.end < $1.end }
    }
}

/// Something that ends soon or has ended.
package struct DueEnd: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case credential, review, key, certificate }

    package let kind: Kind
    /// The server and agent, the agent, the person's pseudonym, or `tls`.
    package let subject: String
    package let agent: AgentName?
    /// The person whose key it is.
    package let holder: Person?
    package let end: Timestamp
    package let notice: EndNotice
}

extension DueEnd.Kind {
    fileprivate func code(of notice: EndNotice) -> String {
        let isPast = if case .overdue = notice { true } else { false }
        return switch self {
        case .credential: isPast ? "credential.rotation_overdue" : "credential.rotation_due"
        case .review: isPast ? "review.overdue" : "review.due"
        case .key: isPast ? "key.expired" : "key.expiring"
        case .certificate: isPast ? "certificate.expired" : "certificate.expiring"
        }
    }
}

/// Something that ends, soon or not.
private struct Ending: Hashable {
    typealias Kind = DueEnd.Kind

    let kind: Kind
    let subject: String
    /// The agent whose owner is notified.
    let agent: AgentName?
    let end: Timestamp

    init(_ kind: Kind, _ subject: String, of agent: AgentName? = nil, end: Timestamp) {
        self.kind = kind
        self.subject = subject
        self.agent = agent
        self.end = end
    }

    /// The alert that is due. A key is replaced by another one and stays in the list, so its end is raised once.
    func notice(at now: Timestamp) -> EndNotice? {
        let notice = EndNotice(of: end, at: now)
        if kind == .key, case .overdue(let days) = notice, days > 0 { return nil }
        return notice
    }

    /// The credentials and reviews of a policy.
    static func all(of policy: PolicySnapshot) -> [Ending] {
        var all: [Ending] = []
        for server in policy.servers.values.sorted(by: { $0.name < $1.name }) {
            for (agent, credential) in server.credentials.sorted(by: { $0.key < $1.key }) {
                guard let last = credential.rotation?.on else { continue }
                all.append(
                    Ending(.credential, "\(server.name)/\(agent)", of: agent, end: last.end))
            }
        }
        for agent in policy.roster.all {
            guard let last = agent.reviewBy else { continue }
            all.append(Ending(.review, agent.name.text, of: agent.name, end: last.end))
        }
        return all
    }

    /// The ends of each holder's keys and of each holder's passkeys, by pseudonym: of those that are not revoked the last
    /// one. It is what ends a person's access; a newer key of a person replaces an older one.
    static func keys(of trust: AuthorizedKeys?) -> [Ending] {
        guard let trust else { return [] }
        let keys = trust.people.compactMap { person in
            last(person.keys.filter { !$0.isRevoked }.map(\.expires)).map {
                Ending(.key, person.pseudonym.text, end: $0)
            }
        }
        let held = Dictionary(grouping: trust.passkeys.filter { $0.revoked == nil }, by: \.holder)
        let passkeys = held.compactMap { holder, passkeys in
            last(passkeys.map(\.expires)).map { Ending(.key, holder.text, end: $0) }
        }
        return keys + passkeys
    }

    /// Returns the last of these ends, or nil if one has no end or there are none.
    private static func last(_ ends: [Timestamp?]) -> Timestamp? {
        ends.contains(nil) ? nil : ends.compactMap(\.self).max()
    }
}
