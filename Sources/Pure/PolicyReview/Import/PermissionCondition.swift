import InterlockJSON
import InterlockPolicy

/// Conditions of a policy on calls of server `host`, made from the content of permission rules. Where the two languages
/// differ, an allow covers less than its rule, and a deny or an ask covers more.
enum PermissionCondition {
    /// The commands of a rule about a shell.
    static func shell(_ command: ShellRule) -> String {
        // The gateway knows the programs of a text, and not their arguments.
        if command.isOpen, command.words.count == 1 {
            return "\(literal(command.words[0])) in args.commands"
        }
        return "args.arguments.command.contains(\(literal(command.words.joined(separator: " "))))"
    }

    static func agent(_ kind: String) -> String {
        "args.arguments.subagent_type == \(literal(kind))"
    }

    static let fetches = "has(args.arguments.url)"
    static let searches = "has(args.arguments.query)"
    /// A call with both would be a fetch.
    static let searchesAlone = "has(args.arguments.query) && !has(args.arguments.url)"

    /// - Returns: nil if the content is not `domain:` and a host.
    static func domain(_ content: String, _ effect: PermissionRule.Effect) -> String? {
        let prefix = "domain:"
        guard content.hasPrefix(prefix) else { return nil }
        var name = String(content.dropFirst(prefix.count))
        let isOpen = name.hasPrefix("*.")
        if isOpen { name.removeFirst(2) }
        guard let host = CanonicalHost(name), !host.isAddress else { return nil }
        guard effect == .allow else {
            let named = pattern(host.text)
            // A host finds the domain also in a URL of another form: with escapes, blanks or other letters.
            return matches(#"(?i)^[a-z]+:[/\\]*([^/\\?#]*[.@])?"# + named + #"[.]?([:/\\?#]|$)"#)
                + " || !" + matches("^(?i)https?://[a-z0-9.-]+(:[0-9]+)?([/?#][!-~]*)?$")
        }
        guard isOpen else {
            return "args.arguments.url.startsWith(\(literal("https://\(host.text)/")))"
        }
        return matches("^https://([a-z0-9-]+[.])+\(pattern(host.text))/")
    }

    private static func matches(_ pattern: String) -> String {
        "args.arguments.url.matches(\(literal(pattern)))"
    }

    /// A canonical host has letters, digits, `-` and dots.
    private static func pattern(_ host: String) -> String { host.replacing(".", with: "[.]") }

    /// Rules are printable ASCII, whose escapes are the same in JSON and in CEL.
    private static func literal(_ text: String) -> String {
        String(decoding: JSONValue.string(text).serialized(), as: UTF8.self)
    }
}

/// The content of a rule about a shell: words, and whether any further arguments may follow.
struct ShellRule: Hashable {
    let words: [String]
    let isOpen: Bool

    /// The entry of `hooks.shell_allow`.
    var entry: String { (words + (isOpen ? ["*"] : [])).joined(separator: " ") }

    /// - Throws: the reason for which the content has no such form.
    init(_ content: String) throws(UnusedCause) {
        var text = content
        let isPrefix = text.hasSuffix(":*")
        if isPrefix {
            text.removeLast(2)
            guard !text.contains("*") else {
                throw UnusedCause(.neverMatches, "a `*` before `:*` is taken literally")
            }
        } else if text.hasSuffix(" *") {
            text.removeLast(2)
        }
        isOpen = text != content
        guard !text.contains("*") else {
            throw UnusedCause(.notExpressed, "`*` can be the last word alone")
        }
        words = text.split(separator: " ").map(String.init)
        guard !words.isEmpty else {
            throw UnusedCause(.neverMatches, "it names no command")
        }
    }

    /// True if every command of `other` is one of this rule.
    func covers(_ other: ShellRule) -> Bool {
        isOpen ? other.words.starts(with: words) : !other.isOpen && other.words == words
    }
}

/// The cause why a rule is not part of the policy.
struct UnusedCause: Error {
    let kind: UnusedPermission.Kind
    let text: String

    init(_ kind: UnusedPermission.Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }
}
