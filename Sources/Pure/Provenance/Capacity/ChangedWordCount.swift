/// The number of words in the added and removed lines of a patch, separated by white space (ASCII).
///
/// Reads the output of `git diff-tree -p -U0`. The lines of a hunk are counted by its header, so no content of a file
/// passes for a header.
package enum ChangedWordCount {
    package static func count(_ patch: [UInt8]) throws(GitDiffError) -> Int {
        var words = 0
        var (removed, added) = (0, 0)
        for line in patch.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if removed == 0, added == 0 {
                guard line.starts(with: hunk) else { continue }
                (removed, added) = try sizes(line)
                continue
            }
            switch line.first ?? 0 {
            case UInt8(ascii: "-") where removed > 0: removed -= 1
            case UInt8(ascii: "+") where added > 0: added -= 1
            // "\ No newline at end of file"
            case UInt8(ascii: "\\"): continue
            default: throw .malformed
            }
            words += line.dropFirst().split(whereSeparator: isSpace).count
        }
        guard removed == 0, added == 0 else { throw .malformed }
        return words
    }

    private static let hunk = Array("@@ -".utf8)

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0d).contains(byte)
    }

    /// Reads `@@ -FROM[,COUNT] +FROM[,COUNT] @@`.
    private static func sizes(_ line: ArraySlice<UInt8>) throws(GitDiffError) -> (Int, Int) {
        let parts = line.split(separator: 0x20, maxSplits: 3)
        guard parts.count >= 3, let removed = size(parts[1], "-"), let added = size(parts[2], "+")
        else { throw .malformed }
        return (removed, added)
    }

    private static func size(_ text: ArraySlice<UInt8>, _ sign: Character) -> Int? {
        guard let mark = sign.asciiValue, text.first == mark else { return nil }
        let numbers = text.dropFirst().split(
            separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard (1...2).contains(numbers.count), numbers.allSatisfy(isNumber) else { return nil }
        return numbers.count == 1 ? 1 : Int(String(decoding: numbers[1], as: UTF8.self))
    }

    private static func isNumber(_ text: ArraySlice<UInt8>) -> Bool {
        (1...10).contains(text.count)
            && text.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}

/// The commits that a message says it reverts, by the line that `git revert` writes.
package enum RevertedCommits {
    private static let start = Array("This reverts commit ".utf8)

    /// The most that are read of one message.
    private static let most = 50

    package static func named(in message: [UInt8]) -> [GitObjectID] {
        var found: [GitObjectID] = []
        for line in message.split(separator: UInt8(ascii: "\n")) where line.starts(with: start) {
            let digits = line.dropFirst(start.count).prefix {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
            guard let commit = GitObjectID(String(decoding: digits, as: UTF8.self)),
                !found.contains(commit)
            else { continue }
            found.append(commit)
            if found.count == most { break }
        }
        return found
    }
}
