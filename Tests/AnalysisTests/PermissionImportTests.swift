import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// Permission rules of Claude Code as a policy.
@Suite struct PermissionImportTests {
    private func imported(
        allow: [String] = [], ask: [String] = [], deny: [String] = []
    ) throws -> PermissionImport {
        let lists: JSONValue = [
            "permissions": [
                "allow": .array(allow.map { .string($0) }), "ask": .array(ask.map { .string($0) }),
                "deny": .array(deny.map { .string($0) }),
            ]
        ]
        return PermissionImport([try PermissionFile(lists.serialized())])
    }

    private func policy(_ rules: PermissionImport) throws -> PolicySnapshot {
        let people = ["li", "ada", "sam"].compactMap { Person("\($0)@acme.example") }
        let name = try #require(AgentName("code"))
        let made = ImportedPolicy(
            rules, agent: name, organisation: name, owner: people[0],
            approvers: Array(people.dropFirst()),
            day: CivilDate(daysSince1970: exampleTime.microseconds / 86_400_000_000))
        return try compiled(made.text)
    }

    private func verdict(
        _ policy: PolicySnapshot, _ tool: String, _ arguments: JSONValue
    ) throws -> Verdict {
        let request = DecisionRequest(
            agent: try #require(AgentName("code")),
            address: try #require(ToolAddress(wireName: tool)), arguments: arguments)
        return policy.decide(
            request, facts: DecisionFacts(effectiveStage: .supervised), now: exampleTime
        ).verdict
    }

    private func shell(_ command: String, _ names: [String], _ kind: String) -> JSONValue {
        [
            "class": .string(kind), "arguments": ["command": .string(command)],
            "commands": .array(names.map { .string($0) }),
        ]
    }

    @Test func `rules decide as they are written, or more strictly`() throws {
        let rules = try imported(
            allow: [
                "Bash(npm run test:*)", "Read", "WebFetch(domain:docs.example.com)",
                "mcp__github__get_issue", "Agent(Explore)",
            ],
            ask: [
                "Bash(git log:*)", "mcp__github__create_issue", "WebFetch(domain:ask.example.com)",
            ],
            deny: [
                "Bash(curl:*)", "Bash(git push)", "WebFetch(domain:evil.example)",
                "Read(**/.npmrc2)",
            ])
        #expect(rules.unused.isEmpty)
        let policy = try policy(rules)
        #expect(try verdict(policy, "host__shell", shell("ls", ["ls"], "read")) == .allow)
        #expect(
            try verdict(policy, "host__shell", shell("git log -1", ["git"], "read")) == .approve(1))
        #expect(
            try verdict(policy, "host__shell", shell("ls; curl x", ["ls", "curl"], "read")) == .deny
        )
        #expect(try verdict(policy, "host__shell", shell("git push", ["git"], "push")) == .deny)
        #expect(try verdict(policy, "host__read", [:]) == .allow)
        #expect(try verdict(policy, "host__edit", [:]) == .deny)
        for (address, expected) in [
            ("https://docs.example.com/a", Verdict.allow),
            ("https://docs.example.com.evil.org/", .deny),
            ("http://docs.example.com/", .deny), ("https://ask.example.com/", .approve(1)),
            ("https://a@evil.example/", .deny), ("https://docs.example.com@other.example/", .deny),
        ] {
            let arguments: JSONValue = ["arguments": ["url": .string(address)]]
            #expect(try verdict(policy, "host__fetch", arguments) == expected, "\(address)")
        }
        #expect(
            try verdict(policy, "host__agent", ["arguments": ["subagent_type": "Explore"]])
                == .allow)
        #expect(
            try verdict(policy, "host__agent", ["arguments": ["subagent_type": "Plan"]]) == .deny)
        #expect(try verdict(policy, "github__create_issue", [:]) == .approve(2))
        let code = try #require(AgentName("code"))
        let entry = try #require(policy.agents[code])
        #expect(entry.hooks?.shellPatterns.map(\.value) == ["npm run test *"])
        #expect(entry.sandboxSettings.workspace.hidden.contains(".npmrc2"))
    }

    @Test func `a rule that another one beats never matches`() throws {
        let rules = try imported(
            allow: ["Bash(npm test)", "mcp__a__b", "Read"], ask: ["Bash(npm:*)"],
            deny: ["mcp__a", "Read"])
        #expect(rules.unused.map(\.text) == ["Bash(npm test)", "mcp__a__b", "Read"])
        #expect(rules.unused.allSatisfy { $0.kind == .neverMatches })
        #expect(rules.unused.first?.cause == "ask `Bash(npm:*)` comes first")
    }

    @Test func `rules that no policy has are named with their cause`() throws {
        for (rule, kind) in [
            ("Bash(git * main)", UnusedPermission.Kind.notExpressed),
            ("Bash(kubectl apply:*)", .notExpressed),
            ("Bash", .notExpressed), ("Bash(fi)", .notExpressed), ("Edit(src/**)", .notExpressed),
            ("Skill(x)", .notExpressed), ("mcp__slack", .notExpressed),
            ("mcp__host__shell", .notExpressed),
            ("WebFetch(domain:[::1])", .notExpressed), ("Write(src/**)", .neverMatches),
            ("Glob(src/**)", .neverMatches), ("bash(ls)", .neverMatches), ("Bash()", .neverMatches),
            ("Bash(ls", .neverMatches), ("Bash(:*)", .neverMatches), ("Bash(a*b:*)", .neverMatches),
            ("WebFetch(https://a.example)", .neverMatches), ("mcp__a__b(x)", .neverMatches),
            ("", .neverMatches), ("Bash(\u{e9})", .notExpressed), ("Bash(a\u{0}b)", .notExpressed),
        ] {
            let unused = try imported(allow: [rule]).unused
            #expect(unused.map(\.text) == [rule] && unused.first?.kind == kind, "\(rule)")
            #expect(unused.first?.cause.isEmpty == false, "\(rule)")
        }
    }

    @Test func `a listed command has no exception`() throws {
        let rules = try imported(allow: ["Bash(npm run *)"], deny: ["Bash(npm run deploy)"])
        #expect(rules.unused.map(\.text) == ["Bash(npm run *)"])
        #expect(rules.commands.isEmpty && rules.forbids.count == 1)
    }

    @Test(arguments: [
        "", "[]", "{\"permissions\": []}", "{\"permissions\": {\"allow\": \"Bash\"}}",
        "{\"permissions\": {\"deny\": [], \"deny\": []}}",
    ])
    func `a file of another form is refused`(text: String) {
        #expect(throws: PermissionFileError.self) { try PermissionFile(Array(text.utf8)) }
    }

    @Test func `members that are no rules are named`() throws {
        let text =
            "{\"permissions\": {\"defaultMode\": \"plan\", \"allow\": [1, \"Read\"]}, \"env\": {}}"
        let file = try PermissionFile(Array(text.utf8))
        #expect(file.others == ["allow[0]", "defaultMode"])
        #expect(file.rules.map(\.text) == ["Read"])
    }

    @Test func `any rules make a policy that is read`() throws {
        var random = SeededGenerator.announced()
        let tools = ["Bash", "Read", "Edit", "WebFetch", "Agent", "mcp__a__b", "mcp__a", "*", "x"]
        let parts = [
            "git", " ", "*", ":*", "**/", ".env", "domain:", "a.example", "\"", "\\", "$", "fi",
            "\n", ")", "#",
        ]
        for _ in 0..<200 {
            var lists: [[String]] = [[], [], []]
            for _ in 0..<8 {
                let tool = tools[Int.random(in: 0..<tools.count, using: &random)]
                let content = (0..<4).map { _ in
                    parts[Int.random(in: 0..<parts.count, using: &random)]
                }
                let list = Int.random(in: 0..<3, using: &random)
                lists[list].append("\(tool)(\(content.joined()))")
            }
            _ = try policy(try imported(allow: lists[0], ask: lists[1], deny: lists[2]))
        }
    }
}
