/// Which words of a command name code, by what is known of programs that run other code. Looks at words alone.
struct CodeCommand {
    /// The file name of the program, lower case, without a version: `python3.11` is `python`.
    let family: String

    init(program: String) {
        let name = program.split(separator: "/").last.map { $0.lowercased() } ?? ""
        var stem = name[...]
        while let last = stem.last, last.isNumber || last == "." || last == "-" {
            stem.removeLast()
        }
        family = stem.isEmpty ? name : String(stem)
    }

    /// It runs a file that one of its arguments names.
    var isInterpreter: Bool { Self.interpreters.contains(family) }
    /// Its code lies in packages with a `package.json`.
    var usesPackages: Bool { Self.packaged.contains(family) }
    /// It fetches what it runs, or has it elsewhere.
    var isRunner: Bool { Self.runners.contains(family) }

    private static let interpreters: Set<String> = [
        "python", "pypy", "node", "nodejs", "bun", "deno", "ruby", "perl", "php", "lua", "java",
        "bash", "sh", "dash", "zsh", "tsx", "ts-node", "dotnet", "mono",
    ]
    private static let packaged: Set<String> = ["node", "nodejs", "bun", "deno", "tsx", "ts-node"]
    private static let runners: Set<String> = [
        "npx", "npm", "uvx", "uv", "pipx", "bunx", "pnpm", "pnpx", "yarn", "docker", "podman",
        "deno", "bun", "nix", "go", "cargo",
    ]
    private static let endings = [
        ".py", ".pyz", ".pyw", ".js", ".mjs", ".cjs", ".ts", ".mts", ".rb", ".pl", ".php", ".lua",
        ".jar", ".sh", ".dll",
    ]
    /// Options whose file is loaded before the script.
    private static let loaders: Set<String> = [
        "-r", "--require", "--import", "--loader", "--experimental-loader", "--preload",
    ]
    /// What follows is code, or the name of a module: no file is the script.
    private static let inline: Set<String> = ["-c", "-m", "-e", "--eval", "-p", "--print"]

    /// The arguments that may be files of code, in their order: what options load, and the script. What comes
    /// after the script is its own.
    ///
    /// - Parameter isFile: whether a word is the path of a file.
    func code(in arguments: ArraySlice<String>, isFile: (String) -> Bool) -> [String] {
        guard isInterpreter else { return [] }
        var found: [String] = []
        var option: String?
        for word in arguments {
            if word.hasPrefix("-"), word.count > 1 {
                if Self.inline.contains(word) { return found }
                let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                if parts.count == 2, isFile(parts[1]) { found.append(parts[1]) }
                option = parts.count == 2 ? nil : word
                continue
            }
            let before = option
            option = nil
            guard isFile(word) else { continue }
            found.append(word)
            if let before, Self.loaders.contains(before) { continue }
            if before == nil || Self.endings.contains(where: word.hasSuffix) { return found }
        }
        return found
    }
}
