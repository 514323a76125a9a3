import InterlockJSON

/// The shortest plausible time to read a review: one second for ten words, at least two seconds
/// (docs/specs/approvals.md, section 12).
package enum MinimumReadingTime {
    private static let shortest = Duration.seconds(2)
    private static let wordsPerSecond = 10

    package static func time(for review: ReviewDocument) -> Duration {
        max(shortest, .milliseconds(words(review.call.arguments) * 1000 / wordsPerSecond))
    }

    /// The number of words, separated by white space; a name and each value count at least one.
    static func words(_ value: JSONValue) -> Int {
        switch value {
        case .string(let text): max(1, words(text))
        case .null, .bool, .integer, .number: 1
        case .array(let items): items.reduce(0) { $0 + words($1) }
        case .object(let object):
            object.members.reduce(0) { $0 + max(1, words($1.key)) + words($1.value) }
        }
    }

    private static func words(_ text: String) -> Int {
        text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace).count
    }
}
