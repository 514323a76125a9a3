import InterlockCommandLine
package import InterlockJSON

/// The end of `interlock run`: its exit code and whose it is (docs/specs/sandbox.md, section 11).
package struct RunOutcome: Sendable, Hashable {
    package enum Source: String, Sendable { case agent, interlock }

    /// 0 to 255.
    package let code: Int32
    package let source: Source
    /// A stable word: `exited`, `wall`, or the reason of a refusal.
    package let reason: String
    /// A sentence for people, or nil if the command ended by itself.
    package let message: String?
    package var help: String?

    package init(
        _ code: Int32, _ source: Source, _ reason: String, _ message: String? = nil,
        help: String? = nil
    ) {
        self.code = code
        self.source = source
        self.reason = reason
        self.message = message
        self.help = help
    }
}

/// The exit codes that only `interlock run` has.
package enum RunExit {
    package static let usage: Int32 = 64
    package static let badPolicy: Int32 = 65
    package static let unavailable: Int32 = 69
    package static let noIsolation: Int32 = 70
    package static let setup: Int32 = 71
    package static let refused: Int32 = 77
    package static let wall: Int32 = 124
    package static let notExecutable: Int32 = 126
    package static let notFound: Int32 = 127
    package static let killed: Int32 = 137
}

/// Ends `interlock run` before anything was started.
package struct RunRefusal: Error, Hashable, Sendable {
    package let outcome: RunOutcome

    package init(_ code: Int32, _ reason: String, _ message: String, help: String? = nil) {
        outcome = RunOutcome(code, .interlock, reason, message, help: help)
    }

    /// A part of the policy or an option that this version cannot keep.
    static func unsupported(_ what: String) -> RunRefusal {
        RunRefusal(
            RunExit.noIsolation, "unsupported", "\(what) is not available in this version")
    }

    /// A run that was stopped before its command was executed.
    init(stoppedBy cause: RunProgress.Cause) { outcome = RunProgress.outcome(of: cause) }

    init(_ failure: Failure) {
        self.init(
            failure.exit.rawValue, failure.exit.runReason, failure.message, help: failure.help)
    }
}

extension Exit {
    /// The reason of an outcome that has this exit code.
    fileprivate var runReason: String {
        switch self {
        case .usage: "usage"
        case .data: "bad-policy"
        case .unavailable: "gateway-unavailable"
        default: "failed"
        }
    }
}

/// The facts about one run for its report.
package struct RunReport: Sendable {
    package var run: String?
    package var isolation = "full"
    package var layers: [String] = []
    /// The numbers of its changes; nil if it writes to no project, or they could not be read.
    package var changes: Changes?

    /// The numbers of changes in the workspace, all and those with a flag.
    package struct Changes: Sendable, Hashable {
        package let entries: Int
        package let flagged: Int

        package init(entries: Int, flagged: Int) {
            self.entries = entries
            self.flagged = flagged
        }
    }

    package init() {}

    /// The object of `--json`.
    package func json(_ outcome: RunOutcome) -> JSONValue {
        var object: JSONObject = [:]
        object["run"] = run.map(JSONValue.string) ?? .null
        object["code"] = .integer(Int64(outcome.code))
        object["source"] = .string(outcome.source.rawValue)
        object["reason"] = .string(outcome.reason)
        object["isolation"] = .string(isolation)
        object["layers"] = .array(layers.map(JSONValue.string))
        object["diff"] =
            changes.map {
                [
                    "entries": .integer(Int64($0.entries)),
                    "flagged": .integer(Int64($0.flagged)),
                ]
            } ?? .null
        return .object(object)
    }
}
