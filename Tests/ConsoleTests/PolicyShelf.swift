import InterlockApprovals
import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import Synchronization

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockEvidence
@testable import InterlockGovernor
@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// A synthetic policy: any role may read the pending revision, and every text is hostile.
final class PolicyShelf: PolicyQueries {
    static let digest = ConsoleOffice().hashing.sha256([1])
    static let waiting = ConsoleOffice().hashing.sha256([2])
    static let identity = ConsoleOffice().hashing.sha256([3])
    static let texts = Hostile.texts + [String(repeating: "<b>\"", count: 2500)]
    /// Paths with the same texts, none of them longer than a path can be or empty.
    static let paths = texts.map { "agents/\($0.prefix(4000))" }
    let isBusy = Mutex(false)
    /// The number of rules and agents in addition to the few fixed ones.
    let more: Int

    init(more: Int = 0) { self.more = more }

    static func place(_ line: Int, file: String = "agents/refunds.yaml") -> PolicyLocation {
        PolicyLocation(file: file, line: line, column: 5)
    }

    static let findings = texts.enumerated().map { number, text in
        PolicyFinding(
            place: place(number, file: text), code: "W212", message: text, help: text,
            isWaived: number == 0)
    }

    private func agent(_ name: AgentName) -> PolicyAgent {
        PolicyAgent(
            name: name, owner: Person("p1@acme.example"), tier: .high, stage: .trusted,
            acting: .supervised,
            place: Self.place(12))
    }

    private func people(_ visibility: Visibility) -> [Person] {
        visibility.person.map { [$0] } ?? []
    }

    func overview(for visibility: Visibility) -> PolicyOverview {
        PolicyOverview(
            digest: Self.digest, org: Self.texts[0], revision: Self.texts[1],
            compiled: ConsoleOffice.start,
            status: .signed(people(visibility)), signed: ConsoleOffice.start,
            owners: people(visibility),
            lock: Self.texts[2], servers: 1, tools: 2, agents: agents(for: visibility).count,
            findings: Self.findings, notEnforced: Self.texts,
            last: PolicyReload(
                at: ConsoleOffice.start,
                refusal: PolicyReload.RefusalView(
                    code: "findings", sentence: Self.texts[0], findings: Self.findings)),
            isProposed: visibility.seesAll)
    }

    func rules(for visibility: Visibility) -> [PolicyRule] {
        Self.texts.enumerated().map { number, text in
            PolicyRule(
                kind: number == 0 ? "forbid" : "control", name: text, subject: text, text: text,
                place: number == 1 ? nil : Self.place(number), agents: [])
        }
            + (0..<more).map {
                PolicyRule(
                    kind: "tool", name: "servers.desk.tools.tool\($0)",
                    subject: "desk.tool\($0)", text: "class read",
                    place: Self.place($0), agents: [])
            }
    }

    func agents(
        named text: String?, page: Int, for visibility: Visibility
    ) -> PolicyAgentListing {
        let all = agents(for: visibility)
        return PolicyAgentListing(
            text.map { text in all.filter { $0.name.text.contains(text) } } ?? all, page: page
        ) { $0 }
    }

    private func agents(for visibility: Visibility) -> [PolicyAgent] {
        let names = ["refunds", "triage"] + (0..<more).map { "agent\($0)" }
        return names.compactMap { AgentName($0) }.filter(visibility.sees).map(agent)
    }

    func agent(
        _ name: AgentName, for visibility: Visibility
    ) async throws(PolicyReadingRefusal) -> AgentRules {
        guard agents(for: visibility).contains(where: { $0.name == name }) else { throw .missing }
        return AgentRules(
            agent: agent(name), purpose: Self.texts[0], reviewBy: "2026-12-01",
            sandbox: Self.texts[1], approvers: Self.texts[2], people: people(visibility),
            held: ["L103"],
            reached: Self.texts.map { text in
                AgentRules.Reached(
                    tool: "desk.tool", verdicts: ["allow", "approve 2"], outcome: text,
                    effects: ["production"], sends: false,
                    cases: [text],
                    guards: [text], elevations: [text], limits: ["10/d"])
            }, toolCount: 40, flows: Self.texts, tasks: Self.texts,
            rules: rules(for: visibility))
    }

