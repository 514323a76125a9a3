import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockProvenance

/// The rules of a merge, each broken alone.
@Suite(.requirement("R142"), .requirement("R143"), .requirement("R144"), .requirement("R145"))
struct `Rules of a merge` {
    private static let head = String(repeating: "4", count: 40)
    private static let base = String(repeating: "a", count: 40)
    private static let old = String(repeating: "5", count: 40)
    private static let good: JSONObject = [
        "head": .string(head), "base": .string(base), "author": "agent:code-fix",
        "on_behalf_of": "li@acme.example", "merger": "sam@acme.example",
        "labels": ["agent-assisted"],
        "reviews": [review("sam@acme.example")],
        "checks": .array(MergeRules.requiredChecks.map { check($0, "pass") }),
        "open": ["changes": 1, "lines": 10],
    ]

    private static func review(
        _ by: String, kind: String = "person", state: String = "approved", commit: String = head
    ) -> JSONValue {
        [
            "by": .string(by), "kind": .string(kind), "state": .string(state),
            "commit": .string(commit),
        ]
    }

    private static func check(_ name: String, _ result: String, commit: String = head) -> JSONValue
    {
        ["name": .string(name), "commit": .string(commit), "result": .string(result)]
    }

    private func object(_ changes: JSONObject) -> JSONValue {
        var object = Self.good
        for (key, value) in changes.members { object[key] = value == .null ? nil : value }
        return .object(object)
    }

    private func findings(
        _ changes: JSONObject = [:], paths: [String] = ["src/a.c"],
        limit: MergeRules.Limit? = nil, isAssisted: Bool = true,
        counted: CountedChanges? = nil
    ) throws -> [GateFinding] {
        let review = try MergeReview(parsing: object(changes).serialized())
        let known = ["sam@acme.example", "li@acme.example", "kim@acme.example"].compactMap {
            Person($0)
        }
        return MergeRules(
            review,
            MergeRules.Facts(
                known: Set(known), limit: limit, base: GitObjectID(Self.base).unwrapped,
                head: GitObjectID(Self.head).unwrapped,
                paths: paths.compactMap { ChangedPath(Array($0.utf8)) }, lines: 50,
                isAssisted: isAssisted, counted: counted)
        ).findings
    }

    private func codes(
        _ changes: JSONObject = [:], paths: [String] = ["src/a.c"],
        limit: MergeRules.Limit? = nil, isAssisted: Bool = true
    ) throws -> [GateFinding.Code] {
        try findings(changes, paths: paths, limit: limit, isAssisted: isAssisted).map(\.code)
    }

    @Test func `a change that another person approved passes`() throws {
        #expect(try codes() == [])
        #expect(GateResult(try findings()) == .pass)
    }

    @Test func `the owner is a person whom the gateway knows`() throws {
        #expect(try codes(["merger": "merge-bot"]) == [.ownerNoPerson])
        #expect(try codes(["merger_kind": "bot"]) == [.ownerNoPerson])
        #expect(try codes(["merger_kind": "group"]) == [.ownerNoPerson])
        #expect(try codes(["merger": "team@acme.example"]) == [.ownerUnknown])
    }

