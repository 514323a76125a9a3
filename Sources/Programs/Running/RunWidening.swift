package import InterlockPolicy

/// The additions of a command line to the sandbox of a policy with `cli_may_widen: true`.
package struct RunWidening: Sendable, Hashable {
    /// `--allow HOST:PORT`, as rules for TLS.
    package var egress: [EgressSpec] = []
    /// `--read PATH`.
    package var read: [String] = []

    package init() {}

    package var isEmpty: Bool { egress.isEmpty && read.isEmpty }

    /// The most entries of each kind.
    private static let most = 50

    /// Reads the options; each has the form that the policy's own entry has.
    ///
    /// - Throws: `usage` for any other form, and `read` for a path that no sandbox shows.
    package init(allow: [String], read paths: [String]) throws(RunRefusal) {
        guard max(allow.count, paths.count) <= Self.most else {
            throw RunRefusal(
                RunExit.usage, "usage",
                "`--allow` and `--read` can be used \(Self.most) times each")
        }
        for text in allow {
            guard let rule = EgressSpec(address: text) else {
                throw RunRefusal(
                    RunExit.usage, "usage", "invalid address `\(text)` of `--allow`",
                    help: "use a host in its canonical form and a port, such as api.example.com:443"
                )
            }
            if !egress.contains(rule) { egress.append(rule) }
        }
        for path in paths {
            if let reason = SandboxPath.refusal(ofReading: path) {
                throw RunRefusal(
                    RunExit.refused, "read", "--read: `\(path)` is refused: \(reason)")
            }
            if !read.contains(path) { read.append(path) }
        }
    }

    /// Adds to the settings of a policy.
    ///
    /// - Throws: `widening` if the policy does not permit it.
    func add(to settings: inout SandboxSettings) throws(RunRefusal) {
        guard !isEmpty else { return }
        guard settings.mayBeWidened else {
            throw RunRefusal(
                RunExit.refused, "widening",
                "the policy does not let `--allow` and `--read` add to the sandbox",
                help: "a reviewer can state `cli_may_widen: true`")
        }
        settings.widen(by: egress)
        settings.read = Array(Set(settings.read + read)).sorted()
    }
}
