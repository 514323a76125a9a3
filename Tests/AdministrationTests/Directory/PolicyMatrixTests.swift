import InterlockCredentials
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The matrix of who may do what, by the visibility of each person.
struct PolicyMatrixTests {
    /// A server whose only tool is granted to `clerk` under a condition.
    private static let vault = [
        (
            "forbid:\n",
            "  vault:\n    environment: staging\n    tools:\n      open: {class: read}\nforbid:\n"
        ),
        (
            "mcp_scopes: {desk: [look, report",
            #"mcp_scopes: {vault: [{tool: open, when: "args.n <= 5"}], desk: [look, report"#
        ),
    ]

    private static func agents(_ count: Int) -> [(String, String)] {
        let more = (1...count).map { number in
            """
              a\(number):
                owner: li@acme.example
                purpose: Reads
                tier: low
                stage: trusted
                review_by: "2027-02-01"
                mcp_scopes: {desk: [look]}
            """
        }
        return [("  reader:\n", more.joined(separator: "\n") + "\n  reader:\n")]
    }

    private let jobs = Mutexed(0)

    private func service(
        _ changes: [(String, String)] = vault, hasRoom: Bool = true
    ) async throws -> (PolicyQueryService, Shelf) {
        let shelf = try await Shelf(found: try Shelf.found(changes, signedBy: ["ines", "eve"]))
        let jobs = jobs
        let service = PolicyQueryService(
            gateway: shelf.bench.gateway, policies: shelf.service, hashing: OpenSSLHashing(),
            aside: { job in
                guard hasRoom else { return false }
                jobs.value += 1
                job()
                return true
            })
        return (service, shelf)
    }

    private func visibility(_ name: String, _ roles: Set<Role> = [], own: [String] = [])
        -> Visibility
    {
        Visibility(
            person: People.all[name].person, roles: roles,
            own: Set(own.compactMap { AgentName($0) }))
    }

    private func words(_ matrix: PolicyMatrix) -> [String: [String]] {
        Dictionary(
            uniqueKeysWithValues: matrix.rows.map { row in
                (row.agent.text, row.cells.map { $0.words + ($0.condition == nil ? "" : "*") })
            })
    }

    @Test func `a cell is the loosest outcome, with its condition`() async throws {
        let (service, _) = try await service()
        let security = visibility("eve", [.security])
        let matrix = try await service.matrix(MatrixFilter(), page: 1, columns: 1, for: security)
        #expect(matrix.servers.map(\.text) == ["desk", "vault"])
        #expect(
            words(matrix) == ["clerk": ["allowed", "allowed*"], "reader": ["allowed", "none"]])
        #expect(
            matrix.rows.first?.cells.last?.condition
                == "allowed if n is at most 5, otherwise denied")
        let money = try await service.matrix(
            MatrixFilter(effect: .spendsMoney), page: 1, columns: 1, for: security)
        #expect(words(money) == ["clerk": ["1 person", "none"]])
    }

    @Test func `a filter shows what has such a cell`() async throws {
        let (service, _) = try await service()
        let security = visibility("eve", [.security])
        func names(_ filter: MatrixFilter) async throws -> [String] {
            try await service.matrix(filter, page: 1, columns: 1, for: security).rows
                .map(\.agent.text)
        }
        #expect(try await names(MatrixFilter(agent: SearchedText("READ"))) == ["reader"])
        #expect(
            try await names(MatrixFilter(server: SearchedText("vault"), outcome: .allowed))
                == ["clerk"])
        #expect(
            try await names(
                MatrixFilter(server: SearchedText("vault"), outcome: MatrixFilter.Outcome.none))
                == ["reader"])
        #expect(try await names(MatrixFilter(outcome: .denied)).isEmpty)
        #expect(try await names(MatrixFilter(approver: SearchedText("paul@"))) == ["clerk"])
        #expect(
            try await names(
                MatrixFilter(server: SearchedText("vault"), approver: SearchedText("paul@"))
            ).isEmpty)
    }

    @Test func `an agent out of sight is in no row and no count`() async throws {
        let (service, _) = try await service()
        let owner = visibility("li", own: ["clerk"])
        for filter in [MatrixFilter(), MatrixFilter(outcome: .allowed)] {
            // A person who sees all agents asked before.
            _ = try await service.matrix(
                filter, page: 1, columns: 1, for: visibility("eve", [.security]))
            let matrix = try await service.matrix(filter, page: 1, columns: 1, for: owner)
            #expect(matrix.rows.map(\.agent.text) == ["clerk"] && matrix.rowPart.count == 1)
        }
        let name = try #require(AgentName("clerk"))
        let desk = try #require(ServerName("desk"))
        #expect(try await service.cell(of: name, at: desk, for: owner).tools.count > 3)
        await #expect(throws: PolicyReadingRefusal.missing) {
            try await service.cell(of: name, at: desk, for: visibility("ines"))
        }
        let other = try #require(ServerName("other"))
        await #expect(throws: PolicyReadingRefusal.missing) {
            try await service.cell(of: name, at: other, for: owner)
        }
    }

    @Test func `the tools of a cell have their rules and locations`() async throws {
        let (service, _) = try await service()
        let detail = try await service.cell(
            of: try #require(AgentName("clerk")), at: try #require(ServerName("desk")),
            for: visibility("eve", [.security]))
        let pay = try #require(detail.tools.first { $0.address.tool.text == "pay" })
        #expect(pay.sentence == "1 approval" && pay.lines.map(\.rule) == ["controls.spends_money"])
        let nuke = try #require(detail.tools.first { $0.address.tool.text == "nuke" })
        #expect(nuke.lines.map(\.rule) == ["no-nuke"] && nuke.lines.first?.place != nil)
    }

    @Test func `what is shown is computed once, and again under another policy`() async throws {
        let (service, shelf) = try await service()
        let security = visibility("eve", [.security])
        for _ in 0..<3 {
            _ = try await service.matrix(MatrixFilter(), page: 1, columns: 1, for: security)
        }
        #expect(jobs.value == 1)
        try await shelf.bench.swap(
            Self.vault + [
                ("- {id: no-nuke, tools: [desk.nuke]}", "- {id: no-desk, tools: [desk.*]}")
            ])
        let matrix = try await service.matrix(MatrixFilter(), page: 1, columns: 1, for: security)
        #expect(words(matrix)["reader"] == ["denied", "none"])
        #expect(jobs.value == 2)
    }

    @Test func `a filter over many agents is computed in parts, and says so meanwhile`()
        async throws
    {
        let (service, _) = try await service(Self.agents(300))
        let security = visibility("eve", [.security])
        let filter = MatrixFilter(outcome: .allowed)
        await #expect(throws: PolicyReadingRefusal.busy) {
            try await service.matrix(filter, page: 1, columns: 1, for: security)
        }
        let parts = jobs.value
        #expect(parts > 2)
        let matrix = try await service.matrix(filter, page: 7, columns: 1, for: security)
        #expect(matrix.rowPart.count == 302 && matrix.rowPart.page == 7 && matrix.rows.count == 2)
        let first = try await service.matrix(filter, page: 1, columns: 9, for: security)
        #expect(first.rows.count == PolicyMatrix.mostRows && first.columnPart.page == 1)
        #expect(jobs.value == parts)
    }

    /// A forbid that reads the time concerns every agent, and no minute is long enough to solve all of them.
    @Test func `rules that depend on the time keep no filter waiting`() async throws {
        let timed = [
            (
                "- {id: no-nuke, tools: [desk.nuke]}",
                #"- {id: no-nuke, tools: [desk.nuke]}\#n  - {id: late, tools: [desk.look], when: "now > timestamp('2030-01-01T00:00:00Z')"}"#
            )
        ]
        let (service, shelf) = try await service(Self.agents(300) + timed)
        let security = visibility("eve", [.security])
        let filter = MatrixFilter(outcome: .allowed)
        await #expect(throws: PolicyReadingRefusal.busy) {
            try await service.matrix(filter, page: 1, columns: 1, for: security)
        }
        let before = jobs.value
        for _ in 0..<2 {
            shelf.bench.clock.advance(.seconds(61))
            let matrix = try await service.matrix(filter, page: 1, columns: 1, for: security)
            #expect(matrix.rowPart.count == 302)
        }
        #expect(jobs.value > before)
    }

    @Test func `where there is no room it is asked again`() async throws {
        let (service, _) = try await service(Self.agents(300), hasRoom: false)
        let security = visibility("eve", [.security])
        for filter in [MatrixFilter(), MatrixFilter(outcome: .allowed)] {
            for _ in 0..<2 {
                await #expect(throws: PolicyReadingRefusal.busy) {
                    try await service.matrix(filter, page: 1, columns: 1, for: security)
                }
            }
        }
    }
}

