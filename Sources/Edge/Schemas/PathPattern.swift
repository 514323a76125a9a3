package import InterlockJSON
import InterlockMarkup

/// The path of an operation below the API's prefix, such as `/approvals/{approval}/deny`.
package struct PathPattern: Sendable, ExpressibleByStringLiteral {
    package enum Part: Sendable, Equatable {
        case word(String)
        case place(String)

        package var isPlace: Bool { if case .place = self { true } else { false } }
    }

    package let text: String
    package let parts: [Part]

    package init(stringLiteral text: String) {
        self.text = text
        parts = PathSegments.split(text).map { part in
            part.hasPrefix("{") ? .place(String(part.dropFirst().dropLast())) : .word(part)
        }
    }

    /// Returns the text of each placeholder, or nil if the path does not match. No placeholder matches an empty
    /// segment.
    package func match(_ path: PathSegments) -> [ExactText: String]? {
        guard path.texts.count == parts.count else { return nil }
        var places: [ExactText: String] = [:]
        for (part, text) in zip(parts, path.texts) {
            switch part {
            case .word(let word): guard word == text else { return nil }
            case .place(let name):
                guard !text.isEmpty else { return nil }
                places[name] = text
            }
        }
        return places
    }
}

/// The segments of a request's path, which is split once for all patterns that it is compared with.
package struct PathSegments: Sendable {
    /// The longest path that is compared, in bytes; more than twice the length of any operation's path.
    private static let longest = 512

    /// The text before the leading slash is the first, so there is at least one. Each may be empty.
    package let texts: [String]

    /// - Parameter path: the path below the prefix, with percent-encoding kept: names of rules alone may need it.
    /// - Returns: nil if the path is longer than any that is compared.
    package init?(_ path: Substring) {
        guard path.utf8.count <= Self.longest else { return nil }
        texts = Self.split(String(path))
    }

    fileprivate static func split(_ path: String) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
    }
}
