/// The markers of injections in what a server sent: counts, and the first passage that has one.
package struct MarkerReport: Sendable, Hashable {
    /// The number of markers of each kind; together at most `MarkerScanner.mostFindings`.
    package private(set) var counts: [DescriptionFinding.Kind: Int64] = [:]
    /// The text around the first marker; untrusted, at most `MarkerScanner.longestPassage` scalars.
    package private(set) var passage: String?
    /// False if the texts were too long to be searched, or the search ended before it had seen all.
    package private(set) var isComplete = true

    private var found: Int64 = 0
    private var first = Int.max

    package var isEmpty: Bool { counts.isEmpty }

    /// The kinds that were found, in the order of `DescriptionFinding.Kind`.
    package var kinds: [DescriptionFinding.Kind] {
        DescriptionFinding.Kind.allCases.filter { counts[$0] != nil }
    }

    package init() {}

    /// The report about texts that were not searched.
    package static let unsearched: MarkerReport = {
        var report = MarkerReport()
        report.isComplete = false
        return report
    }()

    /// Says that a part of the texts was not searched.
    mutating func cutOff() { isComplete = false }

    var isFull: Bool { found >= MarkerScanner.mostFindings }

    /// - Parameter offset: where the marker begins in `scalars`, an original text.
    mutating func add(
        _ kind: DescriptionFinding.Kind, at offset: Int, of scalars: [Unicode.Scalar],
        isEncoded: Bool
    ) {
        guard !isFull else { return }
        found += 1
        counts[kind, default: 0] += 1
        // A passage of the text itself comes before one that is encoded in it.
        guard isEncoded ? passage == nil : offset < first else { return }
        if !isEncoded { first = offset }
        let start = max(0, offset - MarkerScanner.longestPassage / 3)
        let end = min(scalars.count, start + MarkerScanner.longestPassage)
        passage = String(String.UnicodeScalarView(scalars[start..<end]))
    }
}

extension DescriptionFinding.Kind {
    /// The kind in words, for people.
    package var words: String {
        switch self {
        case .hiddenUnicode: "hidden characters"
        case .chatTemplate: "words in the form of another speaker of the chat"
        case .imperative: "instructions to an assistant"
        case .otherTool: "a demand to use another tool"
        case .comment: "instructions in a part that a page does not show"
        case .dataLink: "a link that would carry data away"
        }
    }
}
