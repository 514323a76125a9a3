import InterlockJSON

/// Demands to use another tool of the agent. Names of tools alone are not demands: texts about programs have them.
enum ToolDemands {
    private static let verbs = Set(texts: [
        "call", "invoke", "use", "run", "execute", "trigger", "calling", "invoking", "using",
    ])
    /// The names after a verb of which one may be that of the tool.
    private static let namesAfterVerb = 3
    private static let shortestName = 3
    private static let longestName = 160

    /// - Parameter isTool: returns whether a name in lower case is that of such a tool.
    /// - Returns: the offsets of the verbs in the original text.
    static func offsets(in plain: PlainText, _ isTool: (String) -> Bool) -> [Int] {
        plain.words.filter { verbs.contains($0.text) && namesTool(after: $0, in: plain, isTool) }
            .map(\.offset)
    }

    private static func namesTool(
        after verb: PlainText.Word, in plain: PlainText, _ isTool: (String) -> Bool
    ) -> Bool {
        let scalars = plain.scalars
        var place = verb.end
        for _ in 0..<namesAfterVerb {
            while place < scalars.count, !scalars[place].isOfToolName {
                guard scalars[place] != "\n" else { return false }
                place += 1
            }
            let start = place
            while place < scalars.count, scalars[place].isOfToolName {
                guard place - start < longestName else { return false }
                place += 1
            }
            var end = place
            while end > start, scalars[end - 1] == "." || scalars[end - 1] == "-" { end -= 1 }
            guard end > start else { return false }
            let range = start..<end
            guard range.count >= shortestName else { continue }
            let isDistinct = scalars[range].contains { $0 == "_" || $0 == "-" || $0 == "." }
            if isDistinct || plain.isNextToTool(range), isTool(plain.text(range)) { return true }
        }
        return false
    }
}

extension PlainText {
    /// Returns whether the word `tool` is before or after a name.
    fileprivate func isNextToTool(_ range: Range<Int>) -> Bool {
        let end = min(scalars.count, range.upperBound + 5)
        let start = max(0, range.lowerBound - 5)
        return text(range.upperBound..<end) == " tool" || text(start..<range.lowerBound) == "tool "
    }
}

extension Unicode.Scalar {
    fileprivate var isOfToolName: Bool {
        switch self {
        case "a"..."z", "0"..."9", "_", "-", ".": true
        default: false
        }
    }
}
