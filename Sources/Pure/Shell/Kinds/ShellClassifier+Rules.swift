extension ShellClassifier {
    mutating func apply(
        _ rule: ProgramRule, _ entry: String, _ rest: ArraySlice<ShellWord>, in index: Int,
        level: Int
    ) -> Step {
        switch rule {
        case .any(let kind): return .classified(Classification(kind, .listed, entry))
        case .options(let kind, let options):
            return .classified(Self.classify(rest, kind, options, entry))
        case .subcommands(let tree):
            return applySubcommands(tree, entry, rest, in: index, level: level)
        case .code: return .classified(classifyCode(entry, rest, in: index))
        case .tasks: return .classified(Self.classifyTasks(entry, rest))
        case .wrapper(let wrapper):
            guard let found = Self.passOn(wrapper, rest) else {
                var classification = Classification(.arbitrary, .runsCommand, entry)
                classification.raise(to: Self.mention(rest))
                return .classified(classification)
            }
            var least = Classification(
                found.words.isEmpty ? wrapper.bare : wrapper.floor,
                wrapper.readsInput ? .expandedArgument : .listed, entry)
            if found.setsVariable { least.raise(to: Classification(.arbitrary, .variable, entry)) }
            return found.words.isEmpty ? .classified(least) : .passedOn(found.words, least)
        case .shell(let form): return .classified(classifyShell(form, entry, rest, in: index))
        case .special(let program):
            return applySpecial(program, entry, rest, in: index, level: level)
        }
    }

    private mutating func applySubcommands(
        _ tree: ProgramSubcommands, _ entry: String, _ rest: ArraySlice<ShellWord>, in index: Int,
        level: Int
    ) -> Step {
        var words = rest
        // An option can be a row itself, such as `-v` of `git remote`.
        if words.first?.literal.flatMap({ tree.rows[$0] }) == nil {
            guard let found = Self.passOn(tree.globals, rest) else {
                var classification = Classification(
                    max(.arbitrary, tree.unlisted), .unlistedOption, entry)
                classification.raise(to: Self.mention(entry, rest))
                return .classified(classification)
            }
            words = found.words
        }
        guard let word = words.first else {
            return .classified(Classification(tree.bare, .listed, entry))
        }
        guard let name = word.literal, !word.isANSI, let rule = tree.rows[name] else {
            let reason: ShellReason =
                word.literal == nil ? .expandedArgument : .unlistedSubcommand
            var classification = Classification(tree.unlisted, reason, entry)
            classification.raise(to: Self.mention(entry, rest))
            return .classified(classification)
        }
        return apply(rule, "\(entry) \(name)", words.dropFirst(), in: index, level: level)
    }

    private static func mention(
        _ entry: String, _ rest: ArraySlice<ShellWord>
    ) -> ProgramTable.Mention? {
        let name = entry.split(separator: " ").first.map(String.init) ?? entry
        let words = rest.prefix(ShellLimits.suspects).compactMap(\.literal)
        return ProgramTable.mention(in: ([name] + words)[...])
    }

    /// Checks each word as an option, wherever it is.
    static func classify(
        _ rest: ArraySlice<ShellWord>, _ kind: ShellKind, _ options: ProgramOptions,
        _ entry: String
    ) -> Classification {
        var classification = Classification(kind, .listed, entry)
        var operands = 0
        for word in rest {
            let reading = options.reading(of: word)
            if case .operand = reading { operands += 1 }
            classification.raise(to: reading, entry)
        }
        if operands > options.operands.most {
            classification.raise(
                to: Classification(options.operands.beyond, .unlistedOperand, entry))
        }
        return classification
    }

    private mutating func classifyCode(
        _ entry: String, _ rest: ArraySlice<ShellWord>, in index: Int
    ) -> Classification {
        if rest.count == 1, let only = rest.first?.literal,
            only == "--version" || only == "--help"
                || only == "-v" && Self.versioned.contains(entry)
        {
            return Classification(.read, .listed, entry)
        }
        var classification = Classification(.arbitrary, .runsCode, entry)
        let script = rest.first { !($0.literal?.hasPrefix("-") ?? true) }
        classification.raise(to: script?.literal.flatMap(TaskName.kind))
        classification.raise(
            to: Self.mention(inCode: rest.compactMap(\.literal) + inputs(of: index)))
        return classification
    }

    /// The interpreters whose `-v` alone prints their version.
    private static let versioned: Set<String> = ["node", "nodejs", "perl", "php", "lua", "bun"]

    /// The literal texts that a command gets as its input.
    func inputs(of index: Int) -> [String] {
        found.commands[index].redirections.compactMap(input)
    }

    /// The literal text that a command gets from a redirection.
    private func input(from redirection: ShellRedirection) -> String? {
        switch redirection.action {
        case .hereDocument: redirection.document.flatMap { found.documents[$0] }
        case .hereString: redirection.target.literal
        default: nil
        }
    }

    private static func mention(inCode texts: [String]) -> ProgramTable.Mention? {
        var words: [String] = []
        for text in texts {
            for piece in text.utf8.split(whereSeparator: { !$0.isName && $0 != Byte.minus }) {
                guard words.count < ShellLimits.suspects else { break }
                words.append(String(decoding: piece, as: UTF8.self))
            }
        }
        return ProgramTable.mention(in: words[...])
    }

    private static func classifyTasks(_ entry: String, _ rest: ArraySlice<ShellWord>)
        -> Classification
    {
        var classification = Classification(.arbitrary, .runsCode, entry)
        for word in rest.prefix(ShellLimits.suspects) {
            classification.raise(to: word.literal.flatMap(TaskName.kind))
        }
        classification.raise(to: mention(rest))
        return classification
    }

    private mutating func classifyShell(
        _ form: ShellTextForm, _ entry: String, _ rest: ArraySlice<ShellWord>, in index: Int
    ) -> Classification {
        switch form {
        case .arguments:
            let words = rest.first?.literal == "--" ? rest.dropFirst() : rest
            let texts = words.compactMap(\.literal)
            guard texts.count == words.count, texts.first?.hasPrefix("-") != true,
                let first = words.first
            else {
                var classification = Classification(
                    words.isEmpty ? .read : .arbitrary, .expandedArgument, entry)
                classification.raise(to: Self.mention(rest))
                return classification
            }
            let end = max(first.range.upperBound, words.last?.range.upperBound ?? 0)
            parse(texts.joined(separator: " "), at: first.range.lowerBound..<end, in: index)
            return Classification(.read, .listed, entry)
        case .first:
            guard let word = rest.first, word.literal != "-" else {
                return Classification(.read, .listed, entry)
            }
            if let text = word.literal { parse(text, at: word.range, in: index) }
            return Classification(.arbitrary, .runsCode, entry)
        case .option: return classifyShellOptions(entry, rest, in: index)
        }
    }

    private mutating func classifyShellOptions(
        _ entry: String, _ rest: ArraySlice<ShellWord>, in index: Int
    ) -> Classification {
        var words = rest
        var hasText = false
        var classification = Classification(.read, .listed, entry)
        let unknown = Classification(.arbitrary, .unlistedOption, entry)
        loop: while let word = words.first {
            guard let text = word.literal else { break }
            guard text.utf8.count > 1, text.hasPrefix("-") || text.hasPrefix("+") else { break }
            words = words.dropFirst()
            if text == "--" { break }
            if text.hasPrefix("--") {
                if !["--norc", "--noprofile", "--posix"].contains(text) {
                    classification.raise(to: unknown)
                }
                continue
            }
            for letter in text.utf8.dropFirst() {
                switch letter {
                case UInt8(ascii: "c"): hasText = hasText || text.hasPrefix("-")
                case UInt8(ascii: "o"): words = words.dropFirst()
                case _ where Self.shellFlags.contains(letter): break
                default: classification.raise(to: unknown)
                }
            }
        }
        if hasText {
            guard let word = words.first, let text = word.literal else {
                classification.raise(to: Classification(.arbitrary, .expandedArgument, entry))
                classification.raise(to: Self.mention(inCode: rest.compactMap(\.literal)))
                return classification
            }
            parse(text, at: word.range, in: index)
            if classification.kind >= .arbitrary {
                classification.raise(to: Self.mention(inCode: rest.compactMap(\.literal)))
            }
            return classification
        }
        classification.raise(to: Classification(.arbitrary, .runsCode, entry))
        classification.raise(to: words.first?.literal.flatMap(TaskName.kind))
        classification.raise(to: Self.mention(inCode: rest.compactMap(\.literal)))
        for redirection in found.commands[index].redirections {
            if let text = input(from: redirection) {
                parse(text, at: redirection.target.range, in: index)
            }
        }
        return classification
    }

    /// `-l` and `-i` read start files, and are not among them.
    private static let shellFlags = Set("eufxvnhpCabm".utf8)
}
