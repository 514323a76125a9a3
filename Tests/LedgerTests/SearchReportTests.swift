import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockLedger

/// The sealed report of the searches in one call (docs/specs/output-safety.md, section 8).
@Suite(.requirement("R082", "R084")) struct SearchReportTests {
    private func text(_ report: SearchReport) -> String {
        String(decoding: report.json.serialized(), as: UTF8.self)
    }

    private func parsed(_ text: String) -> SearchReport? { SearchReport(parsing: Array(text.utf8)) }

    @Test func `a report has findings by rule and place, sources and labels`() {
        var report = SearchReport()
        report.findings.add("token", by: "gh-pat", at: "/content/0/text")
        report.findings.add("token", by: "gh-pat", at: "/content/0/text")
        report.findings.add("imperative", count: 3)
        report.add(source: "mail.search")
        report.add(source: "mail.search")
        report.set(worst: .untrusted, of: 2)
        report.add(.request, of: "/to")
        report.add(.untrusted, of: "/amount_cents")
        #expect(
            text(report)
                == #"{"find":[{"c":"token","r":"gh-pat","at":"/content/0/text","n":2},{"c":"imperative","n":3}],"#
                + #""src":["mail.search"],"labels":{"/to":"U","/amount_cents":"X"},"worst":"X"}"#)
        #expect(parsed(text(report)) == report)
    }

    @Test func `at most sixteen findings are listed, and the others are counted`() {
        var found = ReportedFindings()
        for place in 0..<20 { found.add("token", by: "r", at: "/\(place)", count: 2) }
        found.add("token", by: "r", at: "/0")
        #expect(found.listed.count == 16 && found.total == 41 && found.more == 8)
        var report = SearchReport()
        report.findings = found
        report.notices.add(found)
        #expect(report.notices == found)
        #expect(report.json["more"] == ["find": 8, "nfind": 8])
        #expect(parsed(text(report)) == report)
    }

    @Test func `passages and places are bounded in bytes, at whole characters`() {
        let mark = SearchReport.HostileText(
            kinds: [], passage: String(repeating: "\u{20ac}", count: 300))
        #expect(mark.passage?.utf8.count == 255)
        var report = SearchReport()
        report.set(worst: .untrusted, of: 2)
        let long = "/" + String(repeating: "a", count: 200)
        report.add(.request, of: long + "b")
        report.add(.untrusted, of: long + "c")
        // Both have the same beginning, which has the worse label.
        #expect(report.labels.map(\.label) == [.untrusted])
        #expect(report.labels.first?.pointer.utf8.count == ReportedFindings.longestPlace)
    }

    @Test func `every label has its own letter`() {
        for label in ValueLabel.allCases { #expect(ValueLabel(letter: label.letter) == label) }
        #expect(ValueLabel(letter: "") == nil && ValueLabel(letter: "u") == nil)
    }

    @Test(arguments: [
        "", "[]", "1", #"{"find":1}"#, #"{"find":[1]}"#, #"{"find":[{"c":"a"}]}"#,
        #"{"find":[{"c":"a","n":0}]}"#, #"{"find":[{"n":1}]}"#, #"{"src":[1]}"#,
        #"{"worst":"Q","labels":{}}"#, #"{"worst":"X"}"#, #"{"worst":"X","labels":{"/a":"Q"}}"#,
        #"{"mark":{}}"#, #"{"find":[],"more":{"find":-1}}"#,
    ])
    func `what is no report is not read`(text: String) {
        #expect(parsed(text) == nil)
    }

    @Test func `a report is read as it was written`() {
        var random = SeededGenerator("SearchReportTests")
        func word() -> String {
            let letters = ["a", "/", "~", "\"", "\\", "\u{0}", "\u{e9}", "\u{1f600}", " "]
            return (0..<Int.random(in: 0...300, using: &random)).map { _ in
                letters[Int.random(in: 0..<letters.count, using: &random)]
            }.joined()
        }
        func findings() -> ReportedFindings {
            var found = ReportedFindings()
            for _ in 0..<Int.random(in: 0...40, using: &random) {
                let place =
                    Bool.random(using: &random) ? "/\(Int.random(in: 0...9, using: &random))" : nil
                found.add(
                    ["token", "card"][Int.random(in: 0...1, using: &random)],
                    by: Bool.random(using: &random) ? "r" : nil, at: place,
                    count: Int64.random(in: 1...5, using: &random))
            }
            return found
        }
        for _ in 0..<300 {
            var report = SearchReport()
            report.findings = findings()
            report.arguments = findings()
            report.notices = findings()
            for _ in 0..<Int.random(in: 0...20, using: &random) { report.add(source: word()) }
            if Bool.random(using: &random) {
                report.set(worst: .made, of: 0)
                for number in 0..<Int.random(in: 0...20, using: &random) {
                    report.set(worst: .made, of: number + 1)
                    report.add(.made, of: "/\(number)\(word())")
                }
            }
            if Bool.random(using: &random) {
                report.mark = SearchReport.HostileText(kinds: [word()], passage: word())
            }
            let bytes = report.json.serialized()
            #expect(bytes.count <= SearchReport.longestBytes)
            #expect(SearchReport(parsing: bytes) == report)
        }
    }
}
