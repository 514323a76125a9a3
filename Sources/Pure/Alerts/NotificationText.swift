package import InterlockModel

/// One line for people. What Interlock says itself stands as written; what anybody else chose is quoted,
/// cut at 200 code points, and shows what cannot be seen, and what would end the quotation, as its code point.
package struct NotificationText: Sendable, Equatable, ExpressibleByStringInterpolation {
    package let text: String

    /// Code points of somebody else's text: a character may have any number of them.
    package static let longestQuote = 200

    package init(stringLiteral value: String) { text = value.withMarks }
    package init(stringInterpolation: Parts) { text = stringInterpolation.text }

    /// Text that was made by this type before, from storage; whatever it holds is made visible again.
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
        /// - Parameter quoted: from an agent, a server, a person or a file.
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
    /// The same without a link that a mail program or a chat would make one: `://` is broken by a mark.
    var unlinked: String {
        let colon: Unicode.Scalar = ":"
        return replacing("://", with: colon.mark + "//")
    }
}
