import InterlockApprovals
import InterlockConsoleWorld
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPolicyReview
import Synchronization

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockEvidence
@testable import InterlockPolicy

/// Agents and servers in memory, behind the console's ports. Every free text is `text`, which may be hostile.
final class DirectoryWorld: AgentQueries, ServerAdministration {
    let text: String
    private let drafted = Mutex<[ServerContent]>([])
    private let refusal = Mutex<ServerRefusal?>(nil)

    /// The usage of the agent's limits.
    let limits: [LimitUsage]

    init(text: String, limits: [LimitUsage] = []) {
        self.text = text
        self.limits = limits
    }

    var drafts: [ServerContent] { drafted.withLock { $0 } }
    func refuse(_ refusal: ServerRefusal?) { self.refusal.withLock { $0 = refusal } }

    static let clerk = AgentName("clerk")!
    static let desk = ServerName("desk")!
    static let start = ConsoleOffice.start

    var sources: ConsoleSources {
        ConsoleSources(
            // The first person has every role, the second owns the clerk, the third has no rights.
            visibility: { person in
                let number = ConsoleOffice().people.firstIndex(of: person)
                return Visibility(
                    person: person, roles: number == 0 ? Set(Role.allCases) : [],
                    own: number == 1 ? [Self.clerk] : [])
            }, agents: self, servers: self)
    }

    private var line: AgentSummary {
        AgentSummary(
            name: Self.clerk, owner: Person("p2@acme.example"), tier: .high, stage: .supervised,
            reviewBy: CivilDate(year: 2026, month: 1, day: 2), review: .overdue,
            faults: ["L101"],
            halt: OrderID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10)),
            heldRuns: 1, callsInFlight: 2, lastHour: CallCounts(done: 1_234, refused: 3),
            minutes: (0..<60).map { CallCounts(done: $0, refused: $0 % 7) })
    }

    // MARK: Agents

    func agents(_ filter: AgentFilter, page: Int, for visibility: Visibility) -> AgentListing {
        let isSeen = visibility.sees(Self.clerk)
        return AgentListing(
            lines: isSeen ? [line] : [], page: max(1, min(page, 3)), pages: 3,
            count: isSeen ? 101 : 0, isIncomplete: true)
    }

    func mostDenied(_ most: Int, for visibility: Visibility) -> [AgentSummary] {
        visibility.sees(Self.clerk) ? [line] : []
    }

    func agent(_ name: AgentName, for visibility: Visibility) async -> AgentDetail? {
        guard name == Self.clerk, visibility.sees(name) else { return nil }
        let run = RunID(milliseconds: 2, random: [UInt8](repeating: 2, count: 10))
        return AgentDetail(
            at: Self.start, line: line,
            terms: AgentTerms(written: .trusted, held: [], .none), purpose: text,
            place: PolicyLocation(file: text, line: 3, column: 1), workload: text,
            policy: ConsoleOffice().hashing.sha256([1]),
            rights: rights.map { (right: $0, use: AgentUse(calls: 4, refused: 1, wasUsed: true)) },
            countedSince: Self.start, isIncomplete: true, worstCase: nil, limits: limits,
            controls: ControlPoint.all, guidance: [text],
            holds: [
                RunHold(run: run, agent: name, isPaused: true, reason: text, until: nil)
            ],
            breakers: [breaker],
            runs: [
                RunStatus(run: run, agent: name, owner: nil, purpose: text, calls: 1, halt: nil)
            ], tokens: [AgentTokenTerm(run: run, until: Self.start + .seconds(3600))],
            elevations: [], reads: visibility.reads(Self.clerk))
    }

    private var rights: [AgentRight] {
        (1...120).compactMap { number in
            guard let tool = ToolName("tool\(number)") else { return nil }
            // One such text is enough: a page is made for each of many long texts.
            let text = number == 1 ? text : "rule"
            let asked = ToolCase(
                verdict: .approve(2), reason: .approvalRequired, rule: text,
                place: PolicyLocation(file: text, line: number, column: 1),
                conditions: [ToolCase.Condition(rule: text, when: text)])
            return AgentRight(
                address: ToolAddress(server: Self.desk, tool: tool), toolClass: .write,
                verdicts: [.approve(2)], cases: [asked], outcome: outcome(text), guards: [text],
                group: text)
        }
    }

    private func outcome(_ text: String) -> ToolOutcome {
        let condition = ToolOutcome.Condition(rule: text, guardText: text, elevation: text)
        return ToolOutcome([
            ToolOutcome.Line(
                verdict: .approve(2), reason: .approvalRequired, rule: text, place: nil,
                clauses: [.any(of: [condition])])
        ])
    }

    // MARK: Servers

    private var breaker: OpenBreaker {
        OpenBreaker(server: Self.desk, tool: nil, state: .open(until: Self.start + .seconds(60)))
    }

    private var status: ServerStatus {
        ServerStatus(
            name: Self.desk, state: .quarantined(.person(text)), connection: .stdio([text, text]),
            weakness: .hostNetwork,
            pins: 2, hidden: [HiddenTool(name: text, reason: text)], breakers: [breaker])
    }

    func servers() -> [ServerStatus] { [status] }

    func server(_ name: ServerName, page: Int, for visibility: Visibility) -> ServerDetail? {
        guard name == Self.desk else { return nil }
        let changes = [
            JSONChange(
                path: text, old: .string(text), new: .object([text: .array([.string(text)])])),
            JSONChange(path: "description", old: nil, new: .string(text)),
        ]
        let tools = [ServerTool.Pin.drifted, .new, .gone, .hidden(text), .pinned].map { pin in
            ServerTool(
                name: text, entry: nil, pin: pin, description: text,
                review: LockReview(by: ConsoleOffice().people[0], at: Self.start),
                changes: changes)
        }
        return ServerDetail(
            at: Self.start, status: status, environment: text, version: text,
            protocolVersion: "2025-11-25", otherInstructions: text, tools: tools, page: page,
            pages: 3, toolCount: 101, faultCount: 4, agents: [Self.clerk], agentCount: 60,
            actions: visibility.seesAll ? [.release, .closeBreaker] : [])
    }

    func draft(
        _ content: ServerContent, because reason: String, by author: Pseudonym
    ) throws(ServerRefusal) -> OrderDraft {
        if let refusal = refusal.withLock({ $0 }) { throw refusal }
        drafted.withLock { $0.append(content) }
        return OrderDraft(.server, [1], credentials: [], hashing: OpenSSLHashing())
    }

    func take(_ envelope: Envelope) async throws(ServerRefusal) -> ServerOrder {
        throw refusal.withLock { $0 } ?? .staleOrder
    }

    func perform(
        _ action: ServerAction, on name: ServerName, tool: ToolAddress?, reason: String,
        by person: Pseudonym, _ visibility: Visibility
    ) async throws(ServerRefusal) {}
}
