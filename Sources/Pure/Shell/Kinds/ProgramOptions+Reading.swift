extension ProgramOptions {
    /// The meaning of a word to a program.
    enum Reading {
        case operand, listed, unlisted, expanded
        case raising(ShellKind)
    }

    /// Reads a word as an option if it could be one.
    func reading(of word: ShellWord) -> Reading {
        guard let text = word.literal else {
            if word.isOperand { return hasPlus && word.prefix.hasPrefix("+") ? .listed : .operand }
            // `--name=$value` is one option, whatever its value is.
            guard !word.maySplit, word.prefix.hasPrefix("--"),
                word.prefix.utf8.contains(Byte.equals)
            else { return .expanded }
            return named(word.prefix)
        }
        if hasPlus, text.hasPrefix("+") { return .listed }
        guard text.hasPrefix("-"), text != "-", text != "--" else { return .operand }
        if let kind = raising[Self.name(of: text)] { return .raising(kind) }
        if text.hasPrefix("--") { return named(text) }
        if isSingleDash, names.contains(String(Self.name(of: text).dropFirst())) { return .listed }
        return letters(text)
    }

    private func named(_ text: String) -> Reading {
        let name = Self.name(of: text)
        if let kind = raising[name] { return .raising(kind) }
        return names.contains(String(name.dropFirst(2))) ? .listed : .unlisted
    }

    private func letters(_ text: String) -> Reading {
        for letter in text.utf8.dropFirst() {
            if let kind = raising["-" + String(UnicodeScalar(letter))] { return .raising(kind) }
            if valued.contains(letter) { return .listed }
            if !flags.contains(letter) { return .unlisted }
        }
        return .listed
    }

    /// The option up to `=`.
    private static func name(of text: String) -> String {
        String(text.prefix { $0 != "=" })
    }
}

extension ShellClassifier {
    struct PassedOn {
        let words: ArraySlice<ShellWord>
        let setsVariable: Bool
    }

    /// Skips the options of a program exactly as it reads them. Returns nil if one is not listed or is expanded.
    static func passOn(_ wrapper: CommandWrapper, _ rest: ArraySlice<ShellWord>) -> PassedOn? {
        var words = rest
        var marker: String?
        loop: while let word = words.first {
            guard let text = word.literal else {
                guard word.isOperand else { return nil }
                break
            }
            guard text.hasPrefix("-"), text != "-" else { break }
            words = words.dropFirst()
            if text == "--" { break }
            if text.hasPrefix("--") {
                let name = String(text.dropFirst(2).prefix { $0 != "=" })
                if wrapper.valuedNames.contains(name) {
                    if !text.utf8.contains(Byte.equals) {
                        guard words.first?.literal != nil else { return nil }
                        words = words.dropFirst()
                    }
                } else if !wrapper.names.contains(name) || text.utf8.contains(Byte.equals) {
                    return nil
                }
                continue
            }
            var letters = text.utf8.dropFirst()
            while let letter = letters.popFirst() {
                if wrapper.valued.contains(letter) {
                    var value = Substring(letters)
                    if value.isEmpty {
                        guard let next = words.first?.literal else { return nil }
                        value = next[...]
                        words = words.dropFirst()
                    }
                    if letter == UInt8(ascii: "I") { marker = String(value) }
                    break
                }
                guard wrapper.flags.contains(letter) else { return nil }
            }
        }
        for _ in 0..<wrapper.operands {
            guard words.first?.literal != nil else {
                return words.isEmpty ? PassedOn(words: words, setsVariable: false) : nil
            }
            words = words.dropFirst()
        }
        var setsVariable = false
        if wrapper.hasAssignments {
            while let word = words.first, let name = word.assignedName {
                if !ShellVariables.isHarmless(name) { setsVariable = true }
                words = words.dropFirst()
            }
        }
        if wrapper.readsInput, let last = words.last {
            if let marker {
                guard !marker.isEmpty else { return nil }
                words = words.map { $0.replaced(from: marker) }[...]
            } else {
                words =
                    (Array(words) + [.unknown(at: last.range.upperBound..<last.range.upperBound)])[
                        ...]
            }
        }
        return PassedOn(words: words, setsVariable: setsVariable)
    }
}

extension ShellWord {
    /// The name in `NAME=…`, or nil if the word is no assignment. An expanded name does not count.
    var assignedName: String? {
        guard !maySplit, let sign = prefix.utf8.firstIndex(of: Byte.equals) else { return nil }
        return String(prefix[..<sign])
    }
}
