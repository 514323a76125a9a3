import InterlockConsoleWorld
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockMarkup
import InterlockModel
import Synchronization
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockApprovals
@testable import InterlockConsole
@testable import InterlockEvidence

/// The pages of the console in a synthetic world that is always the same, for a person with every role.
struct PageWorld {
    let browser: Browser
    /// The address of each page, each error page once.
    let paths: [String]

    /// - Parameter chart: the library that draws charts; nil if none are drawn.
    init(chart: [UInt8]? = nil) async throws {
        let office = ConsoleOffice()
        let pending = try office.request(1, quorum: 2, tier: .high, voters: [0, 1, 2])
        let denied = try office.voted(try office.request(2), .deny, by: 1)
        let people = try Self.people(office)
        let world = try await HaltWorld(office, people: people)
        var sources = Self.sources
        sources.drills = world.drills
        browser = Browser(
            hasEntry: true, sources: sources,
            orders: PeopleOrdersStub(people: people, breakGlassHistory: BreakGlassHistory()),
            halts: world.halts, chart: chart)
        for request in [pending, denied] { browser.world.put(request) }
        paths =
            [
                "/now", "/health", "/approvals", "/approvals?show=decided",
                "/approvals/\(pending.id.shown)", "/approvals/\(pending.id.shown)/break-glass",
                "/approvals/\(denied.id.shown)", "/agents", "/agents?state=stopped",
                "/agents/clerk", "/agents/reviews/due", "/agents/clerk/review",
                "/agents/clerk/review/records/\(ReviewStepsStub.leaf.hex)",
                "/agents/clerk/review/scopes", "/ready", "/promotions/\(ProposalStub.evidence.hex)",
                "/evals", "/evals?state=served", "/servers",
                "/servers?state=ready", "/servers/desk", "/policy",
                "/policy/matrix", "/policy/matrix/refunds/billing", "/policy/rules",
                "/policy/rules?kind=tool", "/policy/rules/servers.desk.tools.tool0",
                "/policy/findings", "/policy/agents", "/policy/agents/refunds", "/policy/proposed",
                "/alerts", "/alerts?disposed=yes", "/alerts/\(AlertTriageStub.id(0).text)",
                "/runs", "/runs/\(EvidenceShelf.run.text)", "/hosts", "/merges", "/audit",
                "/audit?agent=none",
                "/audit?day=x", "/audit/12", "/search?q=e", "/settings", "/people",
                "/people/waiting", PeopleRoute.person(office.voter(1).pseudonym).link.text,
                "/halt", "/halt?scope=agent&target=clerk", "/halts/\(world.halt.text)",
                "/halt/drills/\(world.drill.text)", "/nothing", "/agents/nobody", "/sign-in",
                "/enrol/\(ConsoleWorld.invitation)",
            ]
    }

    private static var sources: ConsoleSources {
        let shelf = EvidenceShelf()
        if let record = try? EvidenceShelf.record(12, .callDenied, ["code": "policy.no_grant"]) {
            shelf.state.withLock { $0.rows = [.proved(record)] }
        }
        var sources = DirectoryWorld(text: Hostile.texts[0]).sources
        sources.policy = PolicyShelf(more: 1)
        sources.status = StatusStub(isPolicyUnsigned: true) { _ in StatusStub.status() }
        sources.alarms = AlertTriageStub()
        sources.records = shelf
        sources.runs = shelf
        sources.hosts = HostsStub()
        sources.evals = EvalsStub(text: Hostile.texts[0], isExcepted: true)
        sources.trust = TrustStub()
        sources.readiness = ReadinessStub()
        sources.promotionActions = ProposalStub(text: Hostile.texts[0])
        sources.reviewQueries = ReviewPagesTests.Stub(text: Hostile.texts[0])
        sources.reviewActions = ReviewStepsStub(text: Hostile.texts[0])
        return sources
    }

    private static func people(_ office: ConsoleOffice) throws -> PeopleDirectory {
        let people = try (0..<3).map { number in
            let key = PublicKey(
                base64: Base64.encode([UInt8](repeating: UInt8(number + 1), count: 32)))
            return TrustedPerson(
                person: office.people[number], pseudonym: office.voter(number).pseudonym,
                roles: number == 0 ? Set(Role.allCases) : [.security, .resume],
                keys: [
                    EnrolledKey(
                        key: try #require(key), added: ConsoleOffice.start - .seconds(90_000),
                        founding: true)
                ])
        }
        return PeopleDirectory(
            trust: try AuthorizedKeys(org: "acme", people: people, nodes: []))
    }
}
