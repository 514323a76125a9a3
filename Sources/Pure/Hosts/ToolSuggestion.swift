package import InterlockJSON
package import InterlockModel

/// The suggested class of a tool, before a person decides. Annotations and names are claims: only an explicit
/// `readOnlyHint` that nothing contradicts is suggested as read (docs/specs/mcp.md, sections 2 and 11).
package struct ToolSuggestion: Sendable, Hashable {
    package let toolClass: ToolClass
    /// The reason in a few words, for the person who confirms the class.
    package let because: String

    /// - Parameters:
    ///   - name: the tool's name at its server.
    ///   - annotations: the annotations as the server sent them.
    package init(name: String, annotations: JSONObject?) {
        let words = Self.words(of: name)
        let readOnly = annotations?["readOnlyHint"]?.bool
        let destructive = annotations?["destructiveHint"]?.bool
        let changing = words.first(where: Self.changing.contains)
        switch (readOnly, destructive) {
        case (_, true?): self.init(.destructive, "it says so itself (destructiveHint)")
        case (false?, _): self.init(.write, "it says that it is not read-only")
        case (true?, _):
            if let changing {
                self.init(.write, "it claims to be read-only, and its name says `\(changing)`")
            } else {
                self.init(.read, "it says that it is read-only")
            }
        case (nil, _):
            if let changing {
                self.init(.write, "its name says `\(changing)`")
            } else if let reading = words.first(where: Self.reading.contains) {
                self.init(.write, "it says nothing; its name sounds like reading (`\(reading)`)")
            } else {
                self.init(.write, "it says nothing")
            }
        }
    }

    private init(_ toolClass: ToolClass, _ because: String) {
        self.toolClass = toolClass
        self.because = because
    }

    /// Splits `getUser_by-id` into `get`, `user`, `by`, `id`.
    static func words(of name: String) -> [String] {
        var words: [String] = []
        var word = ""
        for character in name {
            if !(character.isLetter || character.isNumber) {
                words.append(word)
                word = ""
            } else if character.isUppercase, word.last?.isLowercase == true {
                words.append(word)
                word = character.lowercased()
            } else {
                word += character.lowercased()
            }
        }
        return (words + [word]).filter { !$0.isEmpty }
    }

    private static let changing: Set<String> = [
        "add", "apply", "append", "approve", "archive", "assign", "cancel", "change", "checkout",
        "clear", "close", "commit", "create", "delete", "deploy", "destroy", "disable", "drop",
        "edit", "enable", "erase", "exec", "execute", "insert", "invoke", "kill", "merge", "modify",
        "move", "patch", "pay", "post", "publish", "purge", "push", "put", "refund", "remove",
        "rename", "replace", "reset", "restart", "revoke", "run", "send", "set", "start", "stop",
        "submit", "transfer", "truncate", "update", "upload", "upsert", "write",
    ]
    private static let reading: Set<String> = [
        "browse", "check", "convert", "count", "describe", "diff", "download", "fetch", "find",
        "get", "inspect", "list", "log", "lookup", "query", "read", "search", "show", "status",
        "view",
    ]
}