    func proposal(
        for visibility: Visibility
    ) async throws(PolicyReadingRefusal) -> PolicyProposal {
        guard visibility.seesAll else { throw .missing }
        guard !isBusy.withLock({ $0 }) else { throw .busy }
        return PolicyProposal(
            digest: Self.waiting, identity: Self.identity, revision: Self.texts[0],
            active: Self.digest, activeIdentity: Self.digest, tests: Self.digest,
            seen: ConsoleOffice.start,
            refusal: PolicyReload.RefusalView(
                code: "sign_off", sentence: "the revision is not signed", findings: []),
            meaning: "widens",
            changes: Self.texts.map { text in
                PolicyChange(
                    direction: .widens, agent: "refunds", subject: text, new: text, old: text,
                    witness: Hostile.arguments, time: "2026-11-20T10:00:00Z", stage: "trusted",
                    notes: [text])
            }, files: Self.texts, findings: Self.findings,
            signing: SignOffProgress(
                author: nil, isAuthors: false, signers: [], uncounted: 0, need: 2,
                eligible: people(visibility)), texts: Self.diff,
            worst: WorstCaseComparison(
                changes: [AgentName("refunds")].compactMap { $0 }.map { agent in
                    WorstCaseChange(
                        agent: agent,
                        lines: Self.texts.map {
                            WorstCaseChange.Line(subject: $0, before: $0, after: $0)
                        })
                }, unread: 3))
    }

    /// One file with every hostile text as a line that is removed, added and kept.
    static let diff = RevisionFileDiff(
        files: zip(texts, paths).map { text, path in
            FileDiff(
                path: path, change: .changed, digest: digest, added: 1, removed: 1,
                hunks: [
                    FileDiff.Hunk(
                        oldStart: 7, newStart: 8,
                        lines: [TextDiff.Kind.same, .removed, .added].map { kind in
                            FileDiff.Line(kind: kind, text: "  " + text, isUnended: kind == .added)
                        })
                ])
        }, unchanged: paths.map { RevisionFileDiff.UnchangedFile(path: $0, digest: digest) })

    /// Each agent is allowed everything at `billing` under a condition, needs two people at `crm`, and has nothing of
    /// `tickets`.
    func matrix(
        _ filter: MatrixFilter, page: Int, columns: Int, for visibility: Visibility
    ) async throws(PolicyReadingRefusal) -> PolicyMatrix {
        guard !isBusy.withLock({ $0 }) else { throw .busy }
        let names = agents(for: visibility).map(\.name).filter {
            filter.agent?.isIn($0.text) ?? true
        }
        let servers = ["billing", "crm", "tickets"].compactMap { ServerName($0) }
        let part = PolicyMatrix.Part(
            page: page, count: names.count, size: PolicyMatrix.mostRows)
        return PolicyMatrix(
            policy: Self.digest, servers: servers,
            rows: names.dropFirst((part.page - 1) * PolicyMatrix.mostRows)
                .prefix(PolicyMatrix.mostRows).map { name in
                    PolicyMatrix.Row(
                        agent: name, isHeld: name.text == "triage",
                        cells: [
                            MatrixCell(
                                verdict: .allow, condition: Self.texts[0], tools: 2,
                                needsPeople: false),
                            MatrixCell(
                                verdict: .approve(2), condition: nil, tools: 1, needsPeople: true),
                            MatrixCell(
                                verdict: nil, condition: nil, tools: 0, needsPeople: false),
                        ])
                }, rowPart: part,
            columnPart: PolicyMatrix.Part(
                page: columns, count: servers.count, size: PolicyMatrix.mostColumns))
    }

