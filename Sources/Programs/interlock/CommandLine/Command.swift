/// One command of the program, as data from which both its help and its parsing are derived.
struct Command: Sendable {
    /// `["approvals", "show"]`
    let path: [String]
    /// One line, lower case, no full stop.
    let summary: String
    /// The names of the positional arguments, for instance `ID`; a name in brackets is optional, and one that ends in
    /// `...` takes the rest.
    var arguments: [String] = []
    var options: [Option] = []
    /// The exit codes in addition to 0, 64 and 70, which every command has.
    var exits: [Exit] = []
    /// Text below the options.
    var notes = ""
    let run: @Sendable (Invocation) async throws -> Exit

    var name: String { path.joined(separator: " ") }
}

struct Option: Sendable {
    /// The name without dashes.
    let name: String
    /// The placeholder of its value, for instance `FILE`; nil for a flag.
    var value: String?
    let help: String
    var isRepeatable = false

    /// `--name`, or `-n` for one letter.
    var dashed: String { (name.count == 1 ? "-" : "--") + name }

    static let directory = Option(
        name: "dir", value: "DIR",
        help: "deployment folder (default: $INTERLOCK_DIR, else the current folder)")
    static let json = Option(name: "json", help: "print one JSON object per line")
    static let person = Option(
        name: "as", value: "EMAIL",
        help: "sign with this person's key; the signature is the identity")
    static let key = Option(
        name: "key", value: "FILE|agent",
        help: "a passphrase-encrypted key file, or ssh-agent (default: agent)")
    static let reason = Option(name: "reason", value: "TEXT", help: "why, 8 to 500 characters")
}

/// A parsed command line.
struct Invocation: Sendable {
    let command: Command
    let positional: [String]
    private let values: [String: [String]]

    init(command: Command, positional: [String], values: [String: [String]]) {
        self.command = command
        self.positional = positional
        self.values = values
    }

    subscript(option: String) -> String? { values[option]?.last }
    func all(_ option: String) -> [String] { values[option] ?? [] }
    func has(_ option: String) -> Bool { values[option] != nil }

    /// A copy in which this option has this value only.
    func setting(_ option: String, to value: String) -> Invocation {
        var values = values
        values[option] = [value]
        return Invocation(command: command, positional: positional, values: values)
    }

    func require(_ option: String) throws(Failure) -> String {
        guard let value = self[option] else {
            throw Failure(
                .usage, "`\(option.count == 1 ? "-" : "--")\(option)` is missing",
                help: "interlock \(command.name) --help")
        }
        return value
    }
}
