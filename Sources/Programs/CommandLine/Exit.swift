import Glibc

/// The exit codes, the same for every command (from sysexits.h if it defines one).
package enum Exit: Int32, CaseIterable, Sendable {
    /// Done, or yes.
    case ok = 0
    /// The answer is no: refused, findings, drift, failed, not confirmed.
    case no = 1
    /// The stronger no of the commands that have one, and the refusal of a hook.
    case second = 2
    /// `audit verify --strict`: no external evidence rules out another history.
    case unanchored = 3
    case usage = 64
    /// Input unreadable or invalid.
    case data = 65
    case notFound = 66
    /// Gateway, ledger or another server not reachable.
    case unavailable = 69
    case internalError = 70
    /// `workspace`: the project changed since the start of the run.
    case workspaceChanged = 72
    /// Output not writable; `workspace apply`: refused.
    case cannotCreate = 73
    case io = 74
    case tryAgain = 75
    case notPermitted = 77

    /// Ends the process without running exit handlers: those of libraries release resources that other threads still
    /// use (OpenSSL its tables), and a crash would replace this exit code.
    package func end() -> Never { _exit(rawValue) }

    package var meaning: String {
        switch self {
        case .ok: "done, or yes"
        case .no: "the answer is no: refused, findings, failed, not confirmed"
        case .second:
            "policy diff: wider or not comparable; simulate: some easier; explain, hook: denied"
        case .unanchored: "consistent in itself, but without outside memory"
        case .usage: "wrong command line"
        case .data: "input unreadable or invalid"
        case .notFound: "not found"
        case .unavailable: "gateway or ledger not reachable"
        case .internalError: "internal error"
        case .workspaceChanged: "the project changed since the start of the run"
        case .cannotCreate: "output not writable; workspace apply: refused"
        case .io: "input or output error"
        case .tryAgain: "locked, try again"
        case .notPermitted: "not permitted"
        }
    }
}

extension [Exit] {
    /// The exit codes of commands whose request the gateway may refuse for the person, the name or the state.
    package static let ofOrders: [Exit] = [.no, .data, .notFound, .unavailable, .notPermitted]
}

/// Ends a command: printed as `interlock: message` on standard error, with a help line if there is advice.
package struct Failure: Error {
    package let exit: Exit
    package let message: String
    package let help: String?

    package init(_ exit: Exit, _ message: String, help: String? = nil) {
        self.exit = exit
        self.message = message
        self.help = help
    }
}
