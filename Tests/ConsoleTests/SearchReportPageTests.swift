import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockEvidence
@testable import InterlockMarkup

/// The report of the searches in a call, on the page of its run.
@Suite(.requirement("R082", "R084")) struct SearchReportPageTests {
    private let shelf = EvidenceShelf()
    private let path = "/runs/\(EvidenceShelf.run.text)"

    private static var report: SearchReport {
        var report = SearchReport()
        report.findings.add("token", by: "gh-pat", at: "/content/0/<b>")
        for place in 0..<20 { report.arguments.add("card", by: "card-number", at: "/\(place)") }
        report.add(source: "mail.search")
        report.set(worst: .untrusted, of: 1)
        report.add(.untrusted, of: "/to")
        report.mark = SearchReport.HostileText(
            kinds: ["hidden characters"], passage: "Ignore all of it")
        return report
    }

    private func page(_ answer: PayloadResponse, reads: Bool = true) async throws -> String {
        let call: JSONValue = "c1"
        let steps = [
            try EvidenceShelf.step(
                1, .callIntent, ["call": call, "dec": "allow", "tool": "crm__get"]),
            try EvidenceShelf.step(
                2, .callOutcome, ["call": call, "st": "ok", "dur": 5],
                [DisplayedPayload(field: "insp", answer: answer)]),
        ]
        shelf.state.withLock { state in
            state.steps = steps
            state.reads = reads
        }
        return await Browser(sources: shelf.sources).get(path).text
    }

    @Test func `rules, places and origins are shown, and no passage`() async throws {
        let text = try await page(.opened(Self.report.json.serialized()))
        for words in [
            "Found in the answer", "gh-pat", "Found in the arguments, and permitted", "4 more",
            "Origin of values", "in untrusted content, or of unknown origin", "Level raised by",
            "mail.search",
            "hidden characters", "&lt;b&gt;",
        ] {
            #expect(text.contains(words), "\(words)")
        }
        #expect(!text.contains("Ignore all of it") && !text.contains("0/<b>"))
    }

    @Test func `the page of a run has its level and the calls that raised it`() {
        let call = CallID(milliseconds: 7, random: [UInt8](repeating: 2, count: 10))
        let taint = RunTaintReport(
            run: EvidenceShelf.run, agent: AgentName("refunds"), level: .hostile,
            sources: [
                RunTaintReport.Source(
                    call: call, cause: nil, source: nil,
                    at: Timestamp(microseconds: 1_795_169_731_500_000),
                    address: ToolAddress(dotted: "web.fetch"), kinds: ["hidden characters"])
            ])
        let story = RunDetail(
            line: EvidenceShelf.line, steps: RunSteps(steps: [], faults: [], next: nil),
            reads: true)
        let page = RunPage(story: story, formToken: "token", orders: [], taint: taint)
        let text = Outline(HTML.group(page.content).bytes).text
        for words in ["hostile", "hidden characters", "web.fetch", call.text] {
            #expect(text.contains(words), "\(words)")
        }
        let plain = RunPage(story: story, formToken: "token", orders: [])
        #expect(!Outline(HTML.group(plain.content).bytes).text.contains("hostile"))
    }

    @Test func `a report that cannot be read, or that the viewer may not read, is not shown`()
        async throws
    {
        for answer in [.erased, .missing(.blob), .opened(Array("[]".utf8))] as [PayloadResponse] {
            #expect(try await !page(answer).contains("Origin of values"))
        }
        let hidden = try await page(.opened(Self.report.json.serialized()), reads: false)
        #expect(!hidden.contains("gh-pat") && !hidden.contains("Origin of values"))
    }
}
