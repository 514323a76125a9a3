import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// Grants that are narrowed to databases, tables and paths, by arguments that the server's entry declares.
@Suite struct ResourceSelectionTests {
    private static func text(
        _ grants: String, selects: String = "{database: args.db, table: args.table}"
    ) -> String {
        """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        servers:
          desk:
            tools:
              query: {class: read, selects: \(selects)}
              fetch: {class: read, selects: {path: args.file.name}}
              look: {class: read}
        agents:
          clerk: {owner: li@acme.example, purpose: Clerks, tier: low, stage: trusted, \
        review_by: "2027-02-01", mcp_scopes: {desk: \(grants)}}
        """
    }

    private func isAllowed(
        _ grants: String, _ tool: String, _ arguments: JSONValue
    ) throws -> Bool {
        let policy = try snapshot(Self.text(grants))
        let decision = policy.decide(
            DecisionRequest(
                agent: try #require(AgentName("clerk")), address: try address("desk.\(tool)"),
                arguments: arguments), facts: DecisionFacts(effectiveStage: .trusted),
            now: exampleTime)
        return decision.verdict == .allow
    }

    private func codes(_ text: String) -> [String] {
        PolicyReader.read(policyFiles(text)).findings.reported.map(\.code.rawValue)
    }

    @Test(
        .requirement("R021"),
        arguments: [
            (["db": "shop", "table": "orders"], true),
            (["db": "shop", "table": "customers"], true),
            (["db": "shop", "table": "salaries"], false), (["db": "hr", "table": "orders"], false),
            (["db": "Shop", "table": "orders"], false),
            (["db": "shop", "table": "orders "], false),
            (["db": "shop", "table": ["orders"]], false), (["db": "shop", "table": 1], false),
            (["db": "shop", "table": .null], false), (["db": "shop"], false),
            (["table": "orders"], false),
            ([:], false), (["db": "shop", "table": "orders;salaries"], false),
        ] as [(JSONValue, Bool)])
    func `another database or table is denied`(
        _ arguments: JSONValue, _ expected: Bool
    ) throws {
        let grants = "[{tool: query, only: {database: shop, table: [orders, customers]}}]"
        #expect(try isAllowed(grants, "query", arguments) == expected)
    }

