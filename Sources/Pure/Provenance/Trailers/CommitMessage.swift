import InterlockModel

/// A commit message, whose author is not trusted: its subject and body say nothing about agents, its trailers do.
///
/// Trailers are the last paragraph, if it is not the first, and if each of its lines is `Name: value`, a continuation
/// that starts with a blank, or Git's `(cherry picked from commit …)`.
package struct CommitMessage: Sendable {
    package static let mostBytes = 1 << 20
    /// The most runs of one message.
    package static let mostGroups = 32
    private static let lineFeed = UInt8(ascii: "\n")
    private static let number = UInt8(ascii: "#")

    /// The lines without line feeds, up to the last one that is not blank.
    private var lines: [ArraySlice<UInt8>]
    /// The comments of Git's editor that follow; they are no part of the commit.
    private let comments: [ArraySlice<UInt8>]

    /// - Parameter hasComments: true for a message that an editor is about to show, whose last lines that start with
    ///   `#` are Git's.
    package init(_ bytes: [UInt8], hasComments: Bool = false) throws(TrailerFault) {
        guard bytes.count <= Self.mostBytes else { throw .tooLarge }
        var lines = bytes.split(separator: Self.lineFeed, omittingEmptySubsequences: false)
        var comments: [ArraySlice<UInt8>] = []
        if hasComments {
            let cut = lines.firstIndex { $0.starts(with: "# ------------------------ >8".utf8) }
            var end = cut ?? lines.count
            while end > 0, Self.isBlank(lines[end - 1]) || lines[end - 1].first == Self.number {
                end -= 1
            }
            comments = Array(lines[end...].drop(while: Self.isBlank))
            while let last = comments.last, Self.isBlank(last) { comments.removeLast() }
            lines = Array(lines[..<end])
        }
        while let last = lines.last, Self.isBlank(last) { lines.removeLast() }
        self.lines = lines
        self.comments = comments
    }

    /// The message as Git will store it, without comments.
    package var content: [UInt8] { Array(lines.joined(separator: [Self.lineFeed])) }

    /// The trailers of agents, one group for each run.
    ///
    /// - Throws: if a trailer of an agent cannot be read, or may be hidden: a message that is not understood is not a
    ///   message without trailers.
    package var trailers: [AgentTrailers] {
        get throws(TrailerFault) {
            let found = try ownTrailers()
            guard found.count % AgentTrailers.Name.allCases.count == 0 else { throw .incomplete }
            var groups: [AgentTrailers] = []
            for start in stride(from: 0, to: found.count, by: 4) {
                let part = found[start..<start + 4]
                guard part.map(\.name) == AgentTrailers.Name.allCases else { throw .incomplete }
                guard groups.count < Self.mostGroups else { throw .tooMany }
                let group = try AgentTrailers(values: part.map(\.value))
                guard !groups.contains(where: { $0.run == group.run }) else {
                    throw .duplicateRun(group.run)
                }
                groups.append(group)
            }
            return groups
        }
    }

    /// The message with these trailers in the place of those that it has.
    package func replacingTrailers(with groups: [AgentTrailers]) throws(TrailerFault) -> [UInt8] {
        guard groups.count <= Self.mostGroups else { throw .tooMany }
        _ = try ownTrailers()
        var rest = self
        // A message that loses its last paragraph has another one.
        while let own = try? rest.ownTrailers(), !own.isEmpty {
            let start = rest.lastParagraph
            let others = rest.lines[start...].filter { Self.ownTrailer($0) == nil }
            rest.lines.removeSubrange(start...)
            rest.lines += others
            while let last = rest.lines.last, Self.isBlank(last) { rest.lines.removeLast() }
        }
        // Git drops blank lines before the subject.
        rest.lines = Array(rest.lines.drop(while: Self.isBlank))
        var body = rest.lines
        if !groups.isEmpty {
            if !rest.hasTrailerBlock { body.append([]) }
            // An empty message keeps its first line for the subject.
            if body.count == 1 { body.append([]) }
            body += groups.flatMap(\.lines).map { ArraySlice($0.utf8) }
        }
        let all = comments.isEmpty ? body : body + [[]] + comments
        return Array(all.joined(separator: [Self.lineFeed])) + (all.isEmpty ? [] : [Self.lineFeed])
    }

    /// The lines of the last paragraph that are trailers of agents.
    private func ownTrailers() throws(TrailerFault) -> [(name: AgentTrailers.Name, value: [UInt8])]
    {
        let paragraph = lines[lastParagraph...]
        let own = paragraph.compactMap(Self.ownTrailer)
        guard !own.isEmpty else { return [] }
        guard hasTrailerBlock else { throw .mixed }
        // The value of a trailer ends with its line here.
        for (line, next) in zip(paragraph, paragraph.dropFirst())
        where Self.isContinuation(next) {
            if let trailer = Self.ownTrailer(line) { throw .malformed(trailer.name.rawValue) }
        }
        return own
    }

    /// The index of the first line of the last paragraph.
    private var lastParagraph: Int {
        (lines.lastIndex(where: Self.isBlank) ?? -1) + 1
    }

    private var hasTrailerBlock: Bool {
        let start = lastParagraph
        guard start > 0, start < lines.count, !Self.isContinuation(lines[start]) else {
            return false
        }
        return lines[start...].allSatisfy { line in
            Self.isContinuation(line) || Self.trailer(line) != nil
                || line.starts(with: "(cherry picked from commit ".utf8)
        }
    }

    private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool {
        line.allSatisfy { $0 == 0x20 || (0x09...0x0d).contains($0) }
    }

    private static func isContinuation(_ line: ArraySlice<UInt8>) -> Bool {
        line.first == 0x20 || line.first == 0x09
    }

    private static func ownTrailer(
        _ line: ArraySlice<UInt8>
    ) -> (name: AgentTrailers.Name, value: [UInt8])? {
        guard let (token, value) = trailer(line),
            let name = AgentTrailers.Name(token: String(decoding: token, as: UTF8.self))
        else { return nil }
        return (name, value)
    }

    /// Splits `Name: value`; Git permits blanks before the colon and around the value.
    private static func trailer(
        _ line: ArraySlice<UInt8>
    ) -> (token: ArraySlice<UInt8>, value: [UInt8])? {
        let token = line.prefix { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
        let rest = line[token.endIndex...].drop { $0 == 0x20 || $0 == 0x09 }
        guard !token.isEmpty, rest.first == UInt8(ascii: ":") else { return nil }
        var value = rest.dropFirst().drop { $0 == 0x20 || $0 == 0x09 }
        while let last = value.last, last == 0x20 || (0x09...0x0d).contains(last) {
            value.removeLast()
        }
        return (token, Array(value))
    }
}
