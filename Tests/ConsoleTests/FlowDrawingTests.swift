import InterlockModel
import InterlockPolicyReview
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockMarkup

@Suite struct FlowDrawingTests {
    private func tools(
        _ count: Int, exposed: Int, _ name: String = "crm.get"
    ) -> [DataFlows.End] {
        (0..<count).map {
            DataFlows.End(
                name: "\(name)_\($0)", effects: $0 < exposed ? [.sensitiveData, .read] : [.read],
                verdict: .approve(2), isExposed: $0 < exposed)
        }
    }

    private let host = DataFlows.End(
        name: "api.example:443", effects: [], verdict: nil, isExposed: true)

    private func words(_ drawing: FlowDrawing) -> [String] { drawing.labels.map(\.text) }

    @Test func `sensitive data to the outside is a marked line at both ends, with its words`() {
        let drawing = FlowDrawing(
            DataFlows(sources: tools(2, exposed: 1), sinks: [host]), of: "refunds")
        // A line and its tip at each end.
        #expect(drawing.lines.count { $0.kind == .exposed } == 5)
        let words = words(drawing)
        #expect(words.contains("sensitive data, read") && words.contains("2 approvals"))
        #expect(words.contains("egress") && words.contains("allowed"))
        #expect(words.contains("refunds") && words.contains("api.example:443"))
        #expect(
            drawing.gist == "Sensitive data of 1 tool can reach 1 tool or host outside.")
    }

    @Test func `without a sink outside no line is marked`() {
        let drawing = FlowDrawing(
            DataFlows(sources: tools(2, exposed: 1), sinks: tools(1, exposed: 0, "crm.set")),
            of: "refunds")
        #expect(drawing.lines.allSatisfy { $0.kind == .plain })
        #expect(drawing.gist == "No sensitive data can reach the outside.")
    }

    @Test func `of 200 tools 15 are drawn and the others are counted`() {
        let drawing = FlowDrawing(
            DataFlows(sources: tools(200, exposed: 20), sinks: tools(16, exposed: 1, "crm.set")),
            of: "refunds")
        let words = words(drawing)
        #expect(words.contains("185 more") && words.contains("crm.get_14"))
        #expect(!words.contains("crm.get_15"))
        #expect(words.contains("crm.set_15") && words.count { $0.hasSuffix(" more") } == 1)
        #expect(drawing.height < 900)
        // The file and the table name all of them.
        #expect(drawing.svg.contains("reads from crm.get_199: read; 2 approvals"))
        let page = String(decoding: HTML.group(drawing.content).bytes, as: UTF8.self)
        #expect(page.contains("crm.get_199"))
    }

    @Test func `everything drawn is inside of the drawing`() {
        let drawing = FlowDrawing(
            DataFlows(
                sources: tools(40, exposed: 3, String(repeating: "long_name", count: 30)),
                sinks: [host]), of: String(repeating: "agent", count: 30))
        for label in drawing.labels {
            let width = label.kind == .agent ? 0 : label.text.count * 8
            #expect(label.x >= 0 && label.x + width <= FlowDrawing.width, "\(label.text)")
            #expect(label.y > 0 && label.y < drawing.height, "\(label.text)")
        }
        #expect(drawing.labels.contains { $0.text.hasSuffix("…") && $0.whole != nil })
    }

    @Test func `nothing reachable is no drawing`() {
        #expect(FlowDrawing(DataFlows(sources: [], sinks: []), of: "refunds").content.isEmpty)
    }

    @Test func `names of others are no markup and no control characters`() {
        let hostile = "<script>&\"\u{1b}[31m\u{202e}"
        let drawing = FlowDrawing(
            DataFlows(sources: tools(1, exposed: 1, hostile), sinks: [host]), of: hostile)
        let page = String(decoding: HTML.group(drawing.content).bytes, as: UTF8.self)
        for text in [drawing.svg, page] {
            #expect(!text.contains("<script>") && text.contains("&lt;script&gt;&amp;"))
            #expect(!text.contains("\u{1b}") && !text.contains("\u{202e}"))
        }
        #expect(!page.contains(" style=") && !drawing.svg.contains("href"))
        #expect(drawing.svg.contains("prefers-color-scheme: dark"))
    }
}
