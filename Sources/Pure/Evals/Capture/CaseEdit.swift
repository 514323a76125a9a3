package import InterlockModel
package import InterlockPolicy

/// Edits the text of a case at the places of its keys. Comments, order and everything else stay as they are.
///
/// The result is to be read and compared before it is written: an edit knows places, not meanings.
package struct CaseEdit: Sendable {
    /// The lines without their line feeds.
    private let lines: [String]
    private let entries: [YAMLEntry]
    /// `\r` for a file with carriage returns.
    private let ending: String
    /// The new texts of lines, and the lines that follow one, by its number from 0.
    private var replaced: [Int: String] = [:]
    private var inserted: [Int: [String]] = [:]

    package struct Refusal: Error, Sendable, Hashable {
        /// One line, in lower case.
        package let message: String

        package init(message: String) { self.message = message }
    }

    /// - Throws: a refusal unless the file has one key at the beginning of each of its lines with keys.
    package init(_ text: String, _ root: YAMLNode) throws(Refusal) {
        guard case .mapping(let entries) = root.content, !entries.isEmpty else {
            throw Refusal(message: "the case is not a mapping")
        }
        lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { String($0) ?? "" }
        self.entries = entries
        ending = lines[0].utf8.last == UInt8(ascii: "\r") ? "\r" : ""
        for entry in entries {
            let isOwnLine =
                lines.indices.contains(entry.keyLine - 1) && entry.keyColumn == 1
                && lines[entry.keyLine - 1].utf8.first != UInt8(ascii: "{")
            guard isOwnLine else {
                throw Refusal(
                    message: "the case has not each key at the beginning of a line: edit it by hand"
                )
            }
        }
    }

    /// Returns true if the file has the key.
    package func has(_ key: String) -> Bool { entry(key) != nil }

    /// The text after all edits.
    package var text: String {
        var output: [String] = []
        for (number, line) in lines.enumerated() {
            output.append(replaced[number] ?? line)
            output += inserted[number] ?? []
        }
        return output.joined(separator: "\n")
    }

    /// Replaces the value of `expect`.
    package mutating func expect(_ verdict: Verdict) throws(Refusal) {
        let (number, before, after) = try parts(of: "expect")
        replaced[number] = before + verdict.description + after
    }

    /// Replaces `draft` by the review, and adds the policy on which the case must fail.
    package mutating func confirm(
        by reviewer: Person, on day: CivilDate, regressionOf policy: Digest?
    ) throws(Refusal) {
        let (number, _, after) = try parts(of: "draft")
        replaced[number] =
            "reviewed: {by: \(FlowText.quoted(reviewer.address)), on: \"\(day.text)\"}" + after
        if let policy {
            inserted[number] = ["regression_of: \"\(policy.prefixed)\"" + ending]
        }
    }

    /// Adds an origin behind the last one, or a list of origins at the end.
    package mutating func add(_ origin: CaseOrigin) throws(Refusal) {
        guard let entry = entry("origin") else {
            // The last line is empty if the file ends with a line feed.
            let isEnded = lines.last?.isEmpty == true && lines.count > 1
            let last = isEnded ? lines.count - 2 : lines.count - 1
            if !isEnded, !ending.isEmpty || lines[last].isEmpty {
                throw Refusal(message: "the last line of the case has no end: edit it by hand")
            }
            inserted[last, default: []] += [
                "origin:" + ending, "  - \(origin.flow)" + ending,
            ]
            return
        }
        guard case .sequence(let items) = entry.value.content, let last = items.last,
            lines.indices.contains(last.line - 1)
        else {
            throw Refusal(message: "`origin` is not a list of lines: add to it by hand")
        }
        // An item on one line of its own: `  - {...}`.
        let line = lines[last.line - 1]
        let head = String(line.unicodeScalars.prefix(last.column - 1))
        let rest = line.unicodeScalars.dropFirst(last.column - 1)
        guard last.line > entry.keyLine, rest.first == "{",
            head.utf8.filter({ $0 != UInt8(ascii: " ") }) == [UInt8(ascii: "-")]
        else {
            throw Refusal(message: "`origin` is not a list of lines: add to it by hand")
        }
        inserted[last.line - 1, default: []].append(head + origin.flow + ending)
    }

    private func entry(_ key: String) -> YAMLEntry? { entries.first { $0.key == key } }

    /// The number of the line of a key whose value is one word on it, with what is before and behind the value.
    private func parts(of key: String) throws(Refusal) -> (Int, String, String) {
        let refusal = Refusal(message: "`\(key)` is not one word on a line: edit it by hand")
        guard let entry = entry(key), case .scalar(let scalar) = entry.value.content,
            scalar.isOneLine, entry.value.line == entry.keyLine
        else { throw refusal }
        let line = lines[entry.keyLine - 1].unicodeScalars
        let before = String(line.prefix(entry.value.column - 1))
        let rest = String(line.dropFirst(entry.value.column - 1))
        for written in [scalar.text, "\"\(scalar.text)\"", "'\(scalar.text)'"]
        where rest.hasPrefix(written) {
            return (entry.keyLine - 1, before, String(rest.dropFirst(written.count)))
        }
        throw refusal
    }
}
