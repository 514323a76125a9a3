/// Text of a server in a notification, cut to a size.
enum NoticeText {
    /// - Parameter limitBytes: of the text as JSON writes it, quotes included.
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