    @Test(
        .requirement("R021"),
        arguments: [
            ("/srv/reports", true), ("/srv/reports/", true), ("/srv/reports/2026/a.csv", true),
            ("/srv/reports/a..b", true), ("/srv/reports/.hidden", true), ("/srv/one.txt", true),
            ("/srv/one.txt/x", true), ("/srv/reports2", false), ("/srv/report", false),
            ("/srv", false), ("/", false), ("", false), ("srv/reports/a", false),
            ("/srv/reports/../secret", false), ("/srv/reports/..", false),
            ("/srv/reports/./a", false), ("/srv/reports//a", false), ("//srv/reports/a", false),
            ("/srv/reports/..\0/secret", false), ("/srv/reports/a\n", false),
            ("/srv/reports/..\\secret", false), ("/SRV/reports/a", false),
            ("/srv/reports/%2e%2e/a", true),
        ] as [(String, Bool)])
    func `a path outside of the folders is denied`(_ path: String, _ expected: Bool) throws {
        let grants = "[{tool: fetch, only: {path: [/srv/reports/, /srv/one.txt]}}]"
        #expect(
            try isAllowed(grants, "fetch", ["file": ["name": .string(path)]]) == expected, "\(path)"
        )
    }

    @Test func `a written guard and a selection must both hold`() throws {
        let grants =
            "[{tool: query, when: \"args.n < 3 || args.n > 9\", only: {database: shop, table: orders}}]"
        func asks(_ number: Int64, _ table: String) -> JSONValue {
            ["db": "shop", "table": .string(table), "n": .integer(number)]
        }
        #expect(try isAllowed(grants, "query", asks(1, "orders")))
        #expect(try isAllowed(grants, "query", asks(10, "orders")))
        #expect(try !isAllowed(grants, "query", asks(5, "orders")))
        #expect(try !isAllowed(grants, "query", asks(1, "salaries")))
        #expect(try !isAllowed(grants, "query", asks(10, "salaries")), "`||` does not bind further")
    }

    @Test func `a folder's name is no pattern`() throws {
        for (folder, other) in [
            ("/srv/a.b", "/srv/aXb"), ("/srv/a+", "/srv/aa"), ("/srv/(a|b)", "/srv/a"),
            ("/srv/[ab]", "/srv/a"), ("/srv/a$", "/srv/a"), ("/srv/a.\u{301}", "/srv/ab\u{301}"),
        ] {
            let grants = "[{tool: fetch, only: {path: \"\(folder)\"}}]"
            for (path, expected) in [(folder, true), (folder + "/x", true), (other, false)] {
                #expect(
                    try isAllowed(grants, "fetch", ["file": ["name": .string(path)]]) == expected,
                    "\(path) in \(folder)")
            }
        }
    }

    @Test func `names with quotes and other signs are compared as they are`() throws {
        for name in ["a\"b", "a\\b", "a'b", "größe", "a\"] || true || args.x in [\"", "tab\there"] {
            let written = String(decoding: JSONValue.string(name).serialized(), as: UTF8.self)
            let grants = "[{tool: query, only: {database: shop, table: \(written)}}]"
            if name.contains("\t") { continue }
            #expect(
                try isAllowed(grants, "query", ["db": "shop", "table": .string(name)]), "\(name)")
            #expect(
                try !isAllowed(grants, "query", ["db": "shop", "table": "salaries"]), "\(name)")
        }
    }

    @Test(arguments: [
        ("[{tool: look, only: {table: orders}}]", "{}", ["E217"]),
        ("[{tool: query, only: {schema: public}}]", "{table: args.table}", ["E217"]),
        ("[{class: read, only: {table: orders}}]", "{table: args.table}", ["E217"]),
        ("[{tool: query, only: {}}]", "{table: args.table}", ["E217"]),
        ("[{tool: query, only: {table: []}}]", "{table: args.table}", ["E217"]),
        ("[{tool: query, only: {rows: [a]}}]", "{table: args.table}", ["E217", "E201"]),
        ("[{tool: fetch, only: {path: reports}}]", "{}", ["E217"]),
        ("[{tool: fetch, only: {path: /}}]", "{}", ["E217"]),
        ("[{tool: fetch, only: {path: /srv/../etc}}]", "{}", ["E217"]),
        ("[{tool: fetch, only: {path: /srv//a}}]", "{}", ["E217"]),
        ("[look]", "{table: table}", ["E217"]), ("[look]", "{table: args}", ["E217"]),
        ("[look]", "{table: \"args.a == args.b\"}", ["E217"]),
        ("[look]", "{table: args.1}", ["E217"]),
        ("[look]", "{row: args.row}", ["E201"]),
    ])
    func `what cannot be compared with a call is an error`(
        _ grants: String, _ selects: String, _ expected: [String]
    ) {
        #expect(codes(Self.text(grants, selects: selects)) == expected)
    }

    @Test func `a selection that means too long a guard is an error, and none is an elevation's`() {
        let many = (0..<200).map { "table_\($0)" }.joined(separator: ", ")
        #expect(
            codes(Self.text("[{tool: query, only: {table: [\(many)]}}]")).contains("E302"))
        let elevated =
            Self.text("[look]") + """

                elevations:
                  - id: UP-1
                    agent: clerk
                    grant: {desk: [{tool: query, only: {table: orders}}]}
                    from: "2026-11-20T08:00:00Z"
                    until: "2026-11-20T12:00:00Z"
                    approved_by: [ada@acme.example, sam@acme.example]
                    reason: Needed
                """
        #expect(codes(elevated).contains("E201"))
    }

    @Test func `the digest of the policy and of the agent's part cover both sides`() throws {
        let grant = "[{tool: query, only: {table: orders}}]"
        let base = try snapshot(Self.text(grant))
        let name = try #require(AgentName("clerk"))
        for other in [
            Self.text("[{tool: query, only: {table: customers}}]"),
            Self.text(grant, selects: "{table: args.name}"), Self.text("[query]"),
        ] {
            let changed = try snapshot(other)
            #expect(changed.digest != base.digest)
            #expect(
                changed.sliceDigest(of: name, hashing: OpenSSLHashing())
                    != base.sliceDigest(of: name, hashing: OpenSSLHashing()))
        }
    }
}
