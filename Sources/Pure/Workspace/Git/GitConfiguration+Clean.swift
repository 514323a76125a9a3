import InterlockJSON

/// The configuration of a repository as an agent sees it: nothing starts a program, leads out of the workspace or is a
/// credential. A key that is not in the lists is left out.
extension GitConfiguration {
    /// The names by section, for sections without a subsection.
    static let plainKeys: [ExactText: Set<ExactText>] = [
        "core": [
            "repositoryformatversion", "filemode", "bare", "logallrefupdates", "ignorecase",
            "precomposeunicode", "symlinks", "autocrlf", "eol", "safecrlf", "sparsecheckout",
            "sparsecheckoutcone", "abbrev", "quotepath", "bigfilethreshold", "untrackedcache",
            "checkstat", "trustctime", "splitindex", "commentchar", "worktree", "protecthfs",
            "protectntfs", "longpaths", "whitespace",
        ],
        "extensions": [
            "objectformat", "compatobjectformat", "refstorage", "worktreeconfig", "partialclone",
            "preciousobjects", "noop", "relativeworktrees",
        ],
        "user": ["name", "email"], "init": ["defaultbranch"], "index": ["version", "sparse"],
        "pull": ["rebase", "ff"], "push": ["default", "autosetupremote"],
        "fetch": ["prune", "prunetags"], "merge": ["conflictstyle", "ff"],
        "rebase": ["autosquash", "autostash", "updaterefs"], "rerere": ["enabled"],
        "diff": ["algorithm", "renames", "renamelimit"], "branch": ["autosetupmerge"],
        "commit": ["gpgsign"], "tag": ["gpgsign"], "gc": ["auto"], "status": ["showuntrackedfiles"],
        "submodule": ["active", "recurse"], "lfs": ["repositoryformatversion"],
    ]
    /// The names by section, for sections with a subsection.
    static let subsectionKeys: [ExactText: Set<ExactText>] = [
        "remote": ["url", "pushurl", "fetch", "push", "tagopt", "prune", "promisor", "mirror"],
        "branch": ["remote", "merge", "rebase", "pushremote", "description"],
        "submodule": ["url", "active", "branch", "update", "ignore", "path"],
    ]
    private static let urls: Set<ExactText> = ["url", "pushurl"]
    private static let submoduleUpdates: Set<ExactText> = ["checkout", "rebase", "merge", "none"]

    package var cleaned: GitConfiguration { GitConfiguration(variables.compactMap(Self.clean)) }

    private static func clean(_ variable: Variable) -> Variable? {
        let section = String(decoding: variable.section, as: UTF8.self)
        let name = String(decoding: variable.name, as: UTF8.self)
        let keys =
            variable.subsection == nil
            ? plainKeys[ExactText(section)] : subsectionKeys[ExactText(section)]
        guard keys?.contains(name) == true else { return nil }
        // Values and subsections that would change the meaning of the line.
        let texts = [variable.value ?? [], variable.subsection ?? []]
        guard texts.allSatisfy({ !$0.contains { $0 < 0x20 && $0 != UInt8(ascii: "\t") } }) else {
            return nil
        }
        let value = variable.value ?? []
        switch (section, name) {
        case (_, _) where variable.subsection != nil && urls.contains(name):
            guard let url = GitAddress.cleaned(value) else { return nil }
            return variable.setting(url)
        case ("branch", "remote"), ("branch", "pushremote"):
            // A remote may be named by its address.
            guard let remote = GitAddress.cleaned(value) else { return nil }
            return variable.setting(remote)
        case ("submodule", "update"):
            // `!command` starts a program.
            let word = String(decoding: value, as: UTF8.self)
            return submoduleUpdates.contains(word) ? variable : nil
        case ("core", "worktree"):
            return value.first == UInt8(ascii: "/") ? nil : variable
        case ("commit", "gpgsign"), ("tag", "gpgsign"):
            // The agent has no key, so a commit that must be signed would fail.
            return variable.setting(Array("false".utf8))
        default: return variable
        }
    }
}

extension GitConfiguration.Variable {
    fileprivate func setting(_ value: [UInt8]) -> GitConfiguration.Variable {
        GitConfiguration.Variable(
            section: section, subsection: subsection, name: name, value: value)
    }
}

/// The address of a remote repository: a URL, `user@host:path`, a path, or the name of a remote.
enum GitAddress {
    private static let schemes: Set<ExactText> = [
        "http", "https", "ssh", "git", "git+ssh", "ssh+git", "ftp", "ftps", "file",
    ]

    /// Returns the address without what may be a credential: passwords, and users, queries and fragments of HTTP.
    ///
    /// - Returns: nil if it is empty, begins like an option, or names a helper program.
    static func cleaned(_ address: [UInt8]) -> [UInt8]? {
        guard let first = address.first, first != UInt8(ascii: "-"),
            !address.contains(where: { $0 < 0x21 || $0 == 0x7f })
        else { return nil }
        let separator = Array("://".utf8)
        guard let colon = address.firstRange(of: separator) else {
            // `helper::address` starts the program `git-remote-helper`.
            return address.firstRange(of: Array("::".utf8)) == nil ? withoutPassword(address) : nil
        }
        let scheme = String(decoding: address[..<colon.lowerBound], as: UTF8.self).lowercased()
        guard schemes.contains(scheme) else { return nil }
        let rest = address[colon.upperBound...]
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") } ?? rest.endIndex
        var (authority, path) = (rest[..<end], rest[end...])
        let isHTTP = scheme.hasPrefix("http") || scheme.hasPrefix("ftp")
        if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
            let user = authority[..<at].prefix { $0 != UInt8(ascii: ":") }
            let host = authority[(at + 1)...]
            authority = isHTTP || user.isEmpty ? host : user + [UInt8(ascii: "@")] + host
        }
        if isHTTP {
            authority = authority.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
            path = path.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        }
        // A part of a password that contains a slash would be taken for a port.
        guard authority.first != UInt8(ascii: "-"), !isHTTP || hasPortAlone(authority) else {
            return nil
        }
        return Array(scheme.utf8) + separator + authority + path
    }

    /// Returns true if what follows the last colon outside brackets are digits.
    private static func hasPortAlone(_ host: ArraySlice<UInt8>) -> Bool {
        guard host.last != UInt8(ascii: "]"), let colon = host.lastIndex(of: UInt8(ascii: ":"))
        else { return true }
        return host[(colon + 1)...].allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
    }

    /// Returns `user:password@host:path` without the password; every other text as it is.
    private static func withoutPassword(_ address: [UInt8]) -> [UInt8] {
        let head = address.prefix { $0 != UInt8(ascii: "/") }
        guard let at = head.lastIndex(of: UInt8(ascii: "@")),
            let colon = head.firstIndex(of: UInt8(ascii: ":")), colon < at
        else { return address }
        return Array(address[..<colon] + address[at...])
    }
}
