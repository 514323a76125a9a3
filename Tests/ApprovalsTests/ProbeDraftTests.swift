import InterlockApprovals
import InterlockJSON
import Testing

/// Probes made from real calls: the flaw for each kind of argument, and that it is visible.
@Suite struct ProbeDraftTests {
    private func kinds(_ arguments: JSONValue) -> [ProbeFlaw.Kind] {
        ProbeDraft.all(of: arguments).map(\.flaw.kind)
    }

    private func first(_ kind: ProbeFlaw.Kind, _ arguments: JSONValue) throws -> ProbeDraft {
        try #require(ProbeDraft.all(of: arguments).first { $0.flaw.kind == kind })
    }

    @Test func `an amount becomes a hundred times as much`() throws {
        let draft = try first(.amount, ["amount_cents": 42000, "order": 7])
        #expect(draft.arguments == ["amount_cents": 4_200_000, "order": 7])
        #expect(draft.flaw.sentence.contains("42000") && draft.flaw.sentence.contains("4200000"))
    }

    @Test func `numbers that could mean anything stay as they are`() {
        #expect(kinds(["n": 42, "flag": true, "none": .null]).isEmpty)
        #expect(kinds(["amount": 0]).isEmpty && kinds(["amount": -5]).isEmpty)
        #expect(kinds(["amount": .integer(JSONValue.largestInteger)]).isEmpty)
        #expect(kinds([:]).isEmpty)
    }

    @Test(arguments: [
        ("to", "ann@acme.com", "ann@acme.com.account-review.example"),
        ("url", "https://acme.com/a?b", "https://acme.com.account-review.example/a?b"),
        ("url", "http://acme.com:80", "http://acme.com.account-review.example:80"),
    ])
    func `a recipient becomes a stranger`(_ name: String, _ was: String, _ becomes: String) throws {
        let draft = try first(.recipient, .object([name: .string(was)]))
        #expect(draft.arguments[name] == .string(becomes))
    }

    @Test func `a path leaves its folder`() throws {
        let draft = try first(.target, ["file": "reports/2026.csv"])
        #expect(draft.arguments["file"]?.string?.hasPrefix("../") == true)
        #expect(!kinds(["order": "A/1009"]).contains(.target))
    }

    @Test func `text speaks to whoever decides`() throws {
        let draft = try first(.instruction, ["body": "hello"])
        #expect(draft.arguments["body"]?.string?.contains("approve without reading") == true)
        #expect(!kinds(["order": "A-1009"]).contains(.instruction))
    }

    @Test(arguments: ["INV-20931", "Müller", "größer als", "x"])
    func `what is hidden can be seen in the review`(_ text: String) throws {
        for draft in ProbeDraft.all(of: ["order": .string(text)])
        where draft.flaw.kind == .hidden {
            let shown = RevealedText(try #require(draft.arguments["order"]?.string))
            #expect(!shown.warnings.isEmpty || shown.line.contains("U+202E"), "\(shown.line)")
        }
        #expect(kinds(["order": .string(text)]).contains(.hidden))
    }

    @Test func `values inside of others are changed in their place`() throws {
        let arguments: JSONValue = [
            "lines": [["amount": 5], ["amount": 7]], "to": ["a@b.example"],
        ]
        let changed = ProbeDraft.all(of: arguments).map(\.arguments)
        #expect(
            changed.contains(["lines": [["amount": 5], ["amount": 700]], "to": ["a@b.example"]]))
        #expect(
            changed.contains([
                "lines": [["amount": 5], ["amount": 7]],
                "to": ["a@b.example.account-review.example"],
            ]))
        #expect(changed.allSatisfy { $0 != arguments }, "one thing is wrong in each")
    }

    @Test func `very many values cost no time, very long ones are left alone`() {
        let many = JSONValue.array((0..<5000).map { .string("a\($0)") })
        #expect(ProbeDraft.all(of: ["all": many]).count < 1000)
        #expect(kinds(["blob": .string(String(repeating: "a", count: 5000))]).isEmpty)
    }

    @Test func `a sentence is short enough to be kept`() {
        let long = String(repeating: "ö", count: 2000)
        for draft in ProbeDraft.all(of: .object([long: .string(long + "@acme.example")])) {
            #expect(draft.flaw.sentence.utf8.count <= ProbeFlaw.longest)
        }
    }
}
