/// The row of one program or subcommand in the table of programs.
indirect enum ProgramRule: Sendable {
    /// This kind, whatever the arguments are, also expanded ones.
    case any(ShellKind)
    /// This kind if every option is listed; see `ProgramOptions`.
    case options(ShellKind, ProgramOptions)
    case subcommands(ProgramSubcommands)
    /// Runs code that its arguments, its input or a file hold. Its version and help are read.
    case code
    /// Runs tasks that a file of the workspace names. A name that speaks of deployment counts as one.
    case tasks
    /// Passes its last arguments on as a command.
    case wrapper(CommandWrapper)
    /// Runs a text as a shell does: `sh -c TEXT`, or `eval TEXT`.
    case shell(ShellTextForm)
    /// Is understood by a function of its own.
    case special(SpecialProgram)
}

/// The options of a program that its kind holds for. An option that is not listed makes it arbitrary.
///
/// Values of options are never skipped: the word after an option is checked as any other. So no option is overlooked,
/// however a program reads its arguments.
struct ProgramOptions: Sendable {
    /// Letters that may follow one `-` together.
    let flags: Set<UInt8>
    /// Letters after which the rest of the word is a value.
    let valued: Set<UInt8>
    /// Names after `--`, with or without `=` and a value; and after one `-` if `isSingleDash`.
    let names: Set<String>
    let isSingleDash: Bool
    /// True if words that begin with `+` are understood as options.
    let hasPlus: Bool
    /// Options that give another kind, written with their dashes.
    let raising: [String: ShellKind]
    /// The number of other arguments, and the kind of the program with more.
    let operands: (most: Int, beyond: ShellKind)

    /// - Parameters:
    ///   - letters: as for `getopt`: a letter with `:` has a value.
    ///   - names: separated by spaces.
    ///   - raising: options separated by spaces, by kind.
    init(
        _ letters: String = "", _ names: String = "", isSingleDash: Bool = false,
        plus: Bool = false, raising: [ShellKind: String] = [:],
        operands: (most: Int, beyond: ShellKind) = (.max, .arbitrary)
    ) {
        var flags: Set<UInt8> = []
        var valued: Set<UInt8> = []
        let bytes = Array(letters.utf8)
        for (index, byte) in bytes.enumerated() where byte != Byte.colon {
            if index + 1 < bytes.count, bytes[index + 1] == Byte.colon {
                valued.insert(byte)
            } else {
                flags.insert(byte)
            }
        }
        self.flags = flags
        self.valued = valued
        self.names = Set(names.split(separator: " ").map(String.init))
        self.isSingleDash = isSingleDash
        hasPlus = plus
        var kinds: [String: ShellKind] = [:]
        for (kind, options) in raising {
            for option in options.split(separator: " ") { kinds[String(option)] = kind }
        }
        self.raising = kinds
        self.operands = operands
    }
}

/// The subcommands of a program.
struct ProgramSubcommands: Sendable {
    /// The options before the subcommand.
    let globals: CommandWrapper
    /// The rules by subcommand.
    let rows: [String: ProgramRule]
    /// The kind without a subcommand.
    let bare: ShellKind
    /// The kind with a subcommand that is not listed.
    let unlisted: ShellKind
    /// True if an option before the subcommand runs any command, so that no pattern may leave the subcommand open.
    let globalsRunCode: Bool

    init(
        globals: CommandWrapper = CommandWrapper(), bare: ShellKind = .read,
        unlisted: ShellKind = .arbitrary, globalsRunCode: Bool = false,
        _ rows: [(String, ProgramRule)]
    ) {
        self.globals = globals
        self.bare = bare
        self.unlisted = unlisted
        self.globalsRunCode = globalsRunCode
        var table: [String: ProgramRule] = [:]
        for (names, rule) in rows {
            for name in names.split(separator: " ") { table[String(name)] = rule }
        }
        self.rows = table
    }
}

/// The options before the command that a program passes on. They are read as the program reads them, since the
/// command begins after them; an option that is not listed makes everything arbitrary.
struct CommandWrapper: Sendable {
    let flags: Set<UInt8>
    let valued: Set<UInt8>
    /// Names after `--` without a value.
    let names: Set<String>
    /// Names after `--` with a value in the same word after `=`, or in the next word.
    let valuedNames: Set<String>
    /// The number of other arguments before the command: 1 for `timeout 5`.
    let operands: Int
    /// True if assignments may come before the command, as for `env`.
    let hasAssignments: Bool
    /// True if words of the input follow the command, as for `xargs`.
    let readsInput: Bool
    /// The kind that the command has at least.
    let floor: ShellKind
    /// The kind without a command.
    let bare: ShellKind

    init(
        _ letters: String = "", _ names: String = "", valuedNames: String = "", operands: Int = 0,
        hasAssignments: Bool = false, readsInput: Bool = false, floor: ShellKind = .read,
        bare: ShellKind = .read
    ) {
        let options = ProgramOptions(letters, names)
        flags = options.flags
        valued = options.valued
        self.names = options.names
        self.valuedNames = Set(valuedNames.split(separator: " ").map(String.init))
        self.operands = operands
        self.hasAssignments = hasAssignments
        self.readsInput = readsInput
        self.floor = floor
        self.bare = bare
    }
}

/// The way in which a program gets the text that it runs.
enum ShellTextForm: Sendable {
    /// `sh -c TEXT`, or its input
    case option
    /// All arguments, joined by spaces.
    case arguments
    /// The first argument, which runs later.
    case first
}

enum SpecialProgram: Sendable {
    case sed, awk, find, test, set, read, export, command, builtin, python, tar
}
