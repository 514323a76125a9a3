/// Determines which words of a command name code, from known programs that run other code. Uses only the words.
struct CodeCommand {
    /// The file name of the program in lower case, without a version: `python3.11` becomes `python`.
    let family: String

    init(program: String) {
        let name = program.split(separator: "/").last.map { $0.lowercased() } ?? ""
        var stem = name[...]
        while let last = stem.last, last.isNumber || last == "." || last == "-" {
            stem.removeLast()
        }
        family = stem.isEmpty ? name : String(stem)
    }

    /// True if it runs a file that one of its arguments names.
    var isInterpreter: Bool { Self.interpreters.contains(family) }
    /// True if its code is in packages with a `package.json`.
    var usesPackages: Bool { Self.packaged.contains(family) }
    /// True if it downloads the code that it runs, or stores it elsewhere.
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
    /// Options that load a file before the script.
    private static let loaders: Set<String> = [
        "-r", "--require", "--import", "--loader", "--experimental-loader", "--preload",
    ]
    /// Options followed by code or by the name of a module, so that no file is the script.
    private static let inline: Set<String> = ["-c", "-m", "-e", "--eval", "-p", "--print"]

    /// Returns the arguments that may be files of code, in order: files that options load, and the script. Arguments
    /// after the script belong to it.
    ///
    /// - Parameter isFile: returns true if a word is the path of a file.
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
