/// The reason why a part of a command text has its kind.
package enum ShellReason: String, Sendable, Hashable, CaseIterable {
    case listed
    case unlistedProgram = "unlisted-program"
    case unlistedSubcommand = "unlisted-subcommand"
    case unlistedOption = "unlisted-option"
    case unlistedOperand = "unlisted-operand"
    case expandedProgram = "expanded-program"
    case expandedArgument = "expanded-argument"
    case programByPath = "program-by-path"
    case programInDisguise = "program-in-disguise"
    case runsCode = "runs-code"
    case runsCommand = "runs-command"
    case mentioned
    case variable
    case file
    case expandedFile = "expanded-file"
    case device
    case definition
    case arithmetic
    case expansion
    case history
    case lookAlike = "look-alike"
    case hiddenCharacter = "hidden-character"
    case comment
    case incomplete
    case syntax
    case tooLong = "too-long"
    case tooDeep = "too-deep"
    case tooMany = "too-many"

    /// One sentence for people, without the text of the command.
    package var sentence: String {
        switch self {
        case .listed: "the table of programs lists it"
        case .unlistedProgram: "the table of programs does not list the program"
        case .unlistedSubcommand: "the table of programs does not list the subcommand"
        case .unlistedOption: "the table of programs does not list an option"
        case .unlistedOperand: "the program does more with this argument or number of arguments"
        case .expandedProgram: "the name of the program is known only when the shell expands it"
        case .expandedArgument: "an argument that could be an option is known only when expanded"
        case .programByPath: "the program is named by a path outside the system's folders"
        case .programInDisguise: "the name of the program is written in an unusual way"
        case .runsCode: "it runs code of its arguments, of its input or of a file"
        case .runsCommand: "it runs another command in a way that is not fully understood"
        case .mentioned: "its words name such a command"
        case .variable: "it sets a variable that the shell or programs may obey"
        case .file: "it writes to a file"
        case .expandedFile: "it writes to a file whose name is known only when expanded"
        case .device: "it opens a device or a connection"
        case .definition: "it defines a function or an array"
        case .arithmetic: "it evaluates arithmetic, which can run commands"
        case .expansion: "it has an expansion that is not fully understood"
        case .history: "an interactive shell would replace a part by an earlier command"
        case .lookAlike: "it has characters outside of quotes that look like others"
        case .hiddenCharacter: "it has characters that are not displayed"
        case .comment: "a comment has operators, and not every shell reads it as a comment"
        case .incomplete: "it ends within a quote, a command or a here-document"
        case .syntax: "its syntax is not understood"
        case .tooLong: "it is longer than 64 KiB with what it contains"
        case .tooDeep: "it is nested more than 32 levels deep"
        case .tooMany: "it has more than 512 commands or 16,384 parts"
        }
    }
}
