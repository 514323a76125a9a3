extension PlainText {
    /// The ranges of possible tool names: letters, digits, `_`, `-` and inner dots.
    var names: [Range<Int>] {
        var names: [Range<Int>] = []
        var start: Int?
        for place in 0...scalars.count {
            let isPart = place < scalars.count && scalars[place].isOfName
            if isPart, start == nil { start = place }
            if !isPart, let first = start {
                var end = place
                while end > first, scalars[end - 1] == "." || scalars[end - 1] == "-" { end -= 1 }
                if end > first { names.append(first..<end) }
                start = nil
            }
        }
        return names
    }

    /// Returns whether the name is in backticks, before a parenthesis, or next to the word `tool`.
    func isCalledTool(_ range: Range<Int>) -> Bool {
        let before = range.lowerBound > 0 ? scalars[range.lowerBound - 1] : " "
        let after = range.upperBound < scalars.count ? scalars[range.upperBound] : " "
        if after == "(" || (before == "`" && after == "`") { return true }
        let end = min(scalars.count, range.upperBound + 5)
        let start = max(0, range.lowerBound - 5)
        return text(range.upperBound..<end) == " tool" || text(start..<range.lowerBound) == "tool "
    }
}

extension Unicode.Scalar {
    fileprivate var isOfName: Bool {
        switch self {
        case "a"..."z", "0"..."9", "_", "-", ".": true
        default: false
        }
    }
}
