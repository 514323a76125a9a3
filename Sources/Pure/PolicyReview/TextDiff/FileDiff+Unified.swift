import InterlockModel

/// The difference as `diff -u` prints it, for people: characters that a reader does not recognise are replaced by their
/// code points, except for tabs.
extension FileDiff {
    /// - Returns: the lines without line breaks; empty if no line is known.
    package var unified: [String] {
        guard !hunks.isEmpty else { return [] }
        var lines = [
            "--- " + (change == .added ? "/dev/null" : "a/" + path),
            "+++ " + (change == .removed ? "/dev/null" : "b/" + path),
        ]
        for hunk in hunks {
            let old = hunk.lines.count { $0.kind != .added }
            let new = hunk.lines.count { $0.kind != .removed }
            lines.append(
                "@@ -\(Self.range(hunk.oldStart, old)) +\(Self.range(hunk.newStart, new)) @@")
            for line in hunk.lines {
                lines.append(line.sign + line.shownText)
                if line.isUnended { lines.append("\\ No newline at end of file") }
            }
        }
        return lines
    }

    /// The first line and the number of lines; an empty range begins after the line before it.
    private static func range(_ start: Int, _ count: Int) -> String {
        count == 1 ? "\(start)" : "\(count == 0 ? start - 1 : start),\(count)"
    }
}

extension FileDiff.Line {
    fileprivate var sign: String {
        switch kind {
        case .same: " "
        case .removed: "-"
        case .added: "+"
        }
    }

    fileprivate var shownText: String {
        text.split(separator: "\t", omittingEmptySubsequences: false)
            .map { String($0).withMarks }.joined(separator: "\t")
    }
}
