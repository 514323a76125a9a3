/// The tree of a page that a screen reader offers to move about in: landmarks, headings, fields, buttons, next steps and
/// captions of tables, each with its name. Like `Outline`, it shares no code with the writer of pages.
struct PageOutline {
    /// A line for each; two spaces for each landmark around it. Equal neighbours are one line with their number.
    let lines: [String]
    /// The lines of `main`, which is left out itself.
    let content: [String]

    private static let landmarks: Set = ["header", "nav", "main", "aside", "footer", "dialog"]
    private static let named = [
        "h1": "h1", "h2": "h2", "h3": "h3", "h4": "h4", "button": "button", "summary": "summary",
        "caption": "table", "legend": "fields", "label": "field", "a": "act",
    ]
    /// The length of a name, in characters.
    private static let longest = 70

    private struct Line: Equatable {
        let depth: Int
        let text: String
    }

    /// An element whose name is its text, while it is read.
    private struct Reading {
        let tag: String
        let word: String
        var text = ""
    }

    init(_ page: String) {
        var (found, main): ([Line], Range<Int>?) = ([], nil)
        // The open elements that can be landmarks, and whether they are.
        var (open, reading): ([(tag: String, isLandmark: Bool)], Reading?) = ([], nil)
        func depth() -> Int { open.count { $0.isLandmark } }
        for part in page.split(separator: "<") {
            let end = part.firstIndex(of: ">") ?? part.endIndex
            let (markup, text) = (part[..<end], part[end...].dropFirst())
            let isEnd = markup.first == "/"
            let tag = String(markup.drop { $0 == "/" }.prefix { $0 != " " })
            let label = Self.value(of: "aria-label", in: markup)
            if let done = reading, isEnd, tag == done.tag {
                found.append(Line(depth: depth(), text: "\(done.word) \(Self.name(done.text))"))
                reading = nil
            } else if isEnd {
                if tag == open.last?.tag { open.removeLast() }
                if tag == "main", let start = main?.lowerBound { main = start..<found.count }
            } else if tag == "section" || Self.landmarks.contains(tag) {
                let isLandmark = tag != "section" || label != nil
                if isLandmark {
                    let words = label.map { " " + Self.name($0) } ?? ""
                    found.append(Line(depth: depth(), text: tag + words))
                }
                if tag == "main" { main = found.count..<found.count }
                open.append((tag, isLandmark))
            } else if reading == nil, let word = Self.named[tag], Self.isNamed(tag, markup) {
                if let label {
                    found.append(Line(depth: depth(), text: "\(word) \(Self.name(label))"))
                } else {
                    reading = Reading(tag: tag, word: word)
                }
            }
            reading?.text.append(contentsOf: text)
        }
        lines = Self.merged(found)
        content = Self.merged(
            found[main ?? 0..<0].map { Line(depth: max(0, $0.depth - 1), text: $0.text) })
    }

    /// Returns false for a link that is no next step.
    private static func isNamed(_ tag: String, _ markup: Substring) -> Bool {
        guard tag == "a" else { return true }
        return value(of: "class", in: markup)?.split(separator: " ").contains("act") == true
    }

    private static func value(of attribute: String, in markup: Substring) -> String? {
        guard let start = markup.firstRange(of: " \(attribute)=\"")?.upperBound else { return nil }
        return String(markup[start...].prefix { $0 != "\"" })
    }

    private static func name(_ text: String) -> String {
        let known = [
            ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&"),
        ]
        let read = known.reduce(text) { $0.replacing($1.0, with: $1.1) }
        let words = read.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.count > longest ? "\(words.prefix(longest))…" : words
    }

    private static func merged(_ lines: [Line]) -> [String] {
        var counted: [(line: Line, count: Int)] = []
        for line in lines {
            if counted.last?.line == line {
                counted[counted.count - 1].count += 1
            } else {
                counted.append((line, 1))
            }
        }
        return counted.map { line, count in
            String(repeating: "  ", count: line.depth) + line.text
                + (count > 1 ? " (\(count))" : "")
        }
    }
}
