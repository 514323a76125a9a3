/// The kind of a command, and the reason for it.
struct Classification {
    var kind: ShellKind
    var reason: ShellReason
    var entry = ""

    init(_ kind: ShellKind, _ reason: ShellReason = .listed, _ entry: String = "") {
        self.kind = kind
        self.reason = reason
        self.entry = entry
    }

    /// Takes the other one if it is worse.
    mutating func raise(to other: Classification) { if other.kind > kind { self = other } }

    /// Takes the kind that a word gives the command as an option.
    mutating func raise(to reading: ProgramOptions.Reading, _ entry: String) {
        switch reading {
        case .operand, .listed: break
        case .raising(let kind): raise(to: Classification(kind, .listed, entry))
        case .unlisted: raise(to: Classification(.arbitrary, .unlistedOption, entry))
        case .expanded: raise(to: Classification(.arbitrary, .expandedArgument, entry))
        }
    }

    mutating func raise(to mention: ProgramTable.Mention?) {
        guard let mention else { return }
        raise(to: Classification(mention.kind, .mentioned, mention.entry))
    }

    mutating func raise(to task: ShellKind?) {
        if let task { raise(to: Classification(task, .mentioned)) }
    }
}
