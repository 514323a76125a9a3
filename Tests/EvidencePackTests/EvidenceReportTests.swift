import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvidencePack

/// The texts that are made of a pack's files (docs/specs/evidence.md, section 3).
@Suite(.requirement("R134")) struct EvidenceReportTests {
    private func report(
        failed: [String] = [], gap: String = "One approver missed 2 of 5 probes.",
        witnesses: Int64? = 1, isReleased: Bool = true, reviews: [ReviewSummary] = [],
        names: [String] = []
    ) throws -> EvidenceReport {
        let facts =
            isReleased
            ? EvidenceFixture.facts(failed: failed)
            : ControlFacts(
                release: .failure(EvidenceProblem("No release.")),
                deployment: .failure(.noSelfTest), built: EvidenceFixture.built)
        var log = EvidenceFixture()
        try log.add("call.denied")
        try log.add("call.intent", ["dec": "approve"])
        let controls = EvidenceControl.all.map { control in
            ControlFile(
                control, facts, log.counter(), policies: [],
                reviewer: nil, frameworks: FrameworkMap.all,
                further: control.id == .c06 ? [ControlGap(gap)] : [])
        }
        var described: JSONObject = ["origin": "acme.example/gw1", "end": ["size": "900"]]
        described["witnesses"] = witnesses.map(JSONValue.integer)
        let head: JSONObject = [
            "logs": [.object(described)], "scope": ["org": "acme", "agents": []],
            "from": "2026-08-01T00:00:00Z",
            "to": "2026-11-01T00:00:00Z", "summary": ["enforced": 1, "gap": 23, "guidance": 0],
        ]
        return try EvidenceReport(
            head: head, controls: controls.map { try $0.json.canonical() },
            frameworks: FrameworkMap.all.map { try $0.json.canonical() }, reviews: reviews,
            names: names)
    }

    private static let forbidden = ["compliant", "certified", "secure"]

    @Test func `no text makes a claim`() throws {
        let report = try report()
        let maps = try FrameworkMap.all.map {
            String(decoding: try $0.json.canonical(), as: UTF8.self)
        }
        for text in [report.markdown, report.html, report.fourColumns] + maps {
            let words = text.lowercased().split { !$0.isLetter }.map(String.init)
            for word in Self.forbidden { #expect(!words.contains(word), "\(word)") }
        }
    }

    @Test(arguments: [nil, 0, 1, 3] as [Int64?])
    func `only a pack whose checkpoint was witnessed was seen by an outside party`(
        witnesses: Int64?
    ) throws {
        let text = try report(witnesses: witnesses).markdown
        let isSeen = (witnesses ?? 0) > 0
        #expect(text.contains("since an outside party saw the checkpoint of size 900") == isSeen)
        #expect(text.contains("No witness has cosigned that checkpoint") != isSeen)
        #expect(text.contains("acme.example/gw1"))
    }

    @Test func `gaps come first, and each has its text`() throws {
        let text = try report(failed: ["DecisionTests"]).markdown
        let gaps = try #require(text.firstRange(of: "## Gaps"))
        let controls = try #require(text.firstRange(of: "## Controls"))
        #expect(gaps.lowerBound < controls.lowerBound)
        #expect(text.contains("The test DecisionTests of the release failed."))
        #expect(text.contains("One approver missed 2 of 5 probes."))
    }

    @Test func `each id of a framework that was not verified has the mark`() throws {
        for text in [try report().markdown, try report().html] {
            for map in FrameworkMap.all {
                for item in map.items where !item.controls.isEmpty && item.id.utf8.count > 3 {
                    let isMarked = text.contains(item.id + " (not verified)")
                    #expect(isMarked == (map.status == .notVerified), "\(map.id) \(item.id)")
                }
            }
        }
    }

    @Test func `the report says whose records are in no figure`() throws {
        let line = "Runs of evals, and canaries of drills and self-tests, are in no figure."
        #expect(try report().markdown.contains(line))
    }

    @Test func `a count of zero that is a rate has its bound`() throws {
        let text = try report().markdown
        #expect(text.contains("outcome-without-approval-used: 0 in 1: at most 95.0000 %"))
    }

    @Test func `text from elsewhere is no mark-up and no formula`() throws {
        let hostile = "=1+1 | <script>alert(1)</script> [x](y) `z`\nnext"
        let report = try report(gap: hostile)
        #expect(!report.html.contains("<script>") && report.html.contains("&apos;=1+1"))
        let line = try #require(
            report.markdown.split(separator: "\n").first { $0.contains("alert") })
        #expect(line.contains("'=1+1 \\|") && line.contains("&lt;script>"))
        #expect(line.contains("\\[x\\]") && line.contains("next"))
    }

    @Test func `the view of four columns has each control once`() throws {
        let text = try report().fourColumns
        for id in ControlID.allCases {
            #expect(text.split(separator: "\n").count { $0.hasPrefix("| \(id.rawValue) ") } == 1)
        }
    }

    @Test func `files of another form make no report`() throws {
        #expect(throws: FormError.self) {
            try EvidenceReport(head: [:], controls: [[0x7b, 0x7d]], frameworks: [])
        }
        #expect(throws: FormError.self) {
            try EvidenceReport(head: [:], controls: [], frameworks: [[0x20]])
        }
    }

    @Test func `twenty questions name files of a pack and controls`() {
        #expect(AuditorQuestion.all.count == 20)
        let files = [
            PackFileName.people, PackFileName.exceptions, PackFileName.inventory,
            PackFileName.releaseTests, PackFileName.agents, PackFileName.roles,
        ]
        let folders = [
            "policy/", "drills/", "logs/", "proofs/", "records/", "evals/", "trust/", "reviews/",
        ]
        let controls = ControlID.allCases.map(PackFileName.control)
        for question in AuditorQuestion.all {
            #expect(!question.files.isEmpty && !question.controls.isEmpty, "\(question.text)")
            for name in question.files {
                #expect((files + folders + controls).contains(name), "\(name)")
            }
        }
    }

    @Test func `a questionnaire keeps its rows and gets answers by control`() throws {
        let report = try report()
        let asked = try Questionnaire(parsing: Array("n,control\n1,C06\n\"a,\"\"b\"\"\",X\n".utf8))
        let lines = asked.filled { report.answer($0) }.split(separator: "\r\n").map(String.init)
        #expect(lines[0] == "n,control,answer")
        #expect(lines[1].hasPrefix("1,C06,") && lines[1].contains("Status: gap."))
        #expect(lines[2].hasPrefix("\"a,\"\"b\"\"\",X,Not answered: "))
        #expect(asked.unanswered { report.answer($0) } == ["X"])
        let empty = try Questionnaire(parsing: Array("control,n\n,1\n".utf8))
        #expect(empty.filled { report.answer($0) } == "control,n,answer\r\n,1,\r\n")
        #expect(empty.unanswered { report.answer($0) }.isEmpty)
    }

    @Test func `an item of a framework has the answers of its controls, and its mark`() throws {
        let report = try report()
        let access = try #require(report.answer("CC6.1"))
        #expect(access.hasPrefix("CC6.1 (not verified) of soc2. C01: "))
        for id in ["C01: ", "C03: ", "C04: ", "C14: ", "See controls/C14.json."] {
            #expect(access.contains(id), "\(id)")
        }
        #expect(!access.contains("C05: "))
        #expect(report.answer("LLM03")?.hasPrefix("LLM03 of owasp-llm. C01: ") == true)
        let outside = try #require(report.answer("LLM09"))
        #expect(outside.contains("no control of this pack speaks to it (out of scope)"))
        #expect(report.answer("CC99") == nil)
    }

    @Test func `a gap of many controls is one row, behind those of few`() throws {
        let text = try report(isReleased: false).markdown
        let end = try #require(text.firstRange(of: "## Controls"))
        let rows = text[..<end.lowerBound].split(separator: "\n").filter { $0.hasPrefix("| C") }
        // C02 has no run on record, and C06 a gap of its own; the others are those of all.
        #expect(rows.count == 4 && rows[0].hasPrefix("| C02 |") && rows[1].hasPrefix("| C06 |"))
        for row in rows.suffix(2) {
            #expect(row.hasPrefix("| C01, C02, ") && row.contains("not assigned | no date"))
        }
    }

    @Test func `reviews are named with their signers, answers and findings`() throws {
        let payload: JSONValue = [
            "controls": [["control": "alerts", "ok": false]],
            "findings": [
                [
                    "due": "2026-12-12T00:00:00Z", "number": 1, "owner": "dana@acme.example",
                    "severity": 2, "text": "Alerts of May are open.",
                ]
            ], "review": "r1", "reviewers": ["ada@acme.example", "sam@acme.example"],
            "scope": "agent:refunds",
        ]
        let review = try #require(ReviewSummary(payload: payload, signed: EvidenceFixture.to))
        let text = try report(reviews: [review]).markdown
        let end = try #require(text.firstRange(of: "## Controls"))
        let part = text[..<end.lowerBound]
        for word in [
            "ada@acme.example, sam@acme.example", "agent:refunds", "alerts", "1 of r1",
            "Alerts of May are open.", "open until 2026-12-11",
        ] { #expect(part.contains(word), "\(word)") }
        let without = try report().markdown
        #expect(!without.contains("## Reviews"))
    }

    @Test func `nothing is pointed to that is not there`() throws {
        let names = ["report.md", "controls/C08.json", "trust/7.json", "agents.json"]
        let text = try report(names: names).markdown
        #expect(text.contains("| controls/C08.json |") && text.contains("| trust/ |"))
        #expect(text.contains("| agents.json |") && text.contains("| none of the period |"))
        for name in ["drills/", "evals/", "reviews/", "tests/release.json", "people.json"] {
            #expect(!text.contains(name), "\(name)")
        }
        let readme = PackReadme.markdown(["from": "2026-08-01T00:00:00Z"], names: names)
        for name in ["report.md", "controls/", "trust/", "agents.json", "manifest.dsse.json"] {
            #expect(readme.contains("| \(name) |"), "\(name)")
        }
        #expect(!readme.contains("drills/") && !readme.contains("people.json"))
    }

    @Test(arguments: [
        ("", Questionnaire.Fault.noControlColumn),
        ("a,b\n1,2\n", Questionnaire.Fault.noControlColumn),
        ("control\n\"x", Questionnaire.Fault.openQuote),
        ("a,control\n1\n", Questionnaire.Fault.ragged(row: 2)),
    ])
    func `a questionnaire of another form is refused`(_ text: String, _ fault: Questionnaire.Fault)
    {
        #expect(throws: fault) { try Questionnaire(parsing: Array(text.utf8)) }
        #expect(throws: Questionnaire.Fault.noText) { try Questionnaire(parsing: [0xff]) }
    }
}