/// Rules by their names, with the lines that state them.
struct PolicyRuleDetailTests {
    /// The stored files of a policy of one file.
    private struct Files: PolicySources {
        let bundle: [UInt8]?
        func bundle(_ digest: Digest) throws(StoreFailure) -> [UInt8]? { bundle }
    }

    private func service(_ shelf: Shelf) -> PolicyQueryService {
        PolicyQueryService(
            gateway: shelf.bench.gateway, policies: shelf.service, hashing: OpenSSLHashing(),
            sources: Files(bundle: nil),
            aside: { job in
                job()
                return true
            })
    }

    private func visibility(own: [String]) -> Visibility {
        Visibility(
            person: People.all["li"].person, roles: [],
            own: Set(own.compactMap { AgentName($0) }))
    }

    @Test func `a rule says whom it concerns, of those in sight, and which tests name it`()
        async throws
    {
        let shelf = try await Shelf(
            found: try Shelf.found(
                [
                    (
                        "agents:\n  clerk:",
                        """
                        tests:
                          - {name: no nuke, agent: clerk, call: desk.nuke, expect: deny, because: no-nuke}
                        agents:
                          clerk:
                        """
                    )
                ], signedBy: ["ines", "eve"]))
        let service = service(shelf)
        let owner = visibility(own: ["clerk"])
        let detail = try await service.ruleDetail(named: "no-nuke", for: owner)
        #expect(detail.sentence == "Every call of desk.nuke is denied")
        #expect(detail.agents.map(\.text) == ["clerk"] && detail.excerpt == nil)
        #expect(detail.tests.map(\.name) == ["no nuke"])
        let stranger = try await service.ruleDetail(named: "no-nuke", for: visibility(own: []))
        #expect(stranger.agents.isEmpty && stranger.tests.isEmpty)
    }

    @Test func `a rule of an agent out of sight is not there`() async throws {
        let shelf = try await Shelf()
        let service = service(shelf)
        let policy = shelf.bench.policy
        let clerk = try #require(AgentName("clerk"))
        let grant = try #require(
            try await service.agent(clerk, for: visibility(own: ["clerk"])).rules
                .first { $0.kind == "grant" })
        #expect(policy.agents[clerk] != nil)
        #expect(service.rule(named: grant.name, for: visibility(own: ["clerk"])) == grant)
        #expect(service.rule(named: grant.name, for: visibility(own: ["reader"])) == nil)
        await #expect(throws: PolicyReadingRefusal.missing) {
            try await service.ruleDetail(named: grant.name, for: visibility(own: ["reader"]))
        }
    }
}
