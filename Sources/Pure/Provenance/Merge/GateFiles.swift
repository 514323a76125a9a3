import InterlockModel

/// The files that decide how changes are checked: workflows of CI, code owners, hooks, settings of coding agents, and
/// the policy. A change of one needs two people.
package enum GateFiles {
    /// Names in a row at any depth, in any case; `*` is any run of bytes in one name. A file below counts too.
    package static let names: [[String]] = [
        // Workflows of CI.
        [".github", "workflows"], [".github", "actions"], [".gitlab-ci*"], [".gitlab", "ci"],
        [".circleci"], [".buildkite"], [".travis.yml"], [".drone.y*ml"], [".woodpecker*"],
        ["jenkinsfile*"], ["azure-pipelines*"], ["bitbucket-pipelines.yml"], [".gitea"],
        [".forgejo"],
        // Owners and reviewers.
        ["codeowners"], [".github", "settings.y*ml"], [".github", "rulesets"],
        [".gitlab", "*polic*"],
        // Hooks of Git and of coding agents, and the instructions of these.
        [".githooks"], [".husky"], [".pre-commit-config*"], ["lefthook.y*ml"], [".lefthook"],
        [".github", "hooks"], [".claude"], [".codex"], [".cursor"], [".gemini"], [".copilot"],
        [".mcp.json"], [".vscode", "mcp.json"], ["claude.md"], ["agents.md"], ["gemini.md"],
        [".cursorrules"], [".github", "copilot*"], [".gitattributes"],
        // The gate itself: the configuration, the policy and what its people signed.
        ["interlock.y*ml"], ["org.y*ml"], ["policy.y*ml"], ["policy"], ["policies"],
        ["*.lock.json"], ["review-people.json"],
    ]
    private static let rows = names.map { $0.map { Array($0.utf8) } }

    /// The most steps of one comparison are the product of both lengths.
    package static func contains(_ path: ChangedPath) -> Bool {
        let components = path.components
        for row in rows where row.count <= components.count {
            for start in 0...(components.count - row.count) {
                let part = components[start..<start + row.count]
                if zip(row, part).allSatisfy({ matchesWildcards($0, $1) }) { return true }
            }
        }
        return false
    }
}
