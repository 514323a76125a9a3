import InterlockModel
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// Edits that take rights from scopes in a policy's text (docs/specs/trust-and-review.md, section 7, part 3).
@Suite(.requirement("R131")) struct ScopeEditTests {
    private static let agent = AgentName("clerk").unwrapped
    private static let tools: [(name: String, toolClass: String)] = [
        ("shop.look", "read"), ("shop.peek", "read"), ("shop.mark", "write"), ("shop.pay", "write"),
        ("mail.list", "read"), ("mail.note", "write"),
    ]

    /// A policy whose agent has these scopes, each line with its indent.
    private static func policy(_ scopes: [String], approvals: String? = nil) -> String {
        var lines = ["interlock: 1", "org: acme", "kill_switch: org-wide, tested monthly"]
        lines += ["approvals: {leads: {members: [ada@acme.example, bo@acme.example]}}", "servers:"]
        for server in ["shop", "mail"] {
            lines += ["  \(server):", "    tools:"]
            for tool in tools where tool.name.hasPrefix(server + ".") {
                let effects = tool.toolClass == "write" ? ", effects: [reversible]" : ""
                let name = tool.name.dropFirst(server.count + 1)
                lines.append("      \(name): {class: \(tool.toolClass)\(effects)}")
            }
        }
        lines += ["agents:", "  clerk:", "    owner: li@acme.example", "    purpose: Works"]
        lines += ["    tier: medium", "    stage: supervised", "    review_by: \"2027-02-01\""]
        lines += ["    approvers: leads"]
        if let approvals { lines.append("    approval_required: \(approvals)") }
        lines += ["    mcp_scopes:"] + scopes.map { "      " + $0 }
        lines += ["    # the end of the clerk", "  other:", "    purpose: Waits"]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func address(_ name: String) throws -> ToolAddress {
        let parts = name.split(separator: ".").map(String.init)
        return ToolAddress(
            server: try #require(ServerName(parts[0])), tool: try #require(ToolName(parts[1])))
    }

    private static func edited(
        _ text: String, removed: [String] = [], bounds: [(String, String, Int64)] = []
    ) throws -> String? {
        let bytes = Array(text.utf8)
        let root = try #require(readYAML(bytes, file: "policy.yaml").root)
        let narrowing = ScopeNarrowing(
            removed: Set(try removed.map(address)),
            bounds: try bounds.map {
                ScopeNarrowing.Bound(tool: try address($0.0), argument: $0.1, most: $0.2)
            }, in: try compiled(text))
        return ScopeEdit(bytes, root: root, agent: agent)?.applying(narrowing)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private static func granted(_ text: String) throws -> Set<String> {
        Set(try compiled(text).scopedTools(of: agent).map(\.description))
    }

    @Test func `a tool is taken from a list, and other lines keep their text`() throws {
        let text = Self.policy([
            "# what it reads", "shop: [look, peek, pay]   # the shop", "mail:", "  # letters",
            "  - {tool: note, when: \"args.n <= 5\"}", "  - list",
        ])
        let new = try #require(try Self.edited(text, removed: ["shop.peek", "mail.note"]))
        let lines = new.split(separator: "\n").map(String.init)
        for line in [
            "      # what it reads", "      shop: [look, pay]", "      mail: [list]",
            "    # the end of the clerk", "  other:", "    approvers: leads",
        ] {
            #expect(lines.contains(line), "\(line)\n\(new)")
        }
        #expect(try Self.granted(new) == ["shop.look", "shop.pay", "mail.list"])
    }

    @Test func `a class becomes the tools that are left of it`() throws {
        let text = Self.policy(["shop: [read, pay]", "mail: [list]"])
        let new = try #require(try Self.edited(text, removed: ["shop.look"]))
        #expect(new.contains("\n      shop: [peek, pay]\n"))
        let guarded = Self.policy(["shop:", "  - {class: write, when: \"args.n <= 5\"}"])
        let left = try #require(try Self.edited(guarded, removed: ["shop.pay"]))
        #expect(left.contains("\n        - {tool: mark, when: \"args.n <= 5\"}\n"), "\(left)")
        #expect(try Self.granted(left) == ["shop.mark"])
    }

    @Test func `a server without tools goes, and so does the last one`() throws {
        let text = Self.policy(["shop: [look]", "mail: [list]"])
        let one = try #require(try Self.edited(text, removed: ["shop.look"]))
        #expect(!one.contains("\n      shop:") && one.contains("\n      mail: [list]\n"))
        let none = try #require(try Self.edited(text, removed: ["shop.look", "mail.list"]))
        #expect(none.contains("\n    mcp_scopes: {}\n    # the end of the clerk\n"), "\(none)")
        #expect(try Self.granted(none).isEmpty)
    }

    @Test func `a tool that approvals alone would grant is taken there as well`() throws {
        let text = Self.policy(["shop: [look, pay]"], approvals: "[shop.pay, look]")
        let new = try #require(try Self.edited(text, removed: ["shop.pay"]))
        #expect(new.contains("\n    approval_required: [look]\n"))
        #expect(try Self.granted(new) == ["shop.look"])
    }

    @Test func `a bound in the guard of a tool becomes lower`() throws {
        let text = Self.policy([
            "shop:", "  - {tool: pay, when: 'args.n > 0 && args.n < 100 && args.to == \"a < 9\"'}",
        ])
        let new = try #require(try Self.edited(text, bounds: [("shop.pay", "n", 50)]))
        #expect(new.contains("args.n > 0 && args.n < 51 && args.to == \\\"a < 9\\\""), "\(new)")
        let comparison = PolicyComparison.compare(
            try compiled(text), try compiled(new), at: exampleTime)
        #expect(comparison.worst == .narrows)
        #expect(try Self.edited(text, bounds: [("shop.pay", "n", 100)]) == nil, "it would widen")
        #expect(try Self.edited(text, bounds: [("shop.pay", "m", 1)]) == nil)
    }

    @Test func `other forms are not edited`() throws {
        let flow = Self.policy([]).replacing(
            "    mcp_scopes:\n", with: "    mcp_scopes: {shop: [look, peek]}\n")
        #expect(try Self.edited(flow, removed: ["shop.look"]) == nil)
        let bare = Self.policy(["shop:", "mail: [list]"])
        #expect(try Self.edited(bare, removed: ["shop.look"]) == nil)
    }

    @Test(arguments: [
        ("args.n <= 5", ["n <= 5"]), ("args.n<5", ["n <= 4"]),
        ("args.n > 0 && args.n <= 500 && args.m < 2", ["n <= 500", "m <= 1"]),
        ("args.n <= 5 || args.n <= 7", []), ("args.n <= 5.5", []), ("args.n <= 5u", []),
        ("args.n <= 5 * 2", []), ("2 * args.n <= 5", []), ("args.a.n <= 5", []),
        ("args.n[0] <= 5", []), ("args.name == 'args.n <= 5'", []), ("xargs.n <= 5", []),
        ("args.n <= args.m", []), ("args.n >= 5", []), ("", []), ("args.", []),
        ("args.t == 'it\\'s' && args.n <= 5", ["n <= 5"]), ("args.n < 0", []),
        ("args.n <= 9999999999999999999", []),
    ])
    func `bounds are found in guards`(_ text: String, _ bounds: [String]) {
        #expect(GuardCap.caps(of: text).map { "\($0.argument) <= \($0.most)" } == bounds)
    }

    @Test func `whatever is taken, the rest stays and nothing widens`() throws {
        var random = SeededGenerator.announced()
        var edits = 0
        for _ in 0..<rounds(60) {
            let text = Self.policy(Self.scopes(&random))
            let granted = try Self.granted(text)
            let removed = granted.filter { _ in Bool.random(using: &random) }
            guard !removed.isEmpty, let new = try Self.edited(text, removed: removed.sorted())
            else { continue }
            edits += 1
            #expect(try Self.granted(new) == granted.subtracting(removed), "\(text)\n\(new)")
            let found = PolicyComparison.compare(
                try compiled(text), try compiled(new), at: exampleTime
            ).differences
            #expect(found.allSatisfy { $0.direction == .narrows }, "\(text)\n\(new)")
        }
        #expect(edits > 0)
    }

    /// Random grants of both servers, in every form.
    private static func scopes(_ random: inout SeededGenerator) -> [String] {
        var lines: [String] = []
        for server in ["shop", "mail"] {
            let own = tools.filter { $0.name.hasPrefix(server + ".") }
            var items: [String] = []
            for selector in ["read", "write"] + own.map({ String($0.name.dropFirst(5)) })
            where Int.random(in: 0..<3, using: &random) == 0 {
                let key = ["read", "write"].contains(selector) ? "class" : "tool"
                let bound = Int.random(in: 1...99, using: &random)
                items.append(
                    Bool.random(using: &random)
                        ? selector : "{\(key): \(selector), when: \"args.n <= \(bound)\"}")
            }
            if items.isEmpty { items = [String(own[0].name.dropFirst(5))] }
            if Bool.random(using: &random) {
                lines.append("\(server): [\(items.joined(separator: ", "))]")
            } else {
                lines.append("\(server):")
                lines += items.map { "  - \($0)" }
            }
        }
        return lines
    }
}
