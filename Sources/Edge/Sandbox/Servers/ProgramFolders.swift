import CLinux
import Glibc
import InterlockModel
import InterlockPorts

/// The files and folders of the host in which the code of a server's command lies, besides those of every sandbox: a
/// Python environment with its interpreter, the packages of a Node program, or the folder of the program or script
/// (docs/specs/sandbox.md, section 4). They are found by paths alone; no file but the head of a script is read.
struct ProgramFolders {
    /// One path inside and what it shows of the host, which has no link at any component.
    struct VisiblePath: Hashable {
        let source: String
        let target: String
    }

    private(set) var shown: [VisiblePath] = []
    /// The absolute path of the program, links unresolved; nil if no folder of PATH has it.
    private(set) var program: String?

    private let searchPath: [Substring]
    private let directory: String
    private let homes: [String]
    private var visited: Set<String> = []

    private static let mostLinks = 8
    private static let mostAncestors = 12
    private static let headBytes = 256

    /// - Parameters:
    ///   - directory: the folder that relative paths start from.
    ///   - homes: folders that are never shown as a whole, nor what lies directly in them, but for an environment.
    init(
        _ argv: [String], _ environment: [(String, String)], in directory: String,
        homes: [String] = []
    ) {
        self.homes = homes
        let path = environment.last { $0.0 == "PATH" }?.1 ?? "/usr/local/bin:/usr/bin:/bin"
        searchPath = path.split(separator: ":")
        self.directory = directory
        guard let first = argv.first, let program = located(first) else { return }
        self.program = program
        add(program)
        var runner = CodeCommand(program: program)
        var script: String?
        if let words = interpreter(of: program) {
            script = program
            if let path = located(words[0]) {
                add(path)
                runner = CodeCommand(program: path)
                if runner.family == "env", let word = words.dropFirst().first(where: Self.isWord),
                    let other = located(word)
                {
                    add(other)
                    runner = CodeCommand(program: other)
                }
            }
        }
        let named =
            script == nil
            ? runner.code(in: argv.dropFirst()) { HostFiles.isFile(absolute($0)) } : []
        for word in named { add(absolute(word)) }
        if runner.usesPackages, let script = named.last.map({ absolute($0) }) ?? script {
            addPackage(of: (try? canonicalPath(script)) ?? script)
        }
        dropNested()
    }

    /// Drops what is shown at its own path within a folder that is shown at its own path.
    private mutating func dropNested() {
        let whole = shown.filter { $0.source == $0.target }
        shown.removeAll { one in
            one.source == one.target
                && whole.contains { $0 != one && PathRelation.isWithin(one.source, $0.source) }
        }
    }

    /// A word of `env` that is neither an option nor a variable.
    private static func isWord(_ word: String) -> Bool {
        !word.hasPrefix("-") && !word.contains("=")
    }

    // MARK: what is shown

    /// Adds what a file of code needs, and what the links in its place lead to.
    private mutating func add(_ file: String) {
        var path = HostFiles.normal(file)
        for _ in 0...Self.mostLinks {
            guard visited.insert(path).inserted else { return }
            if !SystemTree.isPart(path) { addHome(of: path) }
            guard case .link(let text) = HostTree.real.kind(path) else { return }
            // The folder may itself be reached through links, from which a relative text starts.
            let folder = (try? canonicalPath(HostFiles.parent(path))) ?? HostFiles.parent(path)
            path = HostFiles.normal(text.hasPrefix("/") ? text : folder + "/" + text)
        }
    }

    private mutating func addHome(of path: String) {
        let folder = HostFiles.parent(path)
        let whole = HostFiles.parent(folder)
        if HostTree.real.kind(whole + "/pyvenv.cfg") == .file, mayShowEnvironment(whole) {
            show(whole)
            // An environment has links to the interpreter that it was made with.
            for name in ["python", "python3"] { add("\(whole)/bin/\(name)") }
            return
        }
        let isProgramFolder = folder.hasSuffix("/bin")
        if isProgramFolder, mayShow(whole) { return show(whole) }
        show(!isProgramFolder && mayShow(folder) ? folder : path)
    }

    /// Adds the packages around a script: the outermost `node_modules`, or the nearest folder with a `package.json`.
    private mutating func addPackage(of script: String) {
        let parts = script.split(separator: "/").map(String.init)
        if let place = parts.firstIndex(of: "node_modules") {
            return show("/" + parts[...place].joined(separator: "/"))
        }
        var folder = HostFiles.parent(script)
        for _ in 0..<Self.mostAncestors where mayShow(folder) {
            if HostTree.real.kind(folder + "/package.json") == .file { return show(folder) }
            folder = HostFiles.parent(folder)
        }
    }

    private mutating func show(_ path: String) {
        guard let source = try? canonicalPath(path), !SystemTree.isPart(source) else { return }
        for target in Set([source, path]) where !SystemTree.isPart(target) {
            let new = VisiblePath(source: source, target: target)
            if !shown.contains(new) { shown.append(new) }
        }
    }

    /// Folders of the host of which no part is shown because a program lies there.
    private static let system = ["proc", "sys", "dev", "run", "boot", "etc"]
    private static let credentials: Set<String> = [
        ".ssh", ".aws", ".gnupg", ".kube", ".docker", ".config",
    ]

    /// Returns whether a folder as a whole can be that of a program: not one that has those of many, such as `/opt`,
    /// `~/.local`, a home, or what lies directly in a home.
    private func mayShow(_ folder: String) -> Bool {
        let parts = folder.split(separator: "/")
        // The shortest are `/home/USER/tools/x` and `/var/lib/x`.
        let fewest = ["home": 4, "root": 3, "var": 3][parts.first ?? ""] ?? 2
        return parts.count >= fewest && parts.last != ".local"
            && !homes.contains(HostFiles.parent(folder)) && mayShowEnvironment(folder)
    }

    /// Returns whether a folder can be an environment, which may lie directly in a home.
    private func mayShowEnvironment(_ folder: String) -> Bool {
        let parts = folder.split(separator: "/").map(String.init)
        guard let first = parts.first, parts.count >= 2, !Self.system.contains(first) else {
            return false
        }
        let isHome =
            first == "home" && parts.count == 2
            || homes.contains { PathRelation.isWithin($0, folder) }
        return !isHome && !parts.contains(where: Self.credentials.contains)
    }

    // MARK: finding

    /// Finds a program in PATH, like `execvp`.
    private func located(_ name: String) -> String? {
        guard !name.isEmpty else { return nil }
        if name.contains("/") { return HostFiles.normal(absolute(name)) }
        return HostFiles.program(name, in: searchPath)
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : directory + "/" + path
    }

    /// The words after `#!`, the interpreter first; nil if the file has none.
    private func interpreter(of path: String) -> [String]? {
        let head = HostFiles.content(path, limit: Self.headBytes)
        guard head.starts(with: Array("#!".utf8)) else { return nil }
        let line = String(
            decoding: head.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        return words.isEmpty ? nil : words
    }
}
