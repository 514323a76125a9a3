import Testing

/// The words of this project: a type's suffix is a promise (`Service` owns state, `Verifier` checks evidence), and a
/// comment starts with what the thing is or does. CONTRIBUTING.md, "Names and words", has the list.
struct VocabularyTests {
    /// Endings of types that were used before for what the field calls a service, registry, verifier, status or error.
    static let formerEndings = [
        "Desk", "Board", "Book", "Keeper", "Grader", "Judgement", "Pace", "Trail", "Deed",
        "Standing",
        "Sheet", "Door", "Doors", "Denial", "Trouble", "Unfit", "Misfit", "Ear", "Ears", "Knock",
        "Wish", "Theatre", "Look", "Mark", "Marks", "Way", "Watch", "Held", "Story", "Words",
        "Place",
        "Reply", "News", "Moment", "Lot",
    ]
    static let formerBeginnings = ["Seen", "Shown", "Told", "Kept", "Standing", "Alarm"]

    @Test func `no type has a name of the former vocabulary`() throws {
        let declaration = /\b(?:struct|class|enum|actor|protocol|typealias) ([A-Z]\w*)/
        let keywords = ["struct ", "class ", "enum ", "actor ", "protocol ", "typealias "]
        for file in Repository.files(under: "Sources", endingIn: [".swift"]) {
            for line in Repository.lines(of: file)
            where has(keywords, in: String(line))
                && !line.drop(while: \.isWhitespace).hasPrefix("//")
            {
                for found in line.matches(of: declaration) {
                    let name = found.1
                    let isFormer =
                        Self.formerEndings.contains { name.hasSuffix($0) }
                        || Self.formerBeginnings.contains { name.hasPrefix($0) }
                    #expect(!isFormer, "\(file) declares \(name)")
                }
            }
        }
    }

    /// Names of members that were used before for a service, visibility, status, action, listener or log reader.
    static let formerMembers: Set<Substring> = [
        "desk", "deed", "deeds", "sight", "standing", "standings", "ear", "wish", "trail", "door",
        "knock", "vigilance",
    ]

    @Test func `no member, parameter or local value has a name of the former vocabulary`() {
        let declaration = /\b(?:let|var|func|case|for|_) ([a-z]\w*)\b/
        let words = Self.formerMembers.map { " \($0)" }
        for file in Repository.files(under: "Sources", endingIn: [".swift"])
        where has(words, in: Repository.text(of: file)) {
            for (index, line) in Repository.lines(of: file).enumerated()
            where !line.drop(while: \.isWhitespace).hasPrefix("//") {
                for found in line.matches(of: declaration) {
                    #expect(
                        !Self.formerMembers.contains(found.1),
                        "\(file):\(index + 1) declares \(found.1)")
                }
            }
        }
    }

    /// Words with which a comment does not start: it would say a circumstance before it says what the thing is.
    static let circumstances: Set<Substring> = [
        "Of", "As", "What", "Who", "Why", "Whose", "Whom", "Where", "With", "Without", "For", "By",
        "From", "In", "At", "On", "To", "Behind", "Before", "After", "Under", "Until", "When",
        "How",
        "That", "Whether", "Out", "Among", "Over", "Between", "Beside", "nil",
    ]
    /// Words that name no person in particular.
    static let unnamed: Set<Substring> = ["nobody", "somebody", "whoever", "whomever"]
    /// Words that name no person in particular, or say two things at once.
    static let vague = unnamed.union(["stands", "stood", "told", "beside"])

    /// Literals that may say so: a person without an account, and text of other programs.
    static let namesOfAccounts = ["nobody@localhost", "nobody has no name"]

    @Test func `texts for people name who acts`() {
        let literal = /"(?:[^"\\]|\\.)*"/
        // The first letter may be a capital.
        let words = Self.unnamed.map { String($0.dropFirst()) }
        let endings = words + words.map { $0.uppercased() }
        for file in Repository.files(under: "Sources", endingIn: [".swift"])
        where has(endings, in: Repository.text(of: file)) {
            for (index, line) in Repository.lines(of: file).enumerated()
            where !line.drop(while: \.isWhitespace).hasPrefix("//") {
                for text in line.matches(of: literal).map(\.output) {
                    guard !Self.namesOfAccounts.contains(where: text.contains) else { continue }
                    let words = text.split { !$0.isLetter }
                    let word = words.first { Self.unnamed.contains($0.lowercased()[...]) }
                    #expect(word == nil, "\(file):\(index + 1) says \(word ?? ""): \(text)")
                }
            }
        }
    }

    @Test func `comments start with what the thing is and say who does what`() {
        let folders = ["Sources", "Tests", "Fuzz", "Benchmarks"]
        for file in folders.flatMap({ Repository.files(under: $0, endingIn: [".swift"]) }) {
            var isInside = false
            for (index, line) in Repository.lines(of: file).enumerated() {
                guard let text = comment(in: line) else {
                    isInside = false
                    continue
                }
                let words = text.drop { $0 == "/" }.split { !$0.isLetter && $0 != "'" && $0 != "`" }
                let isStart = !isInside && words.first.map(Self.circumstances.contains) ?? false
                let place = "\(file):\(index + 1)"
                #expect(!isStart, "\(place) starts with a circumstance: \(text)")
                let word = words.first { Self.vague.contains($0.lowercased()[...]) }
                #expect(word == nil, "\(place) says \(word ?? ""): \(text)")
                isInside = true
            }
        }
    }

    /// The line from its slashes on; nil if it has no comment of its own. The C library passes over most lines.
    private func comment(in line: Substring) -> Substring? {
        guard Repository.has("//", in: String(line)) else { return nil }
        let text = line.drop(while: \.isWhitespace)
        return text.hasPrefix("//") ? text : nil
    }

    private func has(_ words: [String], in text: String) -> Bool {
        words.contains { Repository.has($0, in: text) }
    }
}
