/// Writes pieces as bytes.
///
/// INVARIANT: `<` and `&` are written by this type alone, and inside a quoted value `"` is too. No text can therefore
/// end the context in which it is written.
package struct HTMLWriter {
    private(set) var bytes: [UInt8] = []
    private let times: TimeStyle
    private let people: PersonStyle

    package init(_ times: TimeStyle = .utc, _ people: PersonStyle = PersonStyle()) {
        self.times = times
        self.people = people
        bytes.reserveCapacity(16 * 1024)
    }

    package mutating func begin() { put("<!doctype html>\n") }

    package mutating func write(_ piece: HTML) {
        switch piece {
        case .text(let text): escape(text)
        case .group(let pieces): for piece in pieces { write(piece) }
        case .time(let time, let form): write(times.html(of: time, form))
        case .person(let person, let word): write(people.html(of: person, word))
        case .empty(let name, let attributes): open(name.rawValue, attributes)
        case .element(let name, let attributes, let content):
            open(name.rawValue, attributes)
            // Browsers parse the content of a script by other rules; our scripts come only from files.
            if name != .script { for piece in content { write(piece) } }
            put("</")
            put(name.rawValue)
            put(">")
        }
    }

    private mutating func open(_ name: String, _ attributes: [Attribute]) {
        put("<")
        put(name)
        for attribute in attributes { write(attribute) }
        put(">")
    }

    private mutating func write(_ attribute: Attribute) {
        switch attribute {
        case .style(let styles):
            write("class", styles.map(\.rawValue).joined(separator: " "))
        case .id(let anchor): write("id", anchor.text)
        case .anchor(let name, let anchor): write(name.rawValue, anchor.text)
        case .link(let name, let link): write(name.rawValue, link.text)
        case .asset(let name, let asset): write(name.rawValue, asset.path)
        case .icon(let icon): write("id", "i-" + icon.rawValue)
        case .iconReference(let icon): write("href", "#i-" + icon.rawValue)
        case .text(let name, let text): write(name.rawValue, text)
        case .word(let name, let word): write(name.rawValue, "\(word)")
        case .number(let name, let number): write(name.rawValue, String(number))
        case .bars(let bars): write("d", bars.path)
        case .strokes(let strokes): write("d", strokes.path)
        case .extent(let width, let height): write("viewBox", "0 0 \(width) \(height)")
        case .flag(let flag):
            put(" ")
            put(flag.rawValue)
        }
    }

    private mutating func write(_ name: String, _ value: String) {
        put(" ")
        put(name)
        put("=\"")
        escape(value)
        put("\"")
    }

    private mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Escapes a text. Characters that documents must not contain (controls, WHATWG HTML 13.2.3.5) become U+FFFD, as
    /// browsers do with some of them; so does a carriage return, which a browser would treat as a line break.
    private mutating func escape(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): put("&amp;")
            case UInt8(ascii: "<"): put("&lt;")
            case UInt8(ascii: ">"): put("&gt;")
            case UInt8(ascii: "\""): put("&quot;")
            case UInt8(ascii: "'"): put("&#39;")
            case 0x09, 0x0a: bytes.append(byte)
            case 0x00...0x1f, 0x7f: put("\u{fffd}")
            default: bytes.append(byte)
            }
        }
    }
}
