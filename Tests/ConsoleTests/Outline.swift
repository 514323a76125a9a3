/// The outline of markup as a browser sees it, by the rules of its tokenizer that matter here (WHATWG HTML, 13.2.5):
/// the tags with the names of their attributes, and the text with its references resolved. It shares no code with the
/// writer, so that a mistake in one does not hide in the other.
struct Outline: Equatable {
    /// The tags, such as `p class id` and `/p`.
    var tags: [String] = []
    var text = ""
    var values: [String] = []
    /// Constructs that no page may contain: a broken tag, a comment, an attribute without quotes.
    var faults: [String] = []

    init(_ bytes: [UInt8]) {
        var rest = Substring(String(decoding: bytes, as: UTF8.self)).unicodeScalars
        if String(rest).hasPrefix("<!doctype html>\n") { rest = rest.dropFirst(16) }
        while let scalar = rest.popFirst() {
            if scalar == "<" {
                takeTag(&rest)
            } else if scalar == "&" {
                text.unicodeScalars.append(reference(&rest))
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }

    private mutating func takeTag(_ rest: inout Substring.UnicodeScalarView) {
        var tag = ""
        if rest.first == "/" { tag.unicodeScalars.append(rest.removeFirst()) }
        guard let first = rest.first, first.properties.isAlphabetic else {
            faults.append("a tag without a name")
            return
        }
        while let scalar = rest.first, scalar != ">", scalar != " " {
            tag.unicodeScalars.append(rest.removeFirst())
        }
        while rest.first == " " {
            rest.removeFirst()
            tag += " "
            while let scalar = rest.first, scalar != "=", scalar != " ", scalar != ">" {
                tag.unicodeScalars.append(rest.removeFirst())
            }
            if rest.first == "=" {
                rest.removeFirst()
                takeValue(&rest)
            }
        }
        if rest.first == ">" { rest.removeFirst() } else { faults.append("a tag without an end") }
        tags.append(tag)
    }

    private mutating func takeValue(_ rest: inout Substring.UnicodeScalarView) {
        guard rest.first == "\"" else {
            faults.append("a value without quotes")
            return
        }
        rest.removeFirst()
        var value = String.UnicodeScalarView()
        while let scalar = rest.popFirst(), scalar != "\"" {
            value.append(scalar == "&" ? reference(&rest) : scalar)
        }
        values.append(String(value))
    }

    private static let known: [(name: [Unicode.Scalar], scalar: Unicode.Scalar)] = [
        ("amp;", "&"), ("lt;", "<"), ("gt;", ">"), ("quot;", "\""), ("#39;", "'"),
    ].map { (Array($0.unicodeScalars), $1) }

    private mutating func reference(_ rest: inout Substring.UnicodeScalarView) -> Unicode.Scalar {
        for (name, scalar) in Self.known where rest.starts(with: name) {
            rest.removeFirst(name.count)
            return scalar
        }
        faults.append("an ampersand that stands for itself")
        return "&"
    }
}