    func cell(
        of agent: AgentName, at server: ServerName, for visibility: Visibility
    ) async throws(PolicyReadingRefusal) -> MatrixDetail {
        guard agents(for: visibility).contains(where: { $0.name == agent }),
            let tool = ToolName("refund")
        else { throw .missing }
        return MatrixDetail(
            agent: self.agent(agent), server: server, held: ["L103"],
            tools: Self.texts.map { text in
                MatrixDetail.Tool(
                    address: ToolAddress(server: server, tool: tool), toolClass: .write,
                    effects: [.spendsMoney], sentence: text,
                    lines: [
                        MatrixDetail.Line(words: text, rule: "no-refund", place: Self.place(3)),
                        MatrixDetail.Line(words: text, rule: "no-approvers", place: nil),
                        MatrixDetail.Line(words: text, rule: text, place: nil),
                    ])
            })
    }

    /// The tool `pay.send` counts `amount_cents` in minor units of EUR; no other has a unit.
    func amounts(of tool: ToolAddress, in arguments: JSONValue) -> CallAmounts {
        guard tool.description == "pay.send", let raw = arguments["amount_cents"] else {
            return CallAmounts(amounts: nil, policy: Self.digest)
        }
        return CallAmounts(
            amounts: ["amount_cents": ["raw": raw, "shown": "500.00 EUR"]], policy: Self.digest)
    }

    func rule(named name: String, for visibility: Visibility) -> PolicyRule? {
        rules(for: visibility).first { $0.name == name }
    }

    func ruleDetail(
        named name: String, for visibility: Visibility
    ) async throws(PolicyReadingRefusal) -> PolicyRuleDetail {
        guard let rule = rule(named: name, for: visibility) else { throw .missing }
        return PolicyRuleDetail(
            rule: rule, sentence: Self.texts[0],
            excerpt: PolicyExcerpt(
                of: PolicyLocation(file: "a.yaml", line: 1, column: 1),
                in: [
                    PolicyFile(
                        path: "a.yaml", role: .single,
                        bytes: Array("a: \(Self.texts[0])".utf8))
                ]), agents: agents(for: visibility).map(\.name),
            tests: Self.texts.map { text in
                PolicyRuleDetail.Test(
                    name: text, agent: text, call: text, expected: "denied", place: Self.place(9))
            })
    }
}

/// Accepts sign-offs of the revision that `PolicyShelf` shows, by people with the role `security`; the second one puts
/// it in force.
final class SignOffShelf: SignOffActions {
    let taken = Mutex<[Envelope]>([])

    func draft(
        of seen: Digest, over active: Digest, for visibility: Visibility
    ) throws(SignOffActionRefusal) -> OrderDraft {
        guard visibility.seesAll, let person = visibility.person else { throw .missing }
        guard seen == PolicyShelf.identity, active == PolicyShelf.digest else { throw .changed }
        guard visibility.roles.contains(.security) else { throw .notEntitled(person) }
        let trust = AuthorizedKeys.nobody(org: "acme")
        return OrderDraft(
            .signOff, [123, 125], for: ConsoleOffice().voter(0).pseudonym, trust: trust,
            hashing: ConsoleOffice().hashing)
    }

    func take(_ envelope: Envelope) async throws(SignOffActionRefusal) -> TakenSignOff {
        guard envelope.payload == [123, 125] else { throw .changed }
        let count = taken.withLock { taken in
            taken.append(envelope)
            return taken.count
        }
        return count == 1 ? .waits("signed by 1 of 2") : .inForce
    }
}

extension ConsoleSources {
    /// - Parameters:
    ///  - roles: the roles of the person who asks.
    ///  - own: the agents that this person owns.
    static func with(
        roles: Set<Role> = [], own: [String] = [], policy: (any PolicyQueries)? = nil,
        signOffs: (any SignOffActions)? = nil
    ) -> ConsoleSources {
        ConsoleSources(
            visibility: { person in
                Visibility(person: person, roles: roles, own: Set(own.compactMap { AgentName($0) }))
            }, policy: policy, signOffs: signOffs)
    }
}