    @Test func `one's own approval, and that of a bot, count for nothing`() throws {
        #expect(
            try codes(["reviews": [Self.review("li@acme.example")]]) == [
                .noApproval, .selfApproved,
            ])
        #expect(
            try codes([
                "author": "sam@acme.example", "on_behalf_of": .null,
            ]) == [.noApproval, .selfApproved])
        #expect(
            try codes(["reviews": [Self.review("reviewer[bot]", kind: "bot")]]) == [
                .noApproval, .botApproved,
            ])
        #expect(
            try codes(["reviews": [Self.review("team@acme.example", kind: "group")]]) == [
                .noApproval, .botApproved,
            ])
        #expect(
            try codes(["reviews": [Self.review("eve@acme.example")]]) == [
                .noApproval, .unknownApprover,
            ])
        #expect(try codes(["reviews": []]) == [.noApproval])
    }

    @Test func `only the last review of a person counts, and only of the head commit`() throws {
        #expect(
            try codes(["reviews": [Self.review("sam@acme.example", commit: Self.old)]]) == [
                .noApproval, .staleApproval,
            ])
        let withdrawn: JSONValue = [
            Self.review("sam@acme.example"),
            Self.review("SAM@acme.example", state: "changes_requested"),
        ]
        #expect(try codes(["reviews": withdrawn]) == [.noApproval])
        let commented: JSONValue = [
            Self.review("sam@acme.example"), Self.review("sam@acme.example", state: "commented"),
        ]
        #expect(try codes(["reviews": commented]) == [])
    }

    @Test(arguments: [
        ".github/workflows/ci.yml", "docs/CODEOWNERS", "policy/agents/a.yaml",
        ".claude/settings.json",
        "sub/.GitHub/Actions/x/action.yml", ".gitlab-ci.yml", "interlock.yaml",
    ])
    func `a file of the gate needs two people`(_ path: String) throws {
        #expect(try codes(paths: ["src/a.c", path]) == [.gateChanged])
        let two: JSONValue = [Self.review("sam@acme.example"), Self.review("kim@acme.example")]
        #expect(try codes(["reviews": two], paths: [path]) == [])
        let twice: JSONValue = [Self.review("sam@acme.example"), Self.review("SAM@acme.example")]
        #expect(try codes(["reviews": twice], paths: [path]) == [.gateChanged])
        let own: JSONValue = [Self.review("sam@acme.example"), Self.review("li@acme.example")]
        #expect(try codes(["reviews": own], paths: [path]) == [.gateChanged, .selfApproved])
    }

    @Test func `other files need one person`() throws {
        for path in ["src/policy.c", "github/workflows/x", "docs/owners.md", "a/codeowners.txt"] {
            #expect(try codes(paths: [path]) == [], "\(path)")
        }
    }

    @Test func `each required check passes on the head commit`() throws {
        for name in MergeRules.requiredChecks {
            let others = MergeRules.requiredChecks.filter { $0 != name }.map {
                Self.check($0, "pass")
            }
            func found(_ rows: [JSONValue]) throws -> [GateFinding] {
                try findings(["checks": .array(others + rows)])
            }
            #expect(try found([]).map(\.code) == [.checkMissing])
            #expect(try found([Self.check(name, "fail")]).map(\.code) == [.checkFailed])
            #expect(
                try found([Self.check(name, "pass", commit: Self.old)]).map(\.code) == [
                    .checkMissing
                ])
            let pending = try found([Self.check(name, "pending")])
            #expect(pending.map(\.code) == [.checkPending])
            #expect(GateResult(pending) == .pending)
            // The last result counts.
            #expect(
                try found([Self.check(name, "pass"), Self.check(name, "fail")]).map(\.code) == [
                    .checkFailed
                ])
        }
    }

    @Test func `the label and the ends of the range are those of the change`() throws {
        #expect(try codes(["labels": []]) == [.unlabelled])
        #expect(
            try codes(
                ["labels": [], "author": "kim@acme.example", "on_behalf_of": .null],
                isAssisted: false) == [])
        #expect(try codes(["base": .string(Self.old)]) == [.otherBase])
        #expect(try codes(["head": .string(Self.old)]) == [.otherHead])
    }

    @Test func `the limit of open changes warns or waits`() throws {
        let refusing = MergeRules.Limit(changes: 5, lines: 100, isRefusal: true)
        let warning = MergeRules.Limit(changes: 5, lines: 100, isRefusal: false)
        #expect(try codes(limit: refusing) == [])
        let many: JSONObject = ["open": ["changes": 5, "lines": 10]]
        #expect(GateResult(try findings(many, limit: refusing)) == .pending)
        #expect(GateResult(try findings(many, limit: warning)) == .pass)
        #expect(try codes(many, limit: warning) == [.overLimit])
        let long: JSONObject = ["open": ["changes": 0, "lines": 51]]
        #expect(try codes(long, limit: refusing) == [.overLimit])
        #expect(GateResult(try findings(["open": .null], limit: refusing)) == .unknown)
        #expect(GateResult(try findings(["open": .null], limit: warning)) == .pass)
        // People's own changes are not limited.
        #expect(
            try codes(
                ["open": .null, "author": "kim@acme.example", "on_behalf_of": .null],
                limit: refusing, isAssisted: false) == [])
    }

    private func counted(
        _ changes: Int, lines: Int = 0, unread: Int = 0,
        capped: [Person: CountedChanges.Capped] = [:]
    ) -> CountedChanges {
        CountedChanges(
            open: MergeReview.Open(changes: changes, lines: lines), unread: unread, capped: capped)
    }

    @Test func `the gateway counts earlier changes where the review counts none`() throws {
        let refusing = MergeRules.Limit(changes: 5, lines: 100, isRefusal: true)
        func found(_ changes: JSONObject, _ counted: CountedChanges) throws -> [GateFinding] {
            try findings(changes, limit: refusing, counted: counted)
        }
        let without: JSONObject = ["open": .null]
        #expect(try found(without, counted(4)) == [])
        #expect(GateResult(try found(without, counted(5))) == .pending)
        #expect(GateResult(try found(without, counted(0, lines: 51))) == .pending)
        let unread = try found(without, counted(0, unread: 1))
        #expect(unread.map(\.code) == [.limitUnknown] && GateResult(unread) == .unknown)
        // The usual limit warns if the policy has none and the gateway counts.
        let usual = try findings(without, counted: counted(5))
        #expect(usual.map(\.code) == [.overLimit] && GateResult(usual) == .pass)
        #expect(try findings(without, counted: counted(4)) == [])
        #expect(try findings(without) == [])
        // The count of the platform decides.
        #expect(try found([:], counted(9, unread: 1)) == [])
    }

    @Test func `approvals of a capped person do not count after the tenth change of a day`() throws
    {
        let from = try #require(Timestamp(rfc3339: "2026-11-27T10:00:00Z"))
        let window = ReviewerCap.Window(from: from, until: from.day.end)
        let sam = try #require(Person("sam@acme.example"))
        func codes(
            _ at: String?, isNow: Bool = true, isAssisted: Bool = true
        ) throws -> [GateFinding.Code] {
            var row = try #require(Self.review("sam@acme.example").object)
            row["at"] = at.map(JSONValue.string)
            let capped = CountedChanges.Capped(windows: [window], isNow: isNow)
            return try findings(
                ["reviews": [.object(row)]], isAssisted: isAssisted,
                counted: counted(0, capped: [sam: capped])
            ).map(\.code)
        }
        #expect(try codes("2026-11-27T09:59:59Z") == [])
        #expect(try codes("2026-11-27T10:00:00Z") == [.noApproval, .reviewerCapped])
        #expect(try codes("2026-11-27T10:00:01Z") == [.noApproval, .reviewerCapped])
        #expect(try codes("2026-11-28T00:00:00Z") == [])
        #expect(try codes(nil) == [.noApproval, .reviewerCapped])
        #expect(try codes(nil, isNow: false) == [])
    }

    @Test(
        arguments: [
            [:], ["repository": "a b"], ["number": ""], ["opened": "2026-11-27"],
            ["state": "merged"], ["ended": "2026-11-27T11:00:00Z"],
            ["state": "closed", "ended": "2026-11-27T09:00:00Z"], ["merged_as": "4f1c"],
            ["state": "draft"], ["extra": 1],
        ] as [JSONObject])
    func `a change that is not of its form is refused whole`(_ changes: JSONObject) throws {
        var change: JSONObject = [
            "repository": "acme/shop", "number": "7", "opened": "2026-11-27T10:00:00Z",
        ]
        for (key, value) in changes.members { change[key] = value }
        let bytes = object(["change": .object(change)]).serialized()
        guard !changes.isEmpty else {
            #expect(try MergeReview(parsing: bytes).change?.state == .open)
            return
        }
        #expect(throws: FormError.self) { _ = try MergeReview(parsing: bytes) }
    }

    @Test func `a refusal decides over what waits or is unknown`() throws {
        let waits = GateFinding(.checkPending, .pending, at: .review("checks"), "x")
        let unknown = GateFinding(.limitUnknown, .unknown, at: .review("open"), "x")
        let refused = GateFinding(.noApproval, at: .review("reviews"), "x")
        #expect(GateResult([waits]) == .pending)
        #expect(GateResult([waits, unknown]) == .unknown)
        #expect(GateResult([refused, unknown, waits]) == .refused)
    }

    @Test(
        arguments: [
            ["merger": .null], ["extra": 1], ["head": "4f1c"], ["author": "agent:"],
            ["author": "agent:Code Fix"], ["on_behalf_of": .null], ["author": "kim@acme.example"],
            ["labels": "agent-assisted"], ["reviews": [["by": "x"]]],
            ["open": ["changes": -1, "lines": 0]],
            ["checks": [["name": "tests", "commit": "x", "result": "pass"]]],
            ["merger_kind": "robot"],
        ] as [JSONObject])
    func `a review that is not of its form is refused whole`(_ changes: JSONObject) {
        #expect(throws: FormError.self) {
            _ = try MergeReview(parsing: object(changes).serialized())
        }
    }

    @Test func `a name of a file begins no command of the log`() throws {
        let name = "a,b:c%\r\n::error file=x::y"
        let path = try #require(ChangedPath(Array(name.utf8)))
        let text = WorkflowAnnotation(
            GateFinding(.gateChanged, at: .file(path), "changed\nhere")
        ).text
        #expect(!text.contains("\n") && !text.contains("\r"))
        #expect(text.hasPrefix("::error file="))
        #expect(text.contains("title=gate-changed::changed%0Ahere"))
        let plain = try #require(ChangedPath(Array("a,b:c%d".utf8)))
        #expect(
            WorkflowAnnotation(GateFinding(.overLimit, .warning, at: .file(plain), "x")).text
                == "::warning file=a%2Cb%3Ac%25d,line=1,title=over-limit::x [a,b:c%25d]")
    }
}
