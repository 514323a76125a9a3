import InterlockModel

/// One permission rule of Claude Code, `Tool` or `Tool(content)`, as its version 2.1.327 reads it.
package struct PermissionRule: Sendable, Hashable {
    /// The list that has the rule, the weakest first: a deny beats an ask, and an ask an allow.
    package enum Effect: String, Sendable, Hashable, CaseIterable, Comparable {
        case allow, ask, deny

        package static func < (a: Effect, b: Effect) -> Bool { a.rank < b.rank }
        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    package let effect: Effect
    /// The rule as the file has it; at most `longest` bytes.
    package let text: String
    package let tool: String
    /// The text in the parentheses; nil for a rule about the whole tool, as which `Tool(*)` counts too.
    package let content: String?

    /// The length of a rule, in bytes.
    package static let longest = 512

    /// - Throws: the reason for which Claude Code refuses or ignores the rule.
    package init(_ effect: Effect, _ text: String) throws(PermissionRuleError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.longest else { throw .tooLong }
        guard bytes.allSatisfy({ (0x20...0x7e).contains($0) }) else { throw .characters }
        self.effect = effect
        self.text = text
        guard let open = bytes.firstIndex(of: UInt8(ascii: "(")) else {
            guard Self.isName(bytes[...]) else { throw .malformed }
            tool = text
            content = nil
            return
        }
        let name = bytes[..<open]
        guard Self.isName(name), bytes.last == UInt8(ascii: ")") else { throw .malformed }
        let inner = bytes[(open + 1)..<(bytes.count - 1)]
        guard !inner.isEmpty else { throw .emptyParentheses }
        tool = String(decoding: name, as: UTF8.self)
        let content = String(decoding: inner, as: UTF8.self)
        self.content = content == "*" ? nil : content
    }

    /// Letters, digits, `_`, `-` and `*`. A name without `_` begins with an upper-case letter.
    private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first,
            bytes.allSatisfy({ isLetter($0) || isDigit($0) || "_-*".utf8.contains($0) })
        else { return false }
        return bytes.contains(UInt8(ascii: "_")) || !(97...122).contains(first)
    }
}

package enum PermissionRuleError: Error, Hashable {
    case tooLong
    /// A byte that is not printable ASCII.
    case characters
    case malformed
    case emptyParentheses
}

/// A rule that is not part of the policy made from it.
package struct UnusedPermission: Sendable, Hashable {
    package enum Kind: String, Sendable {
        /// Claude Code never applies the rule either.
        case neverMatches = "never matches"
        case notExpressed = "cannot be expressed"
    }

    package let effect: PermissionRule.Effect
    /// The text as the file has it: from outside, of any length and content.
    package let text: String
    package let kind: Kind
    package let cause: String
}
