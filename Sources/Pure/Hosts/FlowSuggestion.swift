package import InterlockJSON

/// The statements about the flow of values that a tool's entry is suggested to have, by the names and formats of its
/// reviewed schema alone (docs/specs/output-safety.md, section 7). Names are claims: a person decides, and an argument
/// that decides and has another name is not found.
package struct FlowSuggestion: Sendable, Hashable {
    /// The paths of the arguments that name a recipient, an account, an amount, a place or a day, such as
    /// `recipients.email`; sorted. Empty if there are none, or if not all can be written.
    package private(set) var keys: [String] = []
    /// True if the caller chooses a URL, or searches the web.
    package private(set) var sends = false
    /// True if the name is that of content which outsiders write: mail, tickets, reviews, pages.
    package private(set) var isOutsideSource = false

    /// The most arguments that are suggested, and their deepest nesting. Beyond these nothing is, so that every argument
    /// counts.
    private static let most = 64
    private static let deepest = 8

    /// - Parameters:
    ///   - name: the tool's name at its server.
    ///   - isRead: true if its class is read.
    package init(name: String, inputSchema: JSONObject, isRead: Bool) {
        let words = ToolSuggestion.words(of: name)
        var walk = KeyArguments()
        walk.add(.object(inputSchema), [])
        sends =
            walk.hasURLArgument
            || words.contains(where: Self.web.contains) && words.contains(where: Self.ask.contains)
        isOutsideSource = isRead && words.contains(where: Self.outside.contains)
        // Keys of a call that only reads decide nothing.
        guard !isRead || sends, walk.isComplete else { return }
        keys = walk.paths.sorted()
    }

    /// The members of the tool's entry in YAML, without braces: `sends: true, keys: ["url"]`. Empty if there are none.
    package var yaml: String {
        var members: [String] = []
        if isOutsideSource { members.append("source: untrusted") }
        if sends { members.append("sends: true") }
        if !keys.isEmpty {
            let list = JSONValue.array(keys.map { .string($0) })
            members.append("keys: " + String(decoding: list.serialized(), as: UTF8.self))
        }
        return members.joined(separator: ", ")
    }

    private static let web: Set<String> = ["web", "internet", "online"]
    private static let ask: Set<String> = ["browse", "fetch", "find", "lookup", "query", "search"]
    private static let outside: Set<String> = [
        "browse", "comment", "comments", "email", "emails", "feed", "feeds", "inbox", "issue",
        "issues", "mail", "mails", "message", "messages", "news", "page", "pages", "review",
        "reviews", "scrape", "ticket", "tickets", "web", "webpage", "website",
    ]

    /// The arguments of one schema that decide where an effect lands.
    private struct KeyArguments {
        private(set) var paths: Set<String> = []
        private(set) var hasURLArgument = false
        /// False if an argument cannot be written as a path, if there are too many, or if a keyword that is not walked
        /// may have others.
        private(set) var isComplete = true

        mutating func add(_ schema: JSONValue, _ path: [String], depth: Int = 0) {
            guard path.count <= FlowSuggestion.deepest, depth <= FlowSuggestion.deepest else {
                isComplete = false
                return
            }
            guard let object = schema.object else {
                // A list of schemas, by place in the list.
                if schema.array != nil { isComplete = false }
                return
            }
            if Self.notWalked.contains(where: { object[$0] != nil }) { isComplete = false }
            if let others = object["additionalProperties"], others != false { isComplete = false }
            for (name, property) in object["properties"]?.object?.members ?? [] {
                add(property, named: name, path + [name])
            }
            if let items = object["items"] { add(items, path, depth: depth + 1) }
            for keyword in Self.alternatives {
                for part in object[keyword]?.array ?? [] { add(part, path, depth: depth + 1) }
            }
        }

        private mutating func add(_ property: JSONValue, named name: String, _ path: [String]) {
            guard property["type"] != "boolean" else { return }
            let formats = Self.formats(of: property)
            let words = ToolSuggestion.words(of: name)
            if Self.isURL(words, formats) { hasURLArgument = true }
            if Self.isKey(words, formats) { note(path) } else { add(property, path) }
        }

        /// The formats of a value, of the elements of its list and of its alternatives.
        private static func formats(of schema: JSONValue, depth: Int = 0) -> [String] {
            guard depth <= FlowSuggestion.deepest else { return [] }
            var parts: [JSONValue] = schema["items"].map { [$0] } ?? []
            for keyword in alternatives { parts += schema[keyword]?.array ?? [] }
            let own: [String] = schema["format"]?.string.map { [$0] } ?? []
            return own + parts.flatMap { formats(of: $0, depth: depth + 1) }
        }

        private static let alternatives = ["allOf", "anyOf", "oneOf"]
        /// The keywords of JSON Schema by which a value can have arguments that are not walked.
        private static let notWalked = [
            "$ref", "$dynamicRef", "$recursiveRef", "additionalItems", "contains", "dependencies",
            "dependentSchemas", "else", "if", "not", "patternProperties", "prefixItems", "then",
            "unevaluatedItems", "unevaluatedProperties",
        ]

        private mutating func note(_ path: [String]) {
            guard path.allSatisfy(Self.canBeWritten), paths.count < FlowSuggestion.most else {
                isComplete = false
                return
            }
            paths.insert(path.joined(separator: "."))
        }

        /// Returns true if the policy can name the argument.
        private static func canBeWritten(_ name: String) -> Bool {
            !name.isEmpty
                && name.unicodeScalars.allSatisfy {
                    $0.value > 0x20 && $0.value < 0x7f && !"./*[]\\".unicodeScalars.contains($0)
                }
        }

        private static func isURL(_ words: [String], _ formats: [String]) -> Bool {
            formats.contains { ["uri", "iri", "url"].contains($0) }
                || words.contains { ["url", "urls", "uri", "uris"].contains($0) }
        }

        private static func isKey(_ words: [String], _ formats: [String]) -> Bool {
            if isURL(words, formats) || formats.contains(where: keyFormats.contains) { return true }
            // `to_date` is a day, and `reply_to` a recipient.
            if let last = words.last, ["to", "cc", "bcc"].contains(last) { return true }
            return words.contains { word in
                names.contains(word) || word.hasSuffix("email") || word.hasSuffix("emails")
                    || beginnings.contains { word.hasPrefix($0) }
            }
        }

        private static let keyFormats: Set<String> = [
            "date", "date-time", "email", "idn-email", "iri-reference", "uri-reference",
        ]
        private static let names: Set<String> = [
            "branch", "channel", "channels", "date", "iban", "path", "paths",
        ]
        private static let beginnings = ["account", "amount", "recipient"]
    }
}
