import InterlockJSON
import InterlockSafety

extension Invariants {
    /// The scanner ends, its findings are bounded, and each finding lies within the text.
    package static func description(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        let scanner = DescriptionScanner(tools: ["get_ticket", "search", "a-b", "x.y"])
        let found = scanner.scan(text, of: "own", at: "d")
        precondition(found.count <= DescriptionScanner.mostFindings, "bounded findings")
        let length = text.unicodeScalars.count
        for finding in found {
            precondition((0..<length).contains(finding.offset), "a finding lies in its text")
            precondition(finding.excerpt.count <= 80, "a short excerpt")
        }
        let hasTags = text.unicodeScalars.contains { (0xe0000...0xe007f).contains($0.value) }
        precondition(
            !hasTags || found.contains { $0.kind == .hiddenUnicode }
                || found.count == DescriptionScanner.mostFindings, "tags are found")
        let report = MarkerScanner.scan([text]) { [ExactText("a-b")] }
        precondition(
            report.counts.values.reduce(0, +) <= MarkerScanner.mostFindings, "bounded markers")
        let passage = report.passage?.unicodeScalars.count ?? 0
        precondition(passage <= MarkerScanner.longestPassage, "a short passage")
        precondition(report.isEmpty == (report.passage == nil), "a passage of each marker")
        if let value = try? JSONValue(parsing: bytes, limits: .agent) {
            let found = scanner.scan(value, of: nil, at: "")
            precondition(found.count <= DescriptionScanner.mostFindings, "bounded findings")
        }
    }
}
