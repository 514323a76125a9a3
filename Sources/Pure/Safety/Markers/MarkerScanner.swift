package import InterlockJSON
import InterlockModel

/// Finds markers of injections in what servers send while agents work (docs/specs/output-safety.md, section 4, item 4).
/// Plain code, linear in the text.
///
/// Its patterns are narrower than those of `DescriptionScanner`, whose findings a person reads once: ordinary pages,
/// code and mail must have none. A finding is a marker; it never proves an intent, and no finding proves nothing.
package enum MarkerScanner {
    /// The most UTF-8 bytes of texts that are searched together.
    package static let longestBytes = 1 << 20
    package static let mostFindings: Int64 = 64
    /// The most scalars of a passage.
    package static let longestPassage = 300
    /// Base64 within base64 is searched; a third level is not.
    private static let deepestCode = 2
    /// A text of at least this many bytes that consists of base64 alone is searched as what it encodes.
    private static let shortestBlob = 4_096
    /// The most other words between two weak patterns that together make a marker.
    private static let pairWords = 40

    /// Searches the texts as one, so that words over several texts are found.
    ///
    /// - Parameter tools: returns the names of the agent's tools on other servers, in lower case; called at most once,
    ///   and only if a text demands to use something that may be a tool.
    /// - Parameter isLate: returns true if the search must end; asked between its steps, each of which is linear in the
    ///   text.
    package static func scan(
        _ texts: [String], tools: () -> Set<ExactText> = { [] }, isLate: () -> Bool = { false }
    ) -> MarkerReport {
        // A role or a heading is at the start of a line.
        var scalars: [Unicode.Scalar] = ["\n"]
        var bytes = 0
        for text in texts {
            for readable in readable(text) {
                bytes += readable.utf8.count + 1
                guard bytes <= longestBytes else { return .unsearched }
                EscapedText.append(readable, to: &scalars)
                scalars.append("\n")
            }
        }
        var report = MarkerReport()
        var names: Set<ExactText>?
        search(scalars, depth: 0, &report, isLate: isLate) { name in
            let known = names ?? tools()
            names = known
            return known.contains(name)
        }
        return report
    }

    /// Returns the texts that a model may read: the text itself, unless it is a long one in base64, and what base64 of
    /// other bytes than UTF-8 may say. UTF-8 in a short one is found with all else that is encoded.
    private static func readable(_ text: String) -> [String] {
        let isLong = text.utf8.count >= shortestBlob
        guard text.utf8.count >= EncodedParts.shortestBase64,
            text.utf8.allSatisfy({ EncodedParts.isCode(Unicode.Scalar($0)) }),
            let bytes = Base64.decode(text)
        else { return [text] }
        // ASCII in UTF-16 is UTF-8 as well, with a zero after each letter.
        let isWide = bytes.count { $0 == 0 } * 4 >= bytes.count
        if !isWide, let decoded = String(validating: bytes, as: UTF8.self) {
            return isLong ? [decoded] : [text]
        }
        let other = OtherText.text(of: bytes)
        return (isLong ? [] : [text]) + (other.isEmpty ? [] : [other])
    }

    private static func search(
        _ scalars: [Unicode.Scalar], depth: Int, _ report: inout MarkerReport,
        isLate: () -> Bool, isTool: (String) -> Bool
    ) {
        guard !isLate() else { return report.cutOff() }
        let isEncoded = depth > 0
        func add(_ kind: DescriptionFinding.Kind, at offset: Int) {
            report.add(kind, at: offset, of: scalars, isEncoded: isEncoded)
        }
        for run in HiddenMarkers.runs(in: scalars) { add(.hiddenUnicode, at: run.lowerBound) }
        guard !isLate() else { return report.cutOff() }
        let plain = PlainText(scalars)
        guard !isLate() else { return report.cutOff() }
        let parts = MarkupParts(plain)
        for token in parts.tokens { add(.chatTemplate, at: plain.offsets[token]) }
        for link in parts.links { add(.dataLink, at: plain.offsets[link]) }
        guard !isLate() else { return report.cutOff() }
        let matches = MarkerPatterns.matches(in: plain.words)
        for match in matches where match.group == .override {
            add(.imperative, at: plain.words[match.words.lowerBound].offset)
        }
        for pair in pairs(matches) { add(.imperative, at: plain.words[pair].offset) }
        let spoken = matches.filter { $0.group.isToAssistants }
            .map { plain.words[$0.words.lowerBound].end - 1 }
        for span in spans(parts.claims, with: spoken) {
            add(.chatTemplate, at: plain.offsets[span])
        }
        for span in spans(parts.hidden, with: spoken) { add(.comment, at: plain.offsets[span]) }
        // One weak pattern suffices in a text that its sender encoded.
        if isEncoded {
            for match in matches where match.group.isToAssistants && match.group != .override {
                add(.imperative, at: plain.words[match.words.lowerBound].offset)
            }
        }
        for offset in ToolDemands.offsets(in: plain, isTool) { add(.otherTool, at: offset) }
        guard depth < deepestCode, !report.isFull else { return }
        for (_, text) in EncodedParts.decoded(scalars) where !report.isFull {
            search(
                Array(text.unicodeScalars), depth: depth + 1, &report, isLate: isLate,
                isTool: isTool)
        }
    }

    /// Returns the starts of the spans that have one of these places.
    ///
    /// - Parameters:
    ///   - spans: in the order of their starts.
    ///   - places: in ascending order.
    private static func spans(_ spans: [Range<Int>], with places: [Int]) -> [Int] {
        var next = 0
        return spans.compactMap { span in
            while next < places.count, places[next] < span.lowerBound { next += 1 }
            return next < places.count && places[next] < span.upperBound ? span.lowerBound : nil
        }
    }

    /// Returns the first word of each two weak patterns of different groups that are near each other.
    private static func pairs(_ matches: [MarkerPatterns.Match]) -> [Int] {
        var found: [Int] = []
        var last: MarkerPatterns.Match?
        for match in matches where match.group != .override && match.group != .toolUse {
            if let earlier = last, earlier.group != match.group,
                earlier.group.makesPairs || match.group.makesPairs,
                match.words.lowerBound - earlier.words.upperBound <= pairWords
            {
                found.append(earlier.words.lowerBound)
                last = nil
            } else {
                last = match
            }
        }
        return found
    }
}
