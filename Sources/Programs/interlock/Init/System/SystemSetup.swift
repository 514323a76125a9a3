import Glibc
import InterlockCommandLine
import InterlockConfiguration
import InterlockDeployment
import InterlockModel
import InterlockPolicyCommands
import InterlockWitnessing

/// `interlock init --system`: a deployment whose gateway runs as its own user. Policy and configuration belong to
/// root; keys, log and local socket belong to that user. Agents that run as any other user can access none of them.
struct SystemSetup {
    static let options: [Option] = [
        Option("--system", "give the gateway a user of its own and a systemd unit; needs root"),
        Option(
            "--user NAME",
            "with --system: the gateway's user, made if it is not there (default: interlock)"),
        Option(
            "--unit FILE",
            "with --system: the unit (default: /etc/systemd/system/interlock.service)"),
    ]
    private static let directory = "/var/lib/interlock"
    private static let unitFolder = "/etc/systemd/system"

    private let invocation: Invocation
    private let program: String
    private let userName: String
    private let known: SystemUser?
    private let directory: String
    private let unit: String

    /// Checks the command line and the paths before anything is made.
    init(_ invocation: Invocation) throws(Failure) {
        for name in ["undo"] + Takeover.options.map(\.name) where invocation.has(name) {
            throw Failure(.usage, "`--system` cannot be used with `--\(name)`")
        }
        guard invocation.positional.isEmpty else {
            throw Failure(
                .usage, "`--system` cannot be used with FILE: servers are never started as root",
                help: "name a policy with --policy, and connect hosts with `interlock agents token`"
            )
        }
        guard geteuid() == 0 else {
            throw Failure(
                .notPermitted, "cannot make a user and files of root: not root",
                help: "sudo interlock init --system ...")
        }
        program = try RootedPath.ownProgram()
        userName = invocation["user"] ?? "interlock"
        guard isLowerName(userName) else {
            throw Failure(.usage, "invalid user name `\(userName)`")
        }
        known = try SystemUser.existing(userName)
        directory = try RootedPath.newFolder(invocation["dir"] ?? Self.directory)
        let isNamed = invocation.has("unit") || File.exists(Self.unitFolder)
        unit =
            if let named = invocation["unit"] {
                try RootedPath.newFile(named, help: "name a --unit in a folder of root")
            } else {
                (isNamed ? Self.unitFolder : directory) + "/interlock.service"
            }
        guard !File.exists(unit) else {
            throw Failure(.cannotCreate, "`\(unit)` is there already", help: "name another --unit")
        }
        self.invocation = invocation.setting("dir", to: directory)
    }

    func run() async throws(Failure) -> Exit {
        // Another user of a sticky parent folder may have made it in the meantime.
        try FileFailure.exits(.cannotCreate, try File.makeFolder(directory, mode: 0o700))
        try RootedPath.judge(directory)
        // Checks the command line, the policy and the key before the user is made.
        let setup = try DeploymentSetup(invocation)
        let user: SystemUser
        if let known {
            user = known
        } else {
            user = try SystemUser.make(userName, home: directory)
        }
        let links = try await setup.run()
        try hand(setup.deployment, to: user)
        let text = SystemUnit(program: program, directory: directory, user: userName).text
        do throws(FileFailure) {
            try File.write(Array(text.utf8), to: unit, mode: 0o644)
            try File.syncFolder(of: unit)
        } catch { throw Failure(.cannotCreate, error.message) }
        setup.tell(links)
        Output.line("  unit:   \(unit)")
        Output.line("  next:   systemctl enable --now interlock")
        Output.line(
            "          without systemd: runuser -u \(userName) -- \(program) serve --dir \(directory)"
        )
        return .ok
    }

    /// Gives the folder to root and makes it sticky: the gateway can add files, such as a sign-off by passkey, and
    /// replace its own files, but not policy and configuration.
    private func hand(_ deployment: Deployment, to user: SystemUser) throws(Failure) {
        let root: uid_t = 0
        do throws(FileFailure) {
            for folder in [deployment.secrets, deployment.tokens] {
                try File.makeFolder(folder, mode: 0o700)
            }
            for path in [deployment.state, deployment.secrets, deployment.tokens] {
                try Ownership.give(path, to: user.user, user.group)
            }
            for path in [
                deployment.trust.path, deployment.lock,
                SignOffFile(besidePolicy: deployment.policy).source.signOffPath,
            ] where File.exists(path) {
                try Ownership.give(path, to: user.user, user.group)
            }
            let readable = [deployment.policy, directory + "/" + ConfigurationFile.name]
            for path in readable {
                try Ownership.give(path, to: root, user.group, folders: 0o750, files: 0o640)
            }
            try Ownership.set(directory, root, user.group, mode: 0o1770)
        } catch { throw Failure(.cannotCreate, error.message) }
    }
}
