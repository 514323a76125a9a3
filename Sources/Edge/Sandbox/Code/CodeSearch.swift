import CLinux
import Glibc
import InterlockPorts

/// The files and folders of code that a command leads to: each once, links resolved, the program first.
struct CodeSearch {
    private(set) var files: [String] = []
    private var found: [Folder] = []

    struct Folder: Hashable {
        let path: String
        /// True for the packages of a Python environment whose byte code caches are listed apart, and run only as
        /// reviewed.
        let hasCaches: Bool
    }

    private let searchPath: [Substring]
    private let directory: String
    /// False once a word of the command may keep Python from the variable by which it reads no caches.
    private var readsVariables = true

    var folders: [Folder] {
        found.map { Folder(path: $0.path, hasCaches: $0.hasCaches && readsVariables) }
    }

    private static let headBytes = 256
    private static let mostAncestors = 12

    init(_ environment: [(String, String)], in directory: String) {
        let path = environment.last { $0.0 == "PATH" }?.1 ?? "/bin:/usr/bin"
        searchPath = path.split(separator: ":")
        self.directory = directory
    }

    /// - Returns: the absolute path of the program, links unresolved.
    mutating func command(_ argv: [String]) throws(LaunchFailure) -> String {
        guard let first = argv.first, !first.isEmpty else {
            throw LaunchFailure(reason: "the command is empty")
        }
        let program = try located(first)
        let file = try add(file: program)
        addEnvironment(of: program)
        var runner = CodeCommand(program: program)
        note(options: argv.dropFirst(), of: runner)
        var script: String?
        if let line = firstLine(of: file) {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
            guard let interpreter = words.first else {
                throw LaunchFailure(reason: "`\(file)` names no interpreter")
            }
            note(options: words.dropFirst(), of: CodeCommand(program: interpreter))
            runner = try add(interpreter: interpreter, words.dropFirst(), of: file)
            script = file
        }
        let named = runner.code(in: script == nil ? argv.dropFirst() : []) {
            HostFiles.isFile(absolute($0))
        }
        for word in named { script = try add(file: absolute(word)) }
        if let script {
            addEnvironment(of: script)
            if runner.usesPackages { addPackage(of: script) }
        }
        return program
    }

    /// Adds the interpreter in a script's first line, as the kernel resolves it; `env` searches PATH for its argument.
    private mutating func add(
        interpreter: String, _ words: ArraySlice<String>, of file: String
    ) throws(LaunchFailure) -> CodeCommand {
        var path = try located(interpreter)
        var found = try add(file: path)
        if CodeCommand(program: path).family == "env" {
            let word = words.first { !$0.hasPrefix("-") && !$0.contains("=") }
            guard let word else { throw LaunchFailure(reason: "`\(file)` names no interpreter") }
            path = try located(word)
            found = try add(file: path)
        }
        guard firstLine(of: found) == nil else {
            throw LaunchFailure(
                reason: "the interpreter of `\(file)`, `\(path)`, is a script itself")
        }
        addEnvironment(of: path)
        return CodeCommand(program: path)
    }

    // MARK: places

    /// Adds the Python environment of a program or script: its `pyvenv.cfg` and its packages.
    private mutating func addEnvironment(of path: String) {
        let root = HostFiles.parent(HostFiles.parent(path))
        let settings = root + "/pyvenv.cfg"
        guard HostFiles.isFile(settings), let whole = try? canonicalPath(settings) else { return }
        if !files.contains(whole) { files.append(whole) }
        let isOld = Self.oldPythons.contains { isFolder("\(root)/lib/python\($0)") }
        add(folder: root + "/lib", hasCaches: !isOld)
    }

    /// The versions of Python that do not know `PYTHONPYCACHEPREFIX`, and have environments.
    private static let oldPythons = ["3.3", "3.4", "3.5", "3.6", "3.7"]

    /// Notes options by which Python ignores its variables (`-E`, `-I`), or by which `env` removes them (`-i`, `-u`,
    /// `-`). Words of the script are taken for options too: where in doubt, caches are code.
    private mutating func note(options: ArraySlice<String>, of command: CodeCommand) {
        let isEnv = command.family == "env"
        for word in options where word.hasPrefix("-") {
            let isLong = word.hasPrefix("--")
            let letters = isEnv ? "EIiu" : "EI"
            if isEnv && (isLong || word == "-") || !isLong && word.contains(where: letters.contains)
            {
                readsVariables = false
            }
        }
    }

    /// Adds the packages around a script: the outermost `node_modules`, or the nearest folder with a `package.json`.
    private mutating func addPackage(of script: String) {
        let parts = script.split(separator: "/").map(String.init)
        if let place = parts.firstIndex(of: "node_modules") {
            return add(folder: "/" + parts[...place].joined(separator: "/"))
        }
        var folder = HostFiles.parent(script)
        for _ in 0..<Self.mostAncestors where folder != "/" {
            if HostFiles.isFile(folder + "/package.json") { return add(folder: folder) }
            folder = HostFiles.parent(folder)
        }
    }

    private mutating func add(folder: String, hasCaches: Bool = false) {
        guard let path = try? canonicalPath(folder), path != "/" else { return }
        if !found.contains(where: { $0.path == path }) {
            found.append(Folder(path: path, hasCaches: hasCaches))
        }
    }

    private mutating func add(file: String) throws(LaunchFailure) -> String {
        let path = try canonicalPath(file)
        if !files.contains(path) { files.append(path) }
        return path
    }

    /// Finds a program in PATH, like `execvp`.
    private func located(_ name: String) throws(LaunchFailure) -> String {
        if name.contains("/") { return absolute(name) }
        guard let path = HostFiles.program(name, in: searchPath) else {
            throw LaunchFailure(reason: "there is no program `\(name)` in PATH")
        }
        return path
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : directory + "/" + path
    }

    private func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Returns the text after `#!`, or nil if the file does not begin with it or cannot be read.
    private func firstLine(of path: String) -> String? {
        guard let file = try? CodeFile(path) else { return nil }
        let head = file.head(Self.headBytes)
        guard head.starts(with: Array("#!".utf8)) else { return nil }
        let line = head.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
        return String(decoding: line, as: UTF8.self)
    }
}
