package import InterlockJSON
package import InterlockModel

/// The text that a run has read from tools with the effect `sensitive_data`, by their servers, and the text of the user's
/// request (docs/specs/output-safety.md, section 7, "Egress side channels"). It has keyed hashes of stretches of text,
/// never a text.
///
/// INVARIANT: a stretch that was added is recognised with any other characters between its letters and digits, in either
/// case, also if it is in several texts of one document; and what is not known since there was no room counts as
/// sensitive. Kept by `SensitiveTextTests`.
package struct SensitiveText: Sendable {
    /// The letters and digits of a stretch. 24 bytes of prose have at least as many.
    package static let stretch = 18
    /// The most stretches of one run, of the request and of all servers together, each of at most 22 bytes: 5.5 MiB.
    package static let most = 1 << 18

    private let key: (UInt64, UInt64)
    private let most: Int
    private var request: Set<UInt64> = []
    private var sources: [ServerName: Set<UInt64>] = [:]
    /// False if the run has read more than is here.
    package private(set) var isComplete = true

    /// - Parameters:
    ///   - key: random words, which are of this process alone.
    ///   - most: less than usual for tests.
    package init(key: (UInt64, UInt64), most: Int = SensitiveText.most) {
        (self.key, self.most) = (key, most)
    }

    /// The number of stretches.
    package var count: Int { sources.values.reduce(request.count) { $0 + $1.count } }

    /// False if the run has certainly read nothing of a sensitive tool.
    package var mayHaveText: Bool { !isComplete || !sources.isEmpty }

    /// Counts every stretch that is not of the request as sensitive from now on.
    package mutating func lose() { isComplete = false }

    /// Adds the user's own words, as far as there is room.
    package mutating func add(request text: String) {
        let room = most - count + request.count
        Self.eachStretch(of: text, key) { hash in
            guard request.count < room else { return false }
            request.insert(hash)
            return true
        }
    }

    /// Adds what a tool of a server brought. If there is no room for it, the text is incomplete.
    package mutating func add(_ content: JSONValue, of server: ServerName) {
        for part in stretches(of: content).parts { add(part, of: server) }
    }

    /// The hashed stretches of content, apart from any run's text.
    package struct Stretches: Sendable {
        fileprivate var hashes: Set<UInt64> = []

        /// The most stretches of one part.
        package static let mostOfPart = 4096

        package struct Part: Sendable {
            fileprivate let hashes: [UInt64]
        }

        /// The stretches in parts, at least one: content without a stretch is content, too.
        package var parts: [Part] {
            let all = Array(hashes)
            guard all.count > Self.mostOfPart else { return [Part(hashes: all)] }
            return stride(from: 0, to: all.count, by: Self.mostOfPart).map { start in
                Part(hashes: Array(all[start..<min(start + Self.mostOfPart, all.count)]))
            }
        }
    }

    /// Hashes the stretches of content with the key of this text: all, or one more than any text has room for.
    package func stretches(of content: JSONValue) -> Stretches {
        var found = Stretches()
        for text in DocumentTexts(content, isNested: true).all where found.hashes.count <= most {
            Self.eachStretch(of: text, key) { hash in
                found.hashes.insert(hash)
                return found.hashes.count <= most
            }
        }
        return found
    }

    /// Adds a part of what a tool of a server brought. If there is no room for it, the text is incomplete.
    package mutating func add(_ part: Stretches.Part, of server: ServerName) {
        var known = sources.removeValue(forKey: server) ?? []
        let room = most - count
        var isFull = false
        for hash in part.hashes {
            guard known.count < room || known.contains(hash) else {
                isFull = true
                break
            }
            known.insert(hash)
        }
        sources[server] = known
        if isFull { lose() }
    }

    /// Returns true if a text has a stretch that a tool of another server brought and that is not of the request.
    ///
    /// - Parameter server: the server that would get the text.
    package func isIn(_ text: String, sentTo server: ServerName) -> Bool {
        let others = sources.filter { $0.key != server }.map(\.value)
        guard !isComplete || !others.isEmpty else { return false }
        var isFound = false
        Self.eachStretch(of: text, key) { hash in
            guard !request.contains(hash) else { return true }
            isFound = !isComplete || others.contains { $0.contains(hash) }
            return !isFound
        }
        return isFound
    }

    /// Passes a hash of each stretch of letters and digits, until `visit` returns false.
    private static func eachStretch(
        of text: String, _ key: (UInt64, UInt64), _ visit: (UInt64) -> Bool
    ) {
        let letters = letters(of: text)
        guard letters.count >= stretch else { return }
        let factor = key.0 | 1
        var leaving: UInt64 = 1
        for _ in 1..<stretch { leaving = leaving &* factor }
        var sum: UInt64 = 0
        for (index, letter) in letters.enumerated() {
            if index >= stretch {
                sum = sum &- (UInt64(letters[index - stretch]) &+ key.1) &* leaving
            }
            sum = sum &* factor &+ UInt64(letter) &+ key.1
            guard index >= stretch - 1 else { continue }
            guard visit(mixed(sum)) else { return }
        }
    }

    /// Returns the UTF-8 of the letters and numbers of a text. Signs and pictures may be put between them, and marks on
    /// them.
    private static func letters(of text: String) -> [UInt8] {
        let folded = FoldedText(text).bytes
        guard folded.contains(where: { $0 >= 0x80 }) else {
            return folded.filter { isLetter($0) || isDigit($0) }
        }
        var letters: [UInt8] = []
        for scalar in String(decoding: folded, as: UTF8.self).unicodeScalars {
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter,
                .otherLetter, .decimalNumber, .letterNumber, .otherNumber:
                letters.append(contentsOf: String(scalar).utf8)
            default: break
            }
        }
        return letters
    }

    private static func mixed(_ sum: UInt64) -> UInt64 {
        let mixed = (sum ^ sum >> 33) &* 0xff51_afd7_ed55_8ccd
        return mixed ^ mixed >> 32
    }
}
