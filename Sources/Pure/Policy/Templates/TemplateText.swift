package import InterlockJSON

/// The path of an argument of a call: `args.order`, `args.to.address`. It leads through members of objects
/// only, not through elements of lists.
package struct ArgumentPath: Hashable, Sendable, CustomStringConvertible {
    package let names: [String]

    static let deepest = 8

    /// Returns nil unless the text begins with `args.` and each name consists of letters, digits, `_` and
    /// `-`.
    package init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.first == "args", (2...Self.deepest + 1).contains(parts.count),
            parts.allSatisfy({ Self.isName($0) })
        else { return nil }
        names = Array(parts.dropFirst())
    }

    package var description: String { (["args"] + names).joined(separator: ".") }
    /// The path below `args`: `to.address`.
    package var name: String { names.joined(separator: ".") }

    /// Returns nil if the call has no such argument.
    package func value(in arguments: JSONValue) -> JSONValue? {
        names.reduce(arguments as JSONValue?) { value, name in value?[name] }
    }

    static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}

/// Words of a reviewer with arguments of the call between them: `order {args.order}`. Braces have no other
/// meaning, so no text is ambiguous.
package struct TemplateText: Hashable, Sendable, CustomStringConvertible {
    package enum Part: Hashable, Sendable {
        case words(String)
        case argument(ArgumentPath)
    }

    package let parts: [Part]

    package static let largest = 512
    static let mostParts = 32

    /// Returns nil if the text is empty or too long, or if a brace has no partner or contains no argument.
    package init?(_ text: String) {
        guard (1...Self.largest).contains(text.utf8.count) else { return nil }
        var parts: [Part] = []
        var words = ""
        var inside: String?
        for character in text.unicodeScalars {
            switch (character, inside) {
            case ("{", nil): inside = ""
            case ("{", .some), ("}", nil): return nil
            case ("}", let name?):
                guard let path = ArgumentPath(name) else { return nil }
                if !words.isEmpty { parts.append(.words(words)) }
                parts.append(.argument(path))
                words = ""
                inside = nil
            case (_, nil): words.unicodeScalars.append(character)
            case (_, .some): inside?.unicodeScalars.append(character)
            }
        }
        guard inside == nil else { return nil }
        if !words.isEmpty { parts.append(.words(words)) }
        guard parts.count <= Self.mostParts else { return nil }
        self.parts = parts
    }

    package var description: String {
        parts.map { part in
            switch part {
            case .words(let words): words
            case .argument(let path): "{\(path)}"
            }
        }.joined()
    }

    /// - Throws: if the call lacks an argument that the text names, so that it cannot be shown in full.
    package func filled(from arguments: JSONValue) throws(TemplateGap) -> String {
        var text = ""
        for part in parts {
            switch part {
            case .words(let words): text += words
            case .argument(let path):
                guard let value = path.value(in: arguments) else { throw TemplateGap(path) }
                text += value.asShown
            }
        }
        return text
    }

    /// The value for an argument of a preview: a placeholder alone keeps its kind, everything else is text.
    ///
    /// - Throws: if the call lacks an argument that the text names.
    package func value(from arguments: JSONValue) throws(TemplateGap) -> JSONValue {
        guard parts.count == 1, case .argument(let path) = parts[0] else {
            return .string(try filled(from: arguments))
        }
        guard let value = path.value(in: arguments) else { throw TemplateGap(path) }
        return value
    }
}

/// The argument that a template names and a call does not have.
package struct TemplateGap: Error, Hashable, Sendable {
    package let path: ArgumentPath
    init(_ path: ArgumentPath) { self.path = path }
}

extension JSONValue {
    /// Text as it is, everything else in JSON.
    var asShown: String { string ?? String(decoding: serialized(), as: UTF8.self) }
}
