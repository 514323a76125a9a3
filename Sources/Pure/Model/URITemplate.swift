/// The resources that one entry of the policy covers: a URI, or a template with `{name}` for part of a segment and
/// `{+name}` for any rest (RFC 6570, levels 1 and 2, with one name per expression).
package struct URITemplate: Hashable, Sendable, CustomStringConvertible {
    package enum Shape: Hashable, Sendable {
        case literal([UInt8])
        /// A variable, never empty. It spans slashes if it is open.
        case variable(isOpen: Bool)
    }

    package let text: String
    /// The names of the variables, in order of occurrence.
    package let names: [String]
    /// The structure that determines the matches, independent of the names of variables.
    package let shape: [Shape]
    /// The scheme in lower case.
    package let scheme: String

    package static let mostVariables = 8
    /// The name that a decision's arguments use besides the variables, so no variable may have it.
    package static let reservedName = "uri"

    package var description: String { text }
    package var isExact: Bool { names.isEmpty }
    /// The number of bytes that a matching URI must contain: if two templates match, the one with more applies.
    package var literalBytes: Int {
        shape.reduce(0) { sum, part in
            if case .literal(let bytes) = part { sum + bytes.count } else { sum }
        }
    }

    package init(_ text: String) throws(URITemplateFault) {
        var names: [String] = []
        var parts: [Shape] = []
        var sample = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            let literal = rest[..<open]
            guard let close = rest[open...].firstIndex(of: "}") else { throw .brace }
            if literal.isEmpty {
                guard parts.isEmpty else { throw .adjacent }
            } else {
                parts.append(.literal(Array(literal.utf8)))
            }
            var name = rest[rest.index(after: open)..<close]
            let isOpen = name.first == "+"
            if isOpen { name = name.dropFirst() }
            guard isVariable(name) else { throw .name }
            guard !names.contains(String(name)) else { throw .twice }
            names.append(String(name))
            parts.append(.variable(isOpen: isOpen))
            sample += literal + "v"
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.literal(Array(rest.utf8))) }
        sample += rest
        guard names.count <= Self.mostVariables else { throw .many }
        let uri: ResourceURI
        do throws(ResourceURIFault) { uri = try ResourceURI(sample) } catch { throw .uri(error) }
        // A template that is not in the canonical form would match no resource.
        guard uri.text == sample else { throw .form(uri.text) }
        guard case .literal(let first)? = parts.first, first.count > uri.scheme.utf8.count else {
            throw .scheme
        }
        self.text = text
        self.names = names
        shape = parts
        scheme = uri.scheme
    }

}

extension URITemplate {
    /// Returns the unescaped values of the variables, or nil if the URI does not match the template.
    ///
    /// Each position of the URI is examined once per part. If several divisions fit, variables are as long as possible,
    /// from the right.
    package func match(_ uri: ResourceURI) -> [(name: String, value: String)]? {
        let bytes = Array(uri.text.utf8)
        // The start of each part for each end, or -1 if the part cannot end there.
        var begins: [[Int]] = []
        var reached = [Bool](repeating: false, count: bytes.count + 1)
        reached[0] = true
        for part in shape {
            let begin = Self.begins(of: part, in: bytes, from: reached)
            begins.append(begin)
            reached = begin.map { $0 >= 0 }
        }
        guard reached[bytes.count] else { return nil }
        var values: [String] = []
        var end = bytes.count
        for (part, begin) in zip(shape, begins).reversed() {
            let start = begin[end]
            if case .variable = part {
                guard let value = unescapedText(bytes[start..<end]) else { return nil }
                values.append(value)
            }
            end = start
        }
        return Array(zip(names, values.reversed()).map { (name: $0, value: $1) })
    }

    private static func begins(of part: Shape, in bytes: [UInt8], from reached: [Bool]) -> [Int] {
        var begins = [Int](repeating: -1, count: bytes.count + 1)
        switch part {
        case .literal(let literal):
            guard literal.count <= bytes.count else { return begins }
            for start in 0...(bytes.count - literal.count)
            where reached[start] && bytes[start..<(start + literal.count)].elementsEqual(literal) {
                begins[start + literal.count] = start
            }
        case .variable(let isOpen):
            var start = -1
            for place in bytes.indices {
                if reached[place], start < 0 { start = place }
                if !isOpen, "/?#&".utf8.contains(bytes[place]) {
                    start = -1
                } else if start >= 0, !isWithinEscape(place, of: bytes) {
                    begins[place + 1] = start
                }
            }
        }
        return begins
    }

    /// Returns a URI with a value for each expression of a template of RFC 6570, or the text itself if it is a plain
    /// URI. It finds the policy entry that covers a server's own template, for lists and completions; each read is
    /// checked by its own URI.
    package static func sample(of template: String) -> String? {
        guard template.utf8.count <= ResourceURI.longest else { return nil }
        var sample = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else { return nil }
            let expression = rest[rest.index(after: open)..<close]
            guard let first = expression.first else { return nil }
            sample += rest[..<open] + sampleValue(of: first)
            rest = rest[rest.index(after: close)...]
        }
        return sample + rest
    }

    /// Returns a sample value for an operator of RFC 6570, section 2.2.
    private static func sampleValue(of sign: Character) -> String {
        switch sign {
        case "+": "v/v"
        case "#": "#v/v"
        case "/": "/v"
        case ".": ".v"
        case ";": ";v=v"
        case "?": "?v=v"
        case "&": "&v=v"
        default: "v"
        }
    }
}

/// The reason why a text is not a valid template of the policy.
package enum URITemplateFault: Error, Sendable, CustomStringConvertible {
    case brace, name, adjacent, twice, many, scheme
    case uri(ResourceURIFault)
    /// The text is not in canonical form; the value is the canonical form.
    case form(String)

    package var description: String {
        switch self {
        case .brace: "a brace is not closed"
        case .name:
            "expected between braces a name of letters, digits and `_`, other than `uri`, after `+` or not"
        case .adjacent: "two variables are adjacent, so the end of the first is ambiguous"
        case .twice: "duplicate variable"
        case .many: "it has more than \(URITemplate.mostVariables) variables"
        case .scheme: "its scheme is a variable"
        case .uri(let fault): "\(fault)"
        case .form(let text): "write `\(text)`, with `v` for each variable"
        }
    }
}

private func isVariable(_ name: Substring) -> Bool {
    (1...64).contains(name.utf8.count) && name != URITemplate.reservedName[...]
        && name.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
}

/// Returns true if an escape that covers `place` continues after it.
private func isWithinEscape(_ place: Int, of bytes: [UInt8]) -> Bool {
    let percent = UInt8(ascii: "%")
    return bytes[place] == percent || place > 0 && bytes[place - 1] == percent
}

/// Returns the unescaped text, or nil if it is not UTF-8.
private func unescapedText(_ bytes: ArraySlice<UInt8>) -> String? {
    let bytes = Array(bytes)
    var out: [UInt8] = []
    var place = 0
    while place < bytes.count {
        if let byte = PercentCode.byte(bytes, place) {
            out.append(byte)
            place += 3
        } else {
            out.append(bytes[place])
            place += 1
        }
    }
    return String(validating: out, as: UTF8.self)
}
