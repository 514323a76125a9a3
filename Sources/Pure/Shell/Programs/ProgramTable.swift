/// The programs that the parser knows, as data. A program that no row names is arbitrary.
enum ProgramTable {
    static let rules: [String: ProgramRule] = {
        var table: [String: ProgramRule] = [:]
        for (names, rule) in readers + files + shells + git + builders + services {
            for name in names.split(separator: " ") {
                precondition(table[String(name)] == nil, "two rows name \(name)")
                table[String(name)] = rule
            }
        }
        return table
    }()

    /// The folders whose programs count as those of the table.
    static let folders: Set<String> = [
        "/bin", "/usr/bin", "/sbin", "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin",
        "/usr/lib/git-core", "/usr/libexec/git-core",
    ]

    /// The programs whose names are no words of other languages, so that they count wherever they are.
    private static let mentioned: Set<String> = [
        "ansible", "ansible-playbook", "aws", "az", "cargo", "clickhouse-client", "createdb",
        "curl",
        "dd", "docker", "docker-compose", "dropdb", "firebase", "flyctl", "gcloud", "gem", "gh",
        "git",
        "git-push", "glab", "gsutil", "helm", "heroku", "kubectl", "mkfs", "mongosh", "mysql",
        "netlify",
        "npm", "oc", "podman", "pnpm", "psql", "pulumi", "redis-cli", "rm", "rmdir", "rsync", "scp",
        "shred", "ssh", "systemctl", "terraform", "tofu", "twine", "unlink", "vercel", "wrangler",
        "yarn",
    ]

    /// A command that words name, wherever they are.
    struct Mention {
        let kind: ShellKind
        let entry: String
    }

    /// Returns the worst command of at least the kind `delete` whose name is one of the words, for texts that are not
    /// understood otherwise. At most 64 words are searched.
    static func mention(in words: ArraySlice<String>) -> Mention? {
        var worst: Mention?
        let words = words.prefix(ShellLimits.suspects).map {
            $0.utf8.count <= 128 ? $0.lowercased() : ""
        }
        for (index, word) in zip(words.indices, words) {
            let name = baseName(word)
            guard mentioned.contains(name), let rule = rules[name] else { continue }
            var found = floor(of: rule)
            var entry = name
            if case .subcommands(let tree) = rule {
                for later in words[(index + 1)...] {
                    guard let row = tree.rows[later] else { continue }
                    let kind = floor(of: row)
                    if kind > found { (found, entry) = (kind, "\(name) \(later)") }
                }
            }
            if found >= .delete, found > worst?.kind ?? .read {
                worst = Mention(kind: found, entry: entry)
            }
        }
        return worst
    }

    static func baseName(_ word: String) -> String {
        guard let slash = word.utf8.lastIndex(of: 0x2f) else { return word }
        return String(word[word.utf8.index(after: slash)...])
    }

    /// The kind that a rule gives at least.
    private static func floor(of rule: ProgramRule) -> ShellKind {
        switch rule {
        case .any(let kind), .options(let kind, _): kind
        // `git remote` and the like are no command without their own subcommand.
        case .subcommands(let tree): tree.rows.isEmpty ? tree.bare : .read
        case .wrapper(let wrapper): wrapper.floor
        case .code, .tasks, .shell, .special: .read
        }
    }
}
