import Glibc
import InterlockCommandLine
import InterlockPolicy
import InterlockSandbox

/// Finds the program of a command line as the host would, and the user's files that it needs. The sandbox shows it
/// nothing else of the home folder.
struct ProgramLookup {
    typealias EntryError = EntryReading.EntryError

    /// The folder that relative paths start from.
    let base: String
    let home: String?
    let path: String
    var remarks: [String] = []

    private static let shells: Set<String> = ["sh", "bash", "zsh", "dash", "fish", "ksh"]
    private static let containers: Set<String> = ["docker", "podman", "nerdctl"]
    private static let interpreters: Set<String> = [
        "python", "python3", "node", "nodejs", "deno", "bun", "ruby", "java", "perl", "php",
    ]

    mutating func program(
        _ command: String, _ arguments: [String]
    ) throws(EntryError) -> PlannedServer.Program {
        let name = String(command.split(separator: "/").last ?? "")
        if Self.shells.contains(name), arguments.contains("-c") {
            throw EntryError("it is a line for a shell: name the program itself")
        }
        if name == "sudo" || name == "doas" {
            throw EntryError("it asks for more rights: leave it out")
        }
        if Self.containers.contains(name) {
            throw EntryError(
                "`\(name)` needs a socket that the sandbox does not show: run the program itself")
        }
        if let package = try package(name, arguments) { return try installed(package) }
        let found = try find(command)
        var program = PlannedServer.Program(argv: [found])
        let words = arguments.map(absolute)
        program.argv += words
        program.readable = readable(words, isScript: Self.interpreters.contains(name))
        return program
    }

    // Package runners.

    private struct Package {
        let runner: String
        let name: String
        let arguments: [String]
    }

    /// Returns the package that `uvx`, `npx` and similar runners would fetch at each start, possibly in a new
    /// version.
    private func package(_ runner: String, _ arguments: [String]) throws(EntryError) -> Package? {
        var rest = arguments[...]
        switch runner {
        case "uvx", "npx", "pnpx", "bunx": break
        case "pipx" where rest.first == "run": rest = rest.dropFirst()
        case "uv" where rest.starts(with: ["tool", "run"]): rest = rest.dropFirst(2)
        default: return nil
        }
        while let flag = rest.first, ["-y", "--yes", "-q", "--quiet"].contains(flag) {
            rest = rest.dropFirst()
        }
        guard let name = rest.first, !name.hasPrefix("-") else {
            throw EntryError(
                "`\(runner)` fetches programs at each start: install it and name its program")
        }
        return Package(runner: runner, name: name, arguments: Array(rest.dropFirst()))
    }

    private mutating func installed(_ package: Package) throws(EntryError) -> PlannedServer.Program
    {
        let bare = String(package.name.prefix { $0 != "@" && $0 != "=" && $0 != "[" })
        guard !bare.isEmpty, !bare.contains("/"), let found = try? find(bare) else {
            let advice =
                ["npx", "pnpx", "bunx"].contains(package.runner)
                ? "npm install --global \(package.name)" : "uv tool install \(package.name)"
            throw EntryError(
                "`\(package.runner)` fetches whatever is newest at each start: install it once (\(advice)) "
                    + "and name its program")
        }
        remarks.append("instead of \(package.runner): the program that is installed")
        var program = PlannedServer.Program(argv: [found])
        let words = package.arguments.map(absolute)
        program.argv += words
        program.readable = readable(words, isScript: false)
        return program
    }

    // Paths.

    private func find(_ command: String) throws(EntryError) -> String {
        var candidates: [String] = []
        if command.contains("/") {
            candidates = [absolute(command.hasPrefix("/") ? command : "./" + command)]
        } else {
            candidates = path.split(separator: ":").filter { $0.hasPrefix("/") }
                .map { $0 + "/" + command }
        }
        guard let found = candidates.first(where: Child.isProgram) else {
            throw EntryError("there is no program `\(command)`")
        }
        // A link into a Python environment (uv tool, pipx) is resolved, because the program needs the whole
        // environment.
        if !isEnvironment(of: found), let real = File.realPath(found), isEnvironment(of: real) {
            return real
        }
        return found
    }

    /// Returns true for a file or folder: no sandbox shows another kind.
    private func isPlain(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0
            && [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
    }

    private func isEnvironment(of program: String) -> Bool {
        let root = program.split(separator: "/").dropLast(2).joined(separator: "/")
        return !root.isEmpty && File.exists("/\(root)/pyvenv.cfg")
    }

    /// Makes a relative path that exists absolute, because the program starts in another folder inside the sandbox.
    private func absolute(_ word: String) -> String {
        let isRelative =
            word == "." || word == ".." || word.hasPrefix("./") || word.hasPrefix("../")
            || !word.hasPrefix("/") && !word.hasPrefix("-")
                && (word.contains("/") || word.contains("."))
        guard isRelative, let real = File.realPath(base + "/" + word) else { return word }
        return real
    }

    /// The folders and files that the arguments name and that the sandbox would hide. It shows the folder of a program
    /// or script by itself, unless that lies in a covered folder.
    private mutating func readable(_ words: [String], isScript: Bool) -> [String] {
        var found: [String] = []
        var script = isScript
        for word in words {
            var text = word[...]
            if word.hasPrefix("-") {
                guard let equals = word.firstIndex(of: "=") else { continue }
                text = word[word.index(after: equals)...]
            }
            guard text.hasPrefix("/"), let real = File.realPath(String(text)) else { continue }
            // A script loads files from its own folder.
            let isCode = script && !word.hasPrefix("-")
            let wanted = isCode ? parent(of: real) : real
            if isCode { script = false }
            guard isCovered(wanted) || !isCode && !Self.isShownToAll(wanted), isPlain(wanted) else {
                continue
            }
            guard !isTooWide(wanted) else {
                remarks.append(
                    "it is not shown \(TerminalEscaping.shown(wanted)), which holds more than its work: "
                        + "keep what it needs in a folder of its own, without a dot")
                continue
            }
            if !found.contains(wanted) { found.append(wanted) }
        }
        return found
    }

    private var covers: [String] {
        HostPaths.standardCovers(home: home, agentSocket: nil) + ["/tmp", "/var/tmp"]
    }

    private func isCovered(_ path: String) -> Bool {
        covers.contains { path == $0 || path.hasPrefix($0 + "/") } || path == "/"
    }

    /// Returns true for the programs of the system, and for trees of which each sandbox has its own.
    private static func isShownToAll(_ path: String) -> Bool {
        ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/dev"]
            .contains { path == $0 || path.hasPrefix($0 + "/") }
    }

    /// Returns true for what no policy may name, the home folder, the folders above it, and any entry of it that
    /// begins with a dot: keys, other programs' tokens and deployments are kept there.
    private func isTooWide(_ path: String) -> Bool {
        if path == "/etc" || covers.contains(path) { return true }
        if SandboxPath.refusal(ofServerPath: path) != nil { return true }
        guard let home = home.flatMap(File.realPath) else { return false }
        return (home + "/").hasPrefix(path + "/") || path.hasPrefix(home + "/.")
    }

    private func parent(of path: String) -> String {
        "/" + path.split(separator: "/").dropLast().joined(separator: "/")
    }
}
