extension ShellClassifier {
    mutating func applySpecial(
        _ program: SpecialProgram, _ entry: String, _ rest: ArraySlice<ShellWord>, in index: Int,
        level: Int
    ) -> Step {
        switch program {
        case .sed: return .classified(SedScript.classify(rest, entry))
        case .awk: return .classified(Self.classifyAwk(rest, entry))
        case .find: return .classified(classifyFind(rest, entry, in: index, level: level))
        case .test: return .classified(TestExpression.classify(rest, entry))
        case .set:
            let fits = rest.prefix { $0.literal != "--" }.allSatisfy {
                $0.literal.map(Self.isSetOption) ?? false
            }
            return .classified(
                Classification(fits ? .read : .arbitrary, fits ? .listed : .unlistedOption, entry))
        case .read: return .classified(Self.classifyRead(rest, entry))
        case .export:
            let fits = rest.allSatisfy { word in
                word.assignedName.map(ShellVariables.isHarmless)
                    ?? word.literal.map(ShellVariables.isHarmless) ?? false
            }
            return .classified(
                Classification(fits ? .read : .arbitrary, fits ? .listed : .variable, entry))
        case .command:
            if let option = rest.first?.literal, option == "-v" || option == "-V" {
                return .classified(Classification(.read, .listed, entry))
            }
            let words = rest.first?.literal == "-p" ? rest.dropFirst() : rest
            guard words.first?.literal?.hasPrefix("-") != true else {
                return .classified(Classification(.arbitrary, .unlistedOption, entry))
            }
            return .passedOn(words, Classification(.read))
        case .builtin: return .classified(Self.classifyBuiltin(rest, entry))
        case .tar: return .classified(Self.classifyTar(rest, entry))
        case .python:
            let words = rest.prefix(2).map(\.literal)
            if words.count == 2, words[0] == "-m", let module = words[1] {
                if module == "pytest", let rule = ProgramTable.rules[module] {
                    return apply(
                        rule, entry + " -m pytest", rest.dropFirst(2), in: index, level: level)
                }
                if module == "unittest" {
                    return .classified(
                        Self.classify(
                            rest.dropFirst(2), .test, Self.unittest, entry + " -m unittest"))
                }
            }
            if words == ["-V"] { return .classified(Classification(.read, .listed, entry)) }
            return apply(.code, entry, rest, in: index, level: level)
        }
    }

    private static let tarOptions = ProgramOptions(
        "ctxrzjJvpkhWf:C:",
        "list extract create gzip bzip2 xz zstd verbose file directory exclude strip-components")

    /// The first word of `tar` can be letters without a dash, whose values are the next words.
    private static func classifyTar(_ rest: ArraySlice<ShellWord>, _ entry: String)
        -> Classification
    {
        let letters = tarOptions.flags.union(tarOptions.valued)
        guard let first = rest.first?.literal else {
            return Classification(.arbitrary, .expandedArgument, entry)
        }
        if !first.hasPrefix("-"), !first.utf8.allSatisfy(letters.contains) {
            return Classification(.arbitrary, .unlistedOption, entry)
        }
        return classify(rest, .write, tarOptions, entry)
    }

    private static let unittest = ProgramOptions(
        "vqfbs:p:t:k:", "verbose quiet failfast buffer locals start-directory pattern")

    private static func isSetOption(_ text: String) -> Bool {
        if setNames.contains(text) { return true }
        guard text.hasPrefix("-") || text.hasPrefix("+") else { return false }
        return text.utf8.dropFirst().allSatisfy(setFlags.contains)
    }

    private static let setNames: Set<String> = [
        "errexit", "nounset", "pipefail", "xtrace", "noglob", "noclobber", "verbose",
    ]
    private static let setFlags = Set("eufxvCbo".utf8)
    private static let readOptions = ProgramOptions("rsed:n:N:p:t:u:")
    private static let awkOptions = ProgramOptions("F:v:")
    private static let runners: Set<String> = ["-exec", "-execdir", "-ok", "-okdir"]

    /// `read` sets the variables that it names, of which subscripts are evaluated.
    private static func classifyRead(_ rest: ArraySlice<ShellWord>, _ entry: String)
        -> Classification
    {
        for word in rest {
            guard let text = word.literal else {
                return Classification(.arbitrary, .expandedArgument, entry)
            }
            if text.hasPrefix("-") {
                guard case .listed = readOptions.reading(of: word) else {
                    return Classification(.arbitrary, .unlistedOption, entry)
                }
            } else if !ShellVariables.isPlain(text), !text.utf8.allSatisfy(\.isDigit), !text.isEmpty
            {
                return Classification(.arbitrary, .variable, entry)
            }
        }
        return Classification(.read, .listed, entry)
    }

