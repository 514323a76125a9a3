package import InterlockModel

/// One line for people. Interlock's own words are kept as written; text from any other source is quoted, cut at 200
/// code points, and shows invisible characters, and those that would end the quotation, as their code point.
package struct NotificationText: Sendable, Equatable, ExpressibleByStringInterpolation {
    package let text: String

    /// Code points of quoted text: a character may consist of any number of them.
    package static let longestQuote = 200

    package init(stringLiteral value: String) { text = value.withMarks }
    package init(stringInterpolation: Parts) { text = stringInterpolation.text }

    /// Restores text of this type from storage; invisible characters are made visible again.
    init(shown: String) { text = shown.withMarks }

    package struct Parts: StringInterpolationProtocol {
        fileprivate var text = ""

        package init(literalCapacity: Int, interpolationCount: Int) {}
        package mutating func appendLiteral(_ literal: String) { text += literal }
        package mutating func appendInterpolation(_ number: Int) { text += "\(number)" }
        package mutating func appendInterpolation(_ time: Timestamp) {
            text += time.rfc3339(fractionDigits: 0)
        }
        package mutating func appendInterpolation(_ tier: Tier) { text += tier.rawValue }
        /// - Parameter quoted: text from an agent, a server, a person or a file.
        package mutating func appendInterpolation(_ quoted: String) {
            text += "\""
            for scalar in quoted.unicodeScalars.prefix(longestQuote) {
                let stands = scalar.isSeen && scalar != "\""
                text += stands ? String(scalar) : scalar.mark
            }
            text += quoted.unicodeScalars.count > longestQuote ? "...\"" : "\""
        }
    }
}

extension String {
    /// The text with each `://` broken by a mark, so that no mail or chat program turns it into a link.
    var unlinked: String {
        let colon: Unicode.Scalar = ":"
        return replacing("://", with: colon.mark + "//")
    }
}
