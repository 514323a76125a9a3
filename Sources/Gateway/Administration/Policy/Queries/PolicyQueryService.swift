package import InterlockEvidence
package import InterlockGovernor
package import InterlockJSON
package import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
package import InterlockPorts
import Synchronization

/// The policy for readers on the people plane: decides who may see what of it, and puts it into words.
package final class PolicyQueryService: Sendable {
    /// Runs slow work on another thread; returns false, without running it, if too much work waits.
    package typealias Aside = @Sendable (@escaping @Sendable () -> Void) -> Bool

    let gateway: Gateway
    let policies: PolicyService
    let hashing: any Hashing
    let sources: (any PolicySources)?
    let aside: Aside
    let reaches = AgentReachCache()
    let excerpts = PolicyExcerptCache()
    /// The last comparison, finished or not.
    let compared = Mutex<RevisionReading?>(nil)
    /// The organisation's rules in the policy in force; every page of rules is a selection of them.
    private let listed = Mutex<(policy: PolicySnapshot, rules: [EffectiveRule])?>(nil)

    /// - Parameter sources: nil if the files of the policy in force are not stored.
    package init(
        gateway: Gateway, policies: PolicyService, hashing: any Hashing,
        sources: (any PolicySources)? = nil, aside: @escaping Aside
    ) {
        self.gateway = gateway
        self.policies = policies
        self.hashing = hashing
        self.sources = sources
        self.aside = aside
    }

    var snapshot: PolicySnapshot { gateway.policy.snapshot }

    func asideOfCaller<Value: Sendable>(
        _ work: @escaping @Sendable () -> Value
    ) async throws(PolicyReadingRefusal) -> Value {
        let value: Value? = await withCheckedContinuation { continuation in
            if !aside({ continuation.resume(returning: work()) }) {
                continuation.resume(returning: nil)
            }
        }
        guard let value else { throw .busy }
        return value
    }

    func organisationRules(of policy: PolicySnapshot) -> [EffectiveRule] {
        if let listed = listed.withLock({ $0 }), listed.policy === policy { return listed.rules }
        let rules = policy.organisationRules
        listed.withLock { $0 = (policy, rules) }
        return rules
    }
}

extension PolicyQueryService: PolicyQueries {
    package func overview(for visibility: Visibility) -> PolicyOverview {
        let active = policies.active
        let policy = active.snapshot
        let status: PolicyOverview.Status =
            switch policies.status {
            case .founding: .founding
            case .signed(let people, let basis):
                basis.isAuthorAlone ? .signedByAuthorAlone(people) : .signed(people)
            }
        return PolicyOverview(
            digest: policy.digest, org: policy.org, revision: policy.revision,
            compiled: policy.basis.compiled, status: status,
            signed: active.signOff.flatMap {
                $0.identity == active.identity ? $0.signatures.map(\.at).max() : nil
            }, owners: policy.owners, lock: policies.lock.words, servers: policy.servers.count,
            tools: policy.toolAddresses.count,
            agents: visibility.seesAll ? policy.agents.count : visibility.own.count,
            findings: policy.findings.filter { visibility.sees($0, of: policy) }.map(
                PolicyFinding.init),
            notEnforced: visibility.seesAll
                ? policy.notEnforced
                : visibility.own.sorted().flatMap { name in
                    policy.agents[name].map(policy.notEnforced(of:)) ?? []
                },
            last: policies.last.map {
                PolicyReload(
                    $0, for: visibility, of: policy, isReader: policy.isRead(by: visibility))
            }, isProposed: policies.hasRevisionInReview && policy.isRead(by: visibility))
    }

    package func rules(for visibility: Visibility) -> [PolicyRule] {
        organisationRules(of: snapshot).compactMap { PolicyRule($0, for: visibility) }
    }

    package func agents(
        named text: String?, page: Int, for visibility: Visibility
    ) -> PolicyAgentListing {
        let policy = snapshot
        let seen =
            visibility.seesAll
            ? policy.roster.all
            : visibility.own.sorted().compactMap { policy.agents[$0] }
        let found = text.map { text in seen.filter { $0.name.text.contains(text) } } ?? seen
        return PolicyAgentListing(found, page: page) { agent in
            PolicyAgent(agent, gateway.trust(of: agent.name))
        }
    }

    package func agent(
        _ name: AgentName, for visibility: Visibility
    ) async throws(PolicyReadingRefusal) -> AgentRules {
        let policy = snapshot
        guard visibility.sees(name), policy.agents[name] != nil else { throw .missing }
        let now = gateway.clock.wall
        let trust = gateway.trust(of: name)
        let found = try await asideOfCaller {
            AgentRules(policy, of: name, trust, for: visibility, at: now)
        }
        guard let found else { throw .missing }
        return found
    }
}

extension Visibility {
    /// Returns false if a path in the policy, such as `agents.refunds.limits`, is about an agent that is not visible.
    fileprivate func sees(path: String) -> Bool {
        guard let name = PolicyPath.agent(of: path) else { return true }
        return AgentName(name).map(sees) ?? seesAll
    }

