import InterlockJSON

/// The parts of a text that are no prose, found in one pass: marks of speakers, parts that a page does not show, and
/// links. All places are indexes in `PlainText.scalars`, in ascending order.
struct MarkupParts {
    /// Tokens by which chat formats separate speakers; no other text has them.
    private(set) var tokens: [Int] = []
    /// The text after a mark that other texts have as well, such as a heading or a role at the start of a line.
    private(set) var claims: [Range<Int>] = []
    /// Comments and the alternative texts of images.
    private(set) var hidden: [Range<Int>] = []
    /// Links and images whose query has a place for what an agent knows.
    private(set) var links: [Int] = []

    /// The scalars after a mark that belong to it.
    private static let claimLength = 300
    private static let longestAlternative = 200
    private static let longestTag = 4_096
    private static let longestLink = 2_048
    private static let longestPlaceholder = 80

    private static func needles(_ texts: [String]) -> [[Unicode.Scalar]] {
        texts.map { Array($0.unicodeScalars) }
    }
    private static let strong = needles([
        "<|im_start|>", "<|im_end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|endoftext|>",
        "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<<sys>>", "<</sys>>",
        "<start_of_turn>", "<end_of_turn>", "[inst]", "[/inst]",
    ])
    private static let weak = needles([
        "<system>", "<important>", "<instructions>", "<system-reminder>", "<system_prompt>",
        "<assistant>", "<admin>", "[system]", "[system message]", "\n### instruction",
        "\n### system", "\n## system", "\nsystem:", "\nassistant:", "\nhuman:",
    ])
    private static let comments = needles(["<!--", "[//]: #", "[comment]: #"])
    private static let commentEnd = Array("-->".unicodeScalars)
    private static let image = Array("![".unicodeScalars)
    private static let imageTag = Array("<img".unicodeScalars)
    private static let schemes = needles(["http://", "https://"])
    private static let openings = needles(["{", "[", "<", "${", "%7b", "%5b"])
    /// The words for what an agent knows and a server does not.
    private static let known = Set(texts: [
        "conversation", "history", "chat", "transcript", "secret", "secrets", "password",
        "passwords", "credential", "credentials", "prompt", "context", "summary", "memory",
        "private", "confidential",
    ])

    private let scalars: [Unicode.Scalar]

    init(_ plain: PlainText) {
        scalars = plain.scalars
        // Parts of one kind are not searched again for others of the kind, so each scalar is seen a few times.
        var nextComment = 0
        var nextImage = 0
        var nextLink = 0
        for place in scalars.indices {
            switch scalars[place] {
            case "<", "[":
                if has(anyOf: Self.strong, at: place) { tokens.append(place) }
                if has(anyOf: Self.weak, at: place) { addClaim(place) }
                if place >= nextComment, has(anyOf: Self.comments, at: place) {
                    let end = endOfComment(place)
                    hidden.append(place..<end)
                    nextComment = end
                }
                if place >= nextImage, has(Self.imageTag, at: place) {
                    let end = self.end(of: ">", from: place, most: Self.longestTag)
                    hidden.append(place..<end)
                    nextImage = end
                }
            case "\n": if has(anyOf: Self.weak, at: place) { addClaim(place) }
            case "!":
                guard has(Self.image, at: place) else { continue }
                let end = endOfAlternative(place)
                hidden.append(place..<end)
            case "h":
                guard place >= nextLink, has(anyOf: Self.schemes, at: place) else { continue }
                let (end, carriesData) = link(place)
                if carriesData { links.append(place) }
                nextLink = end
            default: continue
            }
        }
    }

    private mutating func addClaim(_ place: Int) {
        claims.append(place..<min(scalars.count, place + Self.claimLength))
    }

    private func has(anyOf needles: [[Unicode.Scalar]], at place: Int) -> Bool {
        needles.contains { has($0, at: place) }
    }

    private func has(_ needle: [Unicode.Scalar], at place: Int) -> Bool {
        guard place + needle.count <= scalars.count else { return false }
        for index in needle.indices where scalars[place + index] != needle[index] { return false }
        return true
    }

    /// Returns the place after the next `scalar`, or the last permitted place.
    private func end(of scalar: Unicode.Scalar, from place: Int, most: Int) -> Int {
        let last = min(scalars.count, place + most)
        return scalars[place..<last].firstIndex(of: scalar).map { $0 + 1 } ?? last
    }

    private func endOfComment(_ place: Int) -> Int {
        guard scalars[place] == "<" else {
            return end(of: "\n", from: place, most: Self.longestTag)
        }
        var next = place
        while next < scalars.count {
            if scalars[next] == "-", has(Self.commentEnd, at: next) { return next + 3 }
            next += 1
        }
        return scalars.count
    }

    /// Returns the end of the alternative text of an image in Markdown, which is on one line.
    private func endOfAlternative(_ place: Int) -> Int {
        var next = place + 2
        let last = min(scalars.count, place + Self.longestAlternative)
        while next < last, scalars[next] != "]", scalars[next] != "\n", scalars[next] != "!" {
            next += 1
        }
        return max(next, place + 1)
    }

    /// Returns the end of a link, and whether its query has a placeholder for what an agent knows. A link that a reader
    /// follows needs more words in it than an image that is loaded: programs have links with names of variables.
    private func link(_ start: Int) -> (end: Int, carriesData: Bool) {
        let last = min(scalars.count, start + Self.longestLink)
        let isImage = isImage(start)
        var hasQuery = false
        var place = start
        while place < last {
            let scalar = scalars[place]
            if scalar.properties.isWhitespace || scalar == "\"" || scalar == "'" || scalar == "`" {
                break
            }
            if scalar == "?" { hasQuery = true }
            if hasQuery, scalar == "=" {
                let count = knownWords(place + 1)
                if count > 1 || count == 1 && isImage { return (place + 1, true) }
            }
            place += 1
        }
        return (max(place, start + 1), false)
    }

    /// Returns the number of words of the placeholder that begins here if one of them is about what an agent knows, or 0.
    private func knownWords(_ start: Int) -> Int {
        guard let opening = Self.openings.last(where: { has($0, at: start) }) else { return 0 }
        let first = start + opening.count
        let last = min(scalars.count, first + Self.longestPlaceholder)
        var words: [String] = [""]
        for scalar in scalars[first..<max(first, last)] {
            if scalar == "}" || scalar == "]" || scalar == ">" || scalar == "&" { break }
            if scalar.isOfWord {
                words[words.count - 1].unicodeScalars.append(scalar)
            } else if words[words.count - 1] != "" {
                words.append("")
            }
        }
        let named = words.filter { !$0.isEmpty }
        return named.contains { Self.known.contains($0) } ? named.count : 0
    }

    /// Returns whether the link is the source of an image, in Markdown or HTML.
    private func isImage(_ link: Int) -> Bool {
        let first = max(0, link - Self.longestAlternative)
        var place = link - 1
        while place >= first, scalars[place] != "\n" {
            if scalars[place] == "!", has(Self.image, at: place) {
                return link >= 2 && scalars[link - 1] == "(" && scalars[link - 2] == "]"
            }
            if scalars[place] == "<" { return has(Self.imageTag, at: place) }
            place -= 1
        }
        return false
    }
}