    /// Builtins that set variables or evaluate their arguments: text that could be a subscript is refused.
    private static func classifyBuiltin(_ rest: ArraySlice<ShellWord>, _ entry: String)
        -> Classification
    {
        for (offset, word) in rest.enumerated() {
            guard let text = word.literal else {
                // `printf` takes no name of a variable if the format is known.
                if entry == "printf", offset > 0, rest.first?.literal != nil { continue }
                return Classification(.arbitrary, .expandedArgument, entry)
            }
            let isOption = offset == 0 && text.hasPrefix("-") && text != "--"
            if isOption, entry == "printf" || !text.utf8.dropFirst().allSatisfy(\.isDigit) {
                return Classification(.arbitrary, .unlistedOption, entry)
            }
            if text.utf8.contains(Byte.bracket),
                text.utf8.contains(Byte.dollar) || text.utf8.contains(Byte.backquote)
            {
                return Classification(.arbitrary, .arithmetic, entry)
            }
            if entry == "printf", offset == 0, setsVariables(format: text) {
                return Classification(.arbitrary, .variable, entry)
            }
        }
        return Classification(.read, .listed, entry)
    }

    /// Returns true if a conversion is `%n`, which sets a variable.
    private static func setsVariables(format: String) -> Bool {
        var isConversion = false
        for byte in format.utf8 {
            if byte == UInt8(ascii: "%") {
                isConversion.toggle()
            } else if isConversion {
                if byte == UInt8(ascii: "n") { return true }
                let isModifier =
                    byte.isDigit || byte == Byte.star || byte == Byte.minus || byte == Byte.plus
                    || byte == Byte.dot || byte == Byte.space || byte == Byte.hash
                    || "hljztLq'".utf8.contains(byte)
                if !isModifier { isConversion = false }
            }
        }
        return false
    }

    private static func classifyAwk(_ rest: ArraySlice<ShellWord>, _ entry: String)
        -> Classification
    {
        var program: String?
        var words = rest
        while let word = words.popFirst() {
            // The word after it is the program, whatever it begins with.
            if word.literal == "--" { return Classification(.arbitrary, .unlistedOption, entry) }
            switch awkOptions.reading(of: word) {
            case .operand where program == nil:
                guard let text = word.literal else {
                    return Classification(.arbitrary, .expandedArgument, entry)
                }
                program = text
            case .operand: break
            case .listed:
                // The value is the rest of the word, or the next one.
                if word.literal?.utf8.count == 2 {
                    guard let value = words.popFirst()?.literal, !value.hasPrefix("-") else {
                        return Classification(.arbitrary, .expandedArgument, entry)
                    }
                }
            default: return Classification(.arbitrary, .unlistedOption, entry)
            }
        }
        let code = program ?? ""
        let unsafe = ["system", "getline", "|", ">", "@", "close", "load", "\\\n"]
        let isSafe = !unsafe.contains { code.contains($0) }
        if isSafe { return Classification(.read, .listed, entry) }
        var classification = Classification(.arbitrary, .runsCode, entry)
        classification.raise(to: mention(rest))
        return classification
    }

    private mutating func classifyFind(
        _ rest: ArraySlice<ShellWord>, _ entry: String, in index: Int, level: Int
    ) -> Classification {
        var classification = Classification(.read, .listed, entry)
        var words = rest
        while let word = words.popFirst() {
            if let text = word.literal, Self.runners.contains(text) {
                classification.raise(to: Classification(.arbitrary, .runsCommand, entry))
                let inner = words.prefix { $0.literal != ";" && $0.literal != "+" }
                let command = inner.map { $0.replaced(from: "{}") }
                if level < ShellLimits.wrappers {
                    classification.raise(to: classify(command[...], in: index, level: level + 4))
                }
                words = words.dropFirst(inner.count)
                continue
            }
            classification.raise(to: Self.findOptions.reading(of: word), entry)
        }
        return classification
    }

    private static let findOptions = ProgramOptions(
        "",
        """
        name iname path ipath wholename iwholename regex iregex regextype type xtype size mtime mmin atime amin ctime \
        cmin newer newermt anewer cnewer perm user group uid gid empty maxdepth mindepth print print0 printf prune not \
        a and o or true false quit depth d follow xdev mount L H P E links inum samefile lname ilname readable writable \
        executable nouser nogroup daystart noleaf ls
        """, isSingleDash: true,
        raising: [.delete: "-delete", .write: "-fprint -fprint0 -fprintf -fls"])
}
