/// One command of the program, as data from which both its help and its parsing are derived.
package struct Command: Sendable {
    /// `["approvals", "show"]`
    package let path: [String]
    /// One line, lower case, no full stop.
    package let summary: String
    /// A command line that a user could type.
    package let example: String
    /// The names of the positional arguments, for instance `ID`; a name in brackets is optional, and one that ends in
    /// `...` takes the rest.
    package let arguments: [String]
    package let options: [Option]
    /// The exit codes in addition to 0, 64 and 70, which every command has.
    package let exits: [Exit]
    /// Text below the options.
    package let notes: String
    package let run: Run

    package typealias Run = @Sendable (Invocation) async throws -> Exit

    /// - Parameter usage: the command's words, which are in lower case, and its arguments.
    package init(
        _ usage: String, _ summary: String, example: String, options: [Option] = [],
        exits: [Exit] = [], notes: String = "", run: @escaping Run
    ) {
        let words = usage.split(separator: " ").map(String.init)
        path = words.filter { $0.first?.isLowercase == true }
        arguments = words.filter { $0.first?.isLowercase != true }
        (self.summary, self.example, self.options) = (summary, example, options)
        (self.exits, self.notes, self.run) = (exits, notes, run)
    }

    /// True if its last argument takes the rest of the line.
    var takesRest: Bool { arguments.last?.contains("...") ?? false }
    package var name: String { path.joined(separator: " ") }
}

package struct Option: Sendable {
    /// The name without dashes.
    package let name: String
    /// The placeholder of its value, for instance `FILE`; nil for a flag.
    package let value: String?
    package let help: String
    package let isRepeatable: Bool
    /// True if the command does nothing without it.
    package private(set) var isRequired = false

    /// - Parameter usage: the option as help prints it: `--name VALUE`, `-n VALUE`, or `--name` for a flag.
    package init(_ usage: String, _ help: String, isRepeatable: Bool = false) {
        let words = usage.split(separator: " ", maxSplits: 1)
        name = String(words[0].drop { $0 == "-" })
        value = words.count > 1 ? String(words[1]) : nil
        (self.help, self.isRepeatable) = (help, isRepeatable)
    }

    /// The same option, for a command that does nothing without it.
    package var required: Option {
        var copy = self
        copy.isRequired = true
        return copy
    }

    /// `--name VALUE`, or `--name` for a flag.
    package var usage: String { dashed + (value.map { " " + $0 } ?? "") }

    /// `--name`, or `-n` for one letter.
    package var dashed: String { (name.count == 1 ? "-" : "--") + name }

    package static let directory = Option(
        "--dir DIR", "deployment folder (default: $INTERLOCK_DIR, else the current folder)")
    package static let json = Option("--json", "print one JSON object per line")
    package static let person = Option(
        "--as EMAIL", "sign with this person's key (default: that of `interlock login`)")
    package static let key = Option(
        "--key FILE|agent", "a passphrase-encrypted key file, or ssh-agent (default: agent)")
    package static let reason = Option("--reason TEXT", "why, 8 to 500 characters")
}

/// A parsed command line.
package struct Invocation: Sendable {
    package let command: Command
    package let positional: [String]
    fileprivate(set) var values: [String: [String]]

    package subscript(option: String) -> String? { values[option]?.last }
    package func all(_ option: String) -> [String] { values[option] ?? [] }
    package func has(_ option: String) -> Bool { values[option] != nil }

    /// A copy in which this option has this value only.
    package func setting(_ option: String, to value: String) -> Invocation {
        var copy = self
        copy.values[option] = [value]
        return copy
    }

    package func require(_ option: String) throws(Failure) -> String {
        guard let value = self[option] else {
            throw Failure(
                .usage, "`\(option.count == 1 ? "-" : "--")\(option)` is missing",
                help: "interlock \(command.name) --help")
        }
        return value
    }
}