    /// Returns false if a finding is about an agent that is not visible or names one, as a finding about a waiver or an
    /// elevation may.
    fileprivate func sees(_ finding: Finding, of policy: PolicySnapshot) -> Bool {
        guard !seesAll else { return true }
        let words = [finding.message, finding.help ?? ""].lazy
            .flatMap { $0.split { !$0.isASCII || !($0.isLetter || $0.isNumber || $0 == "-") } }
        return sees(path: finding.path)
            && !words.contains { word in
                AgentName(String(word)).map { policy.agents[$0] != nil && !sees($0) } ?? false
            }
    }
}

extension PolicyFinding {
    init(_ finding: Finding) {
        self.init(
            place: finding.place, code: finding.code.rawValue, message: finding.message,
            help: finding.help, isWaived: finding.waived)
    }
}

extension PolicyReload {
    /// - Parameters:
    ///   - policy: the policy in force.
    ///   - isReader: whether the person may read everything that was refused.
    fileprivate init(
        _ report: ReloadReport, for visibility: Visibility, of policy: PolicySnapshot,
        isReader: Bool
    ) {
        self.init(
            at: report.at,
            refusal: report.refusal.map { refusal in
                RefusalView(refusal) { isReader || visibility.sees($0, of: policy) }
            })
    }
}

extension PolicyReload.RefusalView {
    /// States the refusal in one sentence; the findings are listed separately.
    init(_ refusal: RevisionRefusal, where isSeen: (Finding) -> Bool = { _ in true }) {
        let sentence =
            switch refusal {
            case .findings: "the policy is refused"
            case .newLints: "it has lint errors that the policy in force has not"
            default: "\(refusal)"
            }
        self.init(
            code: refusal.code, sentence: sentence,
            findings: refusal.findings.prefix(Findings.most).filter(isSeen)
                .map(PolicyFinding.init))
    }
}

extension LockStatus {
    /// The status in words, for people.
    fileprivate var words: String {
        switch self {
        case .absent: "absent: the first definition that a server offers is pinned"
        case .unsigned(let problem): "in force, without a valid signature: \(problem)"
        case .signed(let people):
            people.isEmpty
                ? "in force, signed before"
                : "in force, signed by \(people.map(\.address).joined(separator: ", "))"
        case .refused(let problem): "refused, so no server is offered: \(problem)"
        }
    }
}

/// Read access to the policy for people: the policy in force, its rules for one agent, and the revision that waits on
/// disk.
package protocol PolicyQueries: Sendable {
    /// Reads memory only.
    func overview(for visibility: Visibility) -> PolicyOverview

    /// Returns the organisation's rules, by kind, without those that are only about agents that are not visible.
    func rules(for visibility: Visibility) -> [PolicyRule]

    /// Returns one page of the visible agents, by name.
    ///
    /// - Parameters:
    ///   - text: a part of the names, or nil for all.
    ///   - page: from 1; a number beyond the last page gives the last one.
    func agents(
        named text: String?, page: Int, for visibility: Visibility
    ) -> PolicyAgentListing

    /// Computes the rules of one agent on another thread.
    ///
    /// - Throws: `missing`, also if the agent is not visible.
    func agent(
        _ name: AgentName, for visibility: Visibility
    ) async throws(PolicyReadingRefusal) -> AgentRules

    /// Returns the revision on disk that is not in force, or the one in force while none was ever signed off. It is
    /// compared once, on another thread.
    ///
    /// - Throws: `missing` if there is none to review or this person may not read it.
    func proposal(for visibility: Visibility) async throws(PolicyReadingRefusal) -> PolicyProposal

    /// Returns one page of the matrix of who may do what, for the visible agents. What it shows is computed once for each
    /// revision and the terms of each agent.
    ///
    /// - Parameters:
    ///   - page: the page of rows, from 1; a number beyond the last page gives the last one.
    ///   - columns: the page of columns, likewise.
    /// - Throws: `busy` while a filter waits for the reach of every agent.
    func matrix(
        _ filter: MatrixFilter, page: Int, columns: Int, for visibility: Visibility
    ) async throws(PolicyReadingRefusal) -> PolicyMatrix

    /// Returns what an agent can do with the tools of one server.
    ///
    /// - Throws: `missing`, also if the agent is not visible.
    func cell(
        of agent: AgentName, at server: ServerName, for visibility: Visibility
    ) async throws(PolicyReadingRefusal) -> MatrixDetail

    /// Returns a rule by its name, or nil if the policy in force has none of this name, or it is only about agents that
    /// are not visible. Reads memory only.
    func rule(named name: String, for visibility: Visibility) -> PolicyRule?

    /// Returns a rule with the lines that state it.
    ///
    /// - Throws: `missing`, also if the rule is only about agents that are not visible.
    func ruleDetail(
        named name: String, for visibility: Visibility
    ) async throws(PolicyReadingRefusal) -> PolicyRuleDetail

    /// Returns the arguments of a call that have a unit by the tool's entry in the policy in force. Reads memory only.
    func amounts(of tool: ToolAddress, in arguments: JSONValue) -> CallAmounts
}

package enum PolicyReadingRefusal: Error, Sendable, Hashable {
    case missing
    /// Too much is being computed already; the caller may try again.
    case busy
}
