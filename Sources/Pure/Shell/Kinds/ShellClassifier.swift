/// Finds the kind of each command of a text by the table of programs, and reads the texts within the text.
struct ShellClassifier {
    private let bytes: [UInt8]
    var found = ShellFindings()

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func run() {
        guard bytes.count <= ShellLimits.bytes else {
            return found.add(.arbitrary, .tooLong, at: 0..<bytes.count)
        }
        parse(bytes, cover: nil, parent: nil, depth: 0)
        // The list grows while texts within the text are read.
        var index = 0
        while index < found.commands.count {
            classify(index)
            index += 1
        }
    }

    private mutating func parse(_ text: [UInt8], cover: Range<Int>?, parent: Int?, depth: Int) {
        var parser = ShellParser(text, cover: cover, parent: parent, depth: depth)
        swap(&parser.found, &found)
        parser.run()
        swap(&parser.found, &found)
    }

    /// Reads a text that a command holds as an argument or gets as its input.
    mutating func parse(_ text: String, at range: Range<Int>, in index: Int) {
        let depth = found.commands[index].depth + 1
        let count = text.utf8.count
        guard depth <= ShellLimits.depth else {
            return found.add(.arbitrary, .tooDeep, at: range, command: index)
        }
        guard count <= found.nestedBytes else {
            return found.add(.arbitrary, .tooLong, at: range, command: index)
        }
        found.nestedBytes -= count
        parse(Array(text.utf8), cover: range, parent: index, depth: depth)
    }

    private mutating func classify(_ index: Int) {
        let command = found.commands[index]
        let isReading = command.program == "read"
        for assignment in command.assignments
        where !ShellVariables.isHarmless(assignment.name)
            && !(isReading && assignment.name == "IFS")
        {
            found.add(.arbitrary, .variable, at: assignment.value.range, command: index)
        }
        for redirection in command.redirections {
            guard let classification = Self.classify(redirection) else { continue }
            found.add(
                classification.kind, classification.reason, at: redirection.range, command: index)
        }
        guard !command.words.isEmpty else { return }
        let classification = classify(command.words[...], in: index)
        found.add(
            classification.kind, classification.reason, classification.entry, at: command.range,
            command: index)
    }

    /// Returns nil for a redirection that changes nothing.
    static func classify(_ redirection: ShellRedirection) -> Classification? {
        let target = redirection.target
        let isOutput: Bool
        switch redirection.action {
        case .duplicate, .hereDocument, .hereString: return nil
        case .input: isOutput = false
        case .output, .both: isOutput = true
        }
        guard target.literal != nil || target.isOperand else {
            return Classification(.arbitrary, .expandedFile)
        }
        let path = target.prefix
        if let file = target.literal, isOwnStream(file) { return nil }
        if path.hasPrefix("/dev/tcp") || path.hasPrefix("/dev/udp") {
            return Classification(.push, .device)
        }
        // `/d*` and `//dev/sda` lead to devices too.
        let isDevice = path.hasPrefix("/d") || path.hasPrefix("//") || path.contains("..")
        if isDevice, isOutput { return Classification(.arbitrary, .device) }
        return isOutput ? Classification(.write, .file) : nil
    }

    /// Returns true for a file that is a descriptor of the command itself, or takes everything.
    private static func isOwnStream(_ file: String) -> Bool {
        if ["/dev/null", "/dev/stdout", "/dev/stderr"].contains(file) { return true }
        // Further components lead anywhere: `/dev/fd/../cwd/a`.
        let descriptors = "/dev/fd/"
        guard file.hasPrefix(descriptors) else { return false }
        let number = file.utf8.dropFirst(descriptors.utf8.count)
        return (1...4).contains(number.count) && number.allSatisfy(\.isDigit)
    }

    /// Classifies a command and those that it passes its arguments on to.
    mutating func classify(
        _ command: ArraySlice<ShellWord>, in index: Int, level: Int = 0
    ) -> Classification {
        var words = command
        var floor = Classification(.read)
        var (passedOn, isExact) = (0, true)
        for _ in level..<ShellLimits.wrappers {
            guard let program = words.first else { return floor }
            var result: Classification
            switch step(program, words.dropFirst(), in: index, level: level) {
            case .classified(let classification): result = classification
            case .passedOn(let rest, let least):
                floor.raise(to: least)
                // A pattern is for the words as written, with nothing that changes what they do.
                if least.kind > .read || least.reason != .listed || level > 0 { isExact = false }
                passedOn += words.count - rest.count
                found.commands[index].passedOn = isExact ? passedOn : 0
                words = rest
                continue
            }
            result.raise(to: floor)
            return result
        }
        floor.raise(to: Classification(.arbitrary, .tooDeep))
        floor.raise(to: Self.mention(words))
        return floor
    }

    enum Step {
        case classified(Classification)
        /// The command that gets the rest of the words, and what it is at least.
        case passedOn(ArraySlice<ShellWord>, Classification)
    }

    private mutating func step(
        _ program: ShellWord, _ rest: ArraySlice<ShellWord>, in index: Int, level: Int
    ) -> Step {
        guard let written = program.literal else {
            var classification = Classification(.arbitrary, .expandedProgram)
            classification.raise(to: Self.mention(rest))
            return .classified(classification)
        }
        var floor = Classification(.read)
        var name = written
        if written.utf8.contains(0x2f) {
            let base = ProgramTable.baseName(written)
            let folder = String(decoding: written.utf8.dropLast(base.utf8.count + 1), as: UTF8.self)
            if !ProgramTable.folders.contains(folder) {
                floor = Classification(.arbitrary, .programByPath)
            }
            name = base
        }
        let isASCII = name.utf8.allSatisfy { $0 < 0x80 }
        if program.isANSI || !isASCII || name != name.lowercased() {
            if isASCII { name = name.lowercased() }
            floor.raise(to: Classification(.arbitrary, .programInDisguise))
        }
        guard let rule = ProgramTable.rules[name] else {
            var classification = Classification(.arbitrary, .unlistedProgram)
            classification.raise(to: floor)
            classification.raise(to: TaskName.kind(of: name))
            classification.raise(to: Self.mention(rest))
            return .classified(classification)
        }
        switch apply(rule, name, rest, in: index, level: level) {
        case .classified(var classification):
            classification.raise(to: floor)
            return .classified(classification)
        case .passedOn(let rest, var least):
            least.raise(to: floor)
            return .passedOn(rest, least)
        }
    }

    /// The worst command that the literal words name, wherever they are.
    static func mention(_ words: ArraySlice<ShellWord>) -> ProgramTable.Mention? {
        ProgramTable.mention(
            in: words.prefix(ShellLimits.suspects).compactMap(\.literal)[...])
    }
}
