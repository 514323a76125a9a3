/// Cuts a server's text in a notification to a size.
enum NoticeText {
    /// - Parameter limitBytes: the limit on the text as JSON, quotes included, in bytes.
    /// - Returns: the text, or its beginning and `...`.
    static func cut(_ text: String, to limitBytes: Int) -> String {
        let end = "..."
        var left = limitBytes - end.utf8.count - 2
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\0"..<" ": left -= 6
            case "\"", "\\": left -= 2
            default: left -= UTF8.width(scalar)
            }
            guard left >= 0 else { return String(kept) + end }
            kept.append(scalar)
        }
        return text
    }
}
