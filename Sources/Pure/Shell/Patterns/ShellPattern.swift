/// An entry of `hooks.shell_allow`: exact words, of which the last may be `*` for any further literal arguments.
package struct ShellPattern: Sendable, Hashable {
    /// The words without `*`.
    let words: [String]
    package let isOpen: Bool

    /// The length of an entry, in bytes.
    package static let most = 256

    /// - Throws: if the text is no pattern, or would allow what people always decide.
    package init(_ text: String) throws(ShellPatternError) {
        guard text.utf8.count <= Self.most else { throw .tooLong }
        var words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        isOpen = words.last == "*"
        if isOpen { words.removeLast() }
        guard !words.isEmpty, words.allSatisfy(Self.isWord) else { throw .malformed }
        self.words = words
        let text = ShellText(words.joined(separator: " "))
        // Reserved words and assignments alone are no command.
        guard text.commands.contains(where: matches) else { throw .malformed }
        let reach = Self.reach(of: words, isOpen: isOpen, kind: text.kind)
        guard !reach.isAlwaysDecided else { throw .allows(reach) }
    }

    /// Returns true for a command with exactly these words that neither opens a file nor sets a variable.
    package func matches(_ command: ShellCommand) -> Bool {
        guard command.assignments.isEmpty,
            command.redirections.allSatisfy({
                $0.action != .hereDocument && $0.action != .hereString
                    && $0.action != .input && ShellClassifier.classify($0) == nil
            })
        else { return false }
        return matches(command.words[...])
            || command.passedOn > 0 && matches(command.words.dropFirst(command.passedOn))
    }

    private func matches(_ words: ArraySlice<ShellWord>) -> Bool {
        guard isOpen ? words.count >= self.words.count : words.count == self.words.count else {
            return false
        }
        return words.allSatisfy { $0.literal != nil && !$0.isANSI }
            && zip(words, self.words).allSatisfy { word, expected in
                word.literal.map { $0.utf8.elementsEqual(expected.utf8) } ?? false
            }
    }

    /// Letters, digits and what has no meaning to a shell.
    private static func isWord(_ word: String) -> Bool {
        !word.isEmpty
            && word.utf8.allSatisfy { $0.isName || "-./:=@%+,".utf8.contains($0) }
    }

    /// The worst kind that a command with these words can have.
    private static func reach(
        of words: [String], isOpen: Bool, kind: ShellKind
    ) -> ShellKind {
        if !isOpen {
            // An interpreter without arguments runs its input.
            return words.count == 1 && runsInput(words[0]) ? .production : kind
        }
        guard let rule = ProgramTable.rules[ProgramTable.baseName(words[0])] else { return kind }
        return max(kind, reach(of: rule, words.dropFirst()[...]))
    }

    private static func runsInput(_ program: String) -> Bool {
        switch ProgramTable.rules[program] {
        case .code?, .shell?, .special(.python)?, .special(.awk)?, .special(.sed)?: true
        default: false
        }
    }

    private static func reach(of rule: ProgramRule, _ rest: ArraySlice<String>) -> ShellKind {
        switch rule {
        case .any(let kind): return kind
        case .options(let kind, let options):
            return max(kind, .arbitrary, options.raising.values.max() ?? .read)
        case .subcommands(let tree):
            guard let name = rest.first else {
                if tree.globalsRunCode { return .production }
                return tree.rows.values.map { reach(of: $0, []) }.max() ?? .arbitrary
            }
            guard let row = tree.rows[name] else {
                // Options before the subcommand leave it open.
                return name.hasPrefix("-") ? .production : .arbitrary
            }
            return reach(of: row, rest.dropFirst())
        // A script is named, so that its arguments are its own.
        case .code, .special(.python), .tasks:
            return rest.first?.hasPrefix("-") ?? true ? .production : .arbitrary
        case .shell, .wrapper, .special(.find), .special(.sed), .special(.awk), .special(.command):
            return .production
        case .special: return .arbitrary
        }
    }
}

package enum ShellPatternError: Error, Hashable {
    /// The entry is longer than 256 bytes.
    case tooLong
    /// The entry is not words of letters, digits and `-./:=@%+,_` with one space between them, and `*` at most at the
    /// end; or a shell reads its words as something other than one command, as it does `fi` and `A=1`.
    case malformed
    /// The entry would allow a command of this kind, or any command.
    case allows(ShellKind)
}
