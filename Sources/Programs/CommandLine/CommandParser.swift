import InterlockModel

/// Turns words into an invocation of one of the known commands.
package struct CommandParser {
    package enum Parsed {
        case run(Invocation)
        case help(Command)
        case overview
        case group([Command])
    }

    package let commands: [Command]

    package init(commands: [Command]) { self.commands = commands }

    package func parse(_ words: [String]) throws(Failure) -> Parsed {
        guard let first = words.first, !["--help", "-h", "help"].contains(first) else {
            return .overview
        }
        let words = first == "--version" ? ["version"] : words
        let matching = commands.filter { words.starts(with: $0.path) }
        guard let command = matching.max(by: { $0.path.count < $1.path.count }) else {
            return try group(words)
        }
        return try parse(Array(words.dropFirst(command.path.count)), of: command)
    }

    /// The commands that begin with as many of the words as any command does.
    private func group(_ words: [String]) throws(Failure) -> Parsed {
        var shared = 0
        var group = commands
        while shared < words.count {
            let longer = group.filter { $0.path.starts(with: words[...shared]) }
            guard !longer.isEmpty else { break }
            group = longer
            shared += 1
        }
        guard shared < words.count, shared == 0 || !["--help", "-h"].contains(words[shared])
        else { return .group(group) }
        throw Failure(
            .usage, "no command `\(words[...shared].joined(separator: " "))`",
            help: suggestion(words[shared], group.compactMap { $0.path.dropFirst(shared).first }))
    }

    private func parse(_ words: [String], of command: Command) throws(Failure) -> Parsed {
        var positional: [String] = []
        var values: [String: [String]] = [:]
        var rest = words[...]
        while let word = rest.popFirst() {
            // The rest is a command line of its own, which only a command takes that has an open end.
            if word == "--", command.takesRest {
                positional += rest
                break
            }
            if word == "--help" || word == "-h" { return .help(command) }
            guard word.hasPrefix("-"), word != "-" else {
                positional.append(word)
                continue
            }
            let (name, attached) = split(word)
            guard let option = command.options.first(where: { $0.name == name }) else {
                throw Failure(
                    .usage, "`\(command.name)` has no option `\(word)`",
                    help: suggestion(
                        name, command.options.map(\.name), prefix: "--",
                        list: "interlock \(command.name) --help lists the options"))
            }
            try set(option, attached, &rest, &values)
        }
        try checkCount(of: positional, command)
        for option in command.options where option.isRequired && values[option.name] == nil {
            throw Failure(
                .usage, "`\(option.dashed)` is missing", help: "for instance: \(command.example)")
        }
        return .run(Invocation(command: command, positional: positional, values: values))
    }

    private func set(
        _ option: Option, _ attached: String?, _ rest: inout ArraySlice<String>,
        _ values: inout [String: [String]]
    ) throws(Failure) {
        if values[option.name] != nil, !option.isRepeatable {
            throw Failure(.usage, "`--\(option.name)` was given twice")
        }
        guard option.value != nil else {
            guard attached == nil else {
                throw Failure(.usage, "`--\(option.name)` takes no value")
            }
            values[option.name] = [""]
            return
        }
        guard let value = attached ?? rest.popFirst() else {
            throw Failure(.usage, "`--\(option.name)` needs a value")
        }
        values[option.name, default: []].append(value)
    }

    private func checkCount(of positional: [String], _ command: Command) throws(Failure) {
        let required = command.arguments.filter { !$0.hasPrefix("[") }.count
        if positional.count < required {
            throw Failure(
                .usage, "`\(command.name)` needs \(command.arguments.joined(separator: " "))",
                help: "interlock \(command.name) --help")
        }
        if !command.takesRest, positional.count > command.arguments.count {
            throw Failure(
                .usage, "`\(positional[command.arguments.count])` is one argument too many")
        }
    }

    /// `--name=value` or `--name`; `-n` is the one-letter form.
    private func split(_ word: String) -> (name: String, value: String?) {
        let body = word.drop { $0 == "-" }
        guard let equals = body.firstIndex(of: "=") else { return (String(body), nil) }
        return (String(body[..<equals]), String(body[body.index(after: equals)...]))
    }

    /// - Parameter list: the advice if no name is near.
    private func suggestion(
        _ text: String, _ known: [String], prefix: String = "",
        list: String = "interlock --help lists the commands"
    ) -> String {
        didYouMean(prefix + text, among: Set(known.map { prefix + $0 })) ?? list
    }
}
