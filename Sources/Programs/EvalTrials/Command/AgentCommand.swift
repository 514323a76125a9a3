import Glibc
package import InterlockCommandLine

/// The command of a suite, found on this machine.
package struct AgentCommand: Sendable {
    let path: String
    let words: [String]
    /// `NAME=value` each: what the command inherits, without the variables that a trial sets.
    let inherited: [String]

    /// The variables that the command does not inherit, by the beginnings of their names: those of this program, the
    /// socket of keys that sign results, and what a step of continuous integration can change or authorize (GitHub
    /// Actions, and the predefined variables of GitLab CI/CD that have a token).
    static let withheld = [
        "INTERLOCK_", "SSH_AUTH_SOCK", "SSH_AGENT_PID", "GITHUB_", "ACTIONS_", "CI_JOB_TOKEN",
        "CI_REPOSITORY_URL", "CI_REGISTRY_PASSWORD", "CI_DEPLOY_PASSWORD",
        "CI_DEPENDENCY_PROXY_PASSWORD",
    ]

    /// - Throws: exit 69 if there is no such program, or it cannot be executed.
    package init(_ words: [String]) throws(Failure) {
        path = try Self.path(of: words.first ?? "")
        self.words = words
        inherited = Self.variables().filter { variable in
            !Self.withheld.contains { variable.hasPrefix($0) }
        }
    }

    /// Returns the path of a program: itself if it has a slash, and else the first entry of PATH. Relative folders of
    /// PATH are passed over: the folder of the caller would choose what is started.
    ///
    /// - Throws: exit 69 if there is no such program, or it cannot be executed.
    static func path(of word: String) throws(Failure) -> String {
        let found: String?
        if word.utf8.contains(UInt8(ascii: "/")) {
            found = Child.isProgram(word) ? word : nil
        } else {
            found = Child.path(of: word)
        }
        guard let found else {
            throw Failure(
                .unavailable,
                "the command `\(TerminalEscaping.shown(word))` is not a program that can be started",
                help: "`command` of the suite names a program by its path, or by its name in PATH")
        }
        return found
    }

    /// The variables of this process, `NAME=value` each.
    private static func variables() -> [String] {
        let start = unsafe environ
        var variables: [String] = []
        var place = 0
        while let variable = unsafe start[place] {
            variables.append(unsafe String(cString: variable))
            place += 1
        }
        return variables
    }
}
