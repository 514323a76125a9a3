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

    /// The longest path that is compared, in bytes; more than twice the length of any operation's path.
    private static let longest = 512

    package init(stringLiteral text: String) {
        self.text = text
        parts = Self.split(text).map { part in
            part.hasPrefix("{") ? .place(String(part.dropFirst().dropLast())) : .word(part)
        }
    }

    /// Returns the text of each placeholder, or nil if the path does not match. No placeholder matches an empty
    /// segment.
    ///
    /// - Parameter path: the path below the prefix, with percent-encoding kept: names of rules alone may need it.
    package func match(_ path: String) -> [ExactText: String]? {
        // The byte checks come first: the path is untrusted and is compared with each operation.
        let slash = UInt8(ascii: "/")
        guard path.utf8.count <= Self.longest,
            path.utf8.count(where: { $0 == slash }) == parts.count - 1
        else { return nil }
        let found = Self.split(path)
        var places: [ExactText: String] = [:]
        for (part, text) in zip(parts, found) {
            switch part {
            case .word(let word): guard word == text else { return nil }
            case .place(let name):
                guard !text.isEmpty else { return nil }
                places[name] = text
            }
        }
        return places
    }

    private static func split(_ path: String) -> [String] {
        path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    }
}
