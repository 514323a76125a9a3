package import InterlockJSON

/// A notification of a server during a call: text that is searched for values that its caller must not read.
package protocol ServerNotice: Sendable {
    /// Everything of the server that the caller could read, before it is cut to its size. A text that is far too large
    /// has only its beginning.
    var document: JSONValue { get }

    /// Returns the notice with a copy of `document`.
    ///
    /// - Returns: nil if more than the text of the message differs, or if that text is not whole.
    func replaced(by copy: JSONValue) -> Self?

    /// The strings of the message in their order, before they are cut; a reader may put them together.
    var strings: [String] { get }
    /// The same as the caller gets them, without the dots of a cut.
    var shownStrings: [String] { get }
    /// The same with the names of members and the numbers between them, as the caller gets them.
    var shownTexts: [String] { get }
    /// The name of the part of the server that has the message, before it is cut; nil if it has none.
    var sender: String? { get }
    /// The same as the caller gets it, without the dots of a cut.
    var shownSender: String? { get }
}

extension ServerNotice {
    package var shownTexts: [String] { shownStrings }
}

/// A text of a notification before it is cut to its size.
struct NoticeBody: Sendable {
    /// The bytes that are kept for a search; more than are shown, so that a value at the cut is found.
    static let maximumBytes = 16 << 10

    let text: String
    /// False if the text was longer.
    let isWhole: Bool

    init(_ text: String) {
        isWhole = text.utf8.count <= Self.maximumBytes
        guard !isWhole else {
            self.text = text
            return
        }
        var end = text.utf8.index(text.startIndex, offsetBy: Self.maximumBytes)
        while end.samePosition(in: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        self.text = String(text[..<end])
    }

    /// Returns the beginning of the text that fits into this many bytes of JSON, and the dots of a cut.
    func cut(to limitBytes: Int) -> String { NoticeText.cut(text, to: limitBytes) }

    /// Returns the same without the dots.
    func shown(in limitBytes: Int) -> String {
        let cut = cut(to: limitBytes)
        return cut == text ? text : String(cut.dropLast(NoticeText.dots.count))
    }
}
