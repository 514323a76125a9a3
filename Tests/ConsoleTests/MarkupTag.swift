/// A tag of a page with its values and the text behind it, as they are written: references such as `&lt;` stay. Like
/// `Outline`, it shares no code with the writer of pages.
struct MarkupTag {
    /// The name, with `/` before it for an end.
    let name: String
    /// The values by the names of the attributes; empty for flags.
    let values: [String: String]
    let text: String

    /// The tags in their order. The writer escapes `<`, `>` and quotes in texts and values.
    static func all(in page: String) -> [MarkupTag] {
        let parts = page.unicodeScalars.split(separator: "<", omittingEmptySubsequences: false)
        return parts.dropFirst().map { part in
            let markup = part.prefix { $0 != ">" }
            return MarkupTag(
                name: String(markup.prefix { $0 != " " }), values: values(of: markup),
                text: String(part[markup.endIndex...].dropFirst()))
        }
    }

    private static func values(of markup: Substring.UnicodeScalarView) -> [String: String] {
        var found: [String: String] = [:]
        var rest = markup.drop { $0 != " " }
        while !rest.isEmpty {
            rest = rest.drop { $0 == " " }
            let name = rest.prefix { $0 != "=" && $0 != " " }
            rest = rest[name.endIndex...]
            guard rest.first == "=" else {
                if !name.isEmpty { found[String(name)] = "" }
                continue
            }
            let value = rest.dropFirst(2).prefix { $0 != "\"" }
            rest = rest[value.endIndex...].dropFirst()
            found[String(name)] = String(value)
        }
        return found
    }
}
