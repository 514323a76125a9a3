import InterlockModel

/// The names of entries that run later, outside the sandbox, without a person starting them by name: repositories and
/// their hooks, settings of editors, agents and shells, build and test files, workflows of CI.
package enum LaterExecution {
    /// Names of a file or directory at any depth, in any case. An entry below such a directory counts too.
    static let names: [String] =
        [
            // Repositories and hooks.
            ".git", ".gitmodules", ".gitattributes", ".husky", ".githooks", ".lefthook",
            "lefthook.yml", "lefthook.yaml", ".lefthook.yml", ".hg", ".svn", ".jj",
            // Editors and their tasks.
            ".vscode", "*.code-workspace", ".idea", ".devcontainer", ".devcontainer.json", ".fleet",
            ".zed", ".vim", ".vimrc", ".nvimrc", ".nvim.lua", ".exrc", ".gvimrc", ".dir-locals.el",
            ".dir-locals-2.el", ".gdbinit", ".lldbinit", "*.sublime-project", ".emacs.d",
            ".settings", "nbproject", "*.xcodeproj", "*.xcworkspace",
            // Environments that a shell loads.
            ".env", ".env.*", ".envrc", ".direnv", "mise.toml", ".mise.toml", ".mise",
            "mise.*.toml",
            ".tool-versions", ".rtx.toml",
            // Agents.
            ".claude", ".claude.json", ".codex", ".cursor", ".cursorrules", ".gemini", ".windsurf",
            ".continue", ".aider*", ".roo", ".kiro", ".opencode", "opencode.json", ".copilot",
            // Lists of MCP servers.
            ".mcp.json", "mcp.json", ".mcp", "mcp_config.json", "mcp_settings.json",
            "mcp-servers.json", "cline_mcp_settings.json", "claude_desktop_config.json",
            // Workflows of CI.
            ".gitlab-ci*", ".circleci", ".travis.yml", ".buildkite", ".drone.y*ml", ".woodpecker*",
            "azure-pipelines*.y*ml", "bitbucket-pipelines.yml", "jenkinsfile*", "appveyor.yml",
            ".appveyor.yml", ".cirrus.yml", ".semaphore", "cloudbuild.y*ml", "buildspec*.yml",
            // Build and test files.
            "makefile", "gnumakefile", "bsdmakefile", "makefile.*", "*.mk", "*.mak",
            "cmakelists.txt", "*.cmake", "cmakepresets.json", "meson.build", "configure",
            "configure.ac", "justfile", ".justfile", "taskfile.y*ml", "rakefile", "gemfile",
            "package.json", ".npmrc", ".yarnrc", ".yarnrc.yml", ".yarn", ".pnpmfile.cjs",
            "pnpmfile.js", ".pnp.*", "bunfig.toml", "deno.json*", "gruntfile.*", "gulpfile.*",
            "setup.py", "setup.cfg", "pyproject.toml", "conftest.py", "*.pth", "pyvenv.cfg",
            "sitecustomize.py", "usercustomize.py", "tox.ini", "noxfile.py", "build.rs", ".cargo",
            "package.swift", "build.gradle*", "settings.gradle*", "gradlew*", "mvnw*", ".mvn",
            "pom.xml", "build.xml", "dune", "*.gemspec", "*.podspec", "podfile", "fastfile",
            "*.csproj", "*.props", "*.targets", "build.bazel", "workspace.bazel", "*.bzl",
            "flake.nix",
            "default.nix", "shell.nix", "vagrantfile", "dockerfile*", "containerfile*",
            "docker-compose*", "compose.y*ml", ".dockerignore", "cargo.toml", "rust-toolchain*",
            "composer.json", "*.config.js", "*.config.cjs", "*.config.mjs", "*.config.ts",
            "*.config.mts", "*.config.cts", ".eslintrc*", ".prettierrc*", ".stylelintrc*",
            ".babelrc*", ".mocharc*", ".lintstagedrc*", "karma.conf.*", "pylintrc", ".pylintrc",
            "mypy.ini", ".mypy.ini", "pytest.ini", ".rspec", ".rubocop.yml", "build.zig", "*.sbt",
            "mix.exs", "sconstruct", "wscript", "tiltfile", ".bazelrc", "module.bazel",
            "devbox.json", "devenv.nix", "*.fsproj", "*.vbproj", "*.vcxproj", "nuget.config",
            // Checks that run on commit.
            ".pre-commit-config*", ".pre-commit-hooks*",
            // Start files of shells and tools.
            ".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".bash_aliases", ".profile",
            ".zshrc", ".zshenv", ".zprofile", ".zlogin", ".zlogout", ".kshrc", ".mkshrc", ".cshrc",
            ".tcshrc", ".login", ".logout", "config.fish", ".inputrc", ".xprofile", ".xinitrc",
            ".xsession", ".pam_environment", ".tmux.conf", ".screenrc", ".irbrc", ".pryrc",
            ".pythonrc*", ".rprofile", ".gitconfig", ".wgetrc", ".curlrc",
            ".pdbrc", ".ghci", "ansible.cfg", ".ansible.cfg",
            // Packages and compiled code, which run in the place of the sources that people read.
            "node_modules", ".venv", "venv", ".tox", ".nox", "__pycache__", "*.pyc",
        ]

    /// Names in a row at any depth, in any case.
    static let sequences: [[String]] = [
        [".github", "hooks"], [".github", "workflows"], [".github", "actions"],
        [".github", "copilot*"], [".github", "dependabot.yml"], [".gitea", "workflows"],
        [".forgejo", "workflows"], [".config", "git"], [".config", "fish"], [".config", "direnv"],
        [".config", "mise"], [".config", "mise.toml"], [".config", "autostart"],
        [".config", "systemd"],
    ]

    /// The names that together make a directory a repository without a work tree. It needs no configuration: hooks run
    /// without one.
    static let repository = ["head", "objects", "refs"]
    /// A file next to `HEAD` that names the directory with everything else of a repository.
    static let commonDirectory = "commondir"

    private static let exact = Set(names.filter { !$0.contains("*") }.map { Array($0.utf8) })
    private static let patterns = names.filter { $0.contains("*") }.compactMap(NamePattern.init)
    private static let rows = sequences.map { $0.compactMap(NamePattern.init) }

    /// Returns true if a name of the path, or several in a row, are in the lists.
    package static func isNamed(_ path: WorkspacePath) -> Bool {
        let components = path.components
        for (place, name) in components.enumerated() {
            if exact.contains(name.map(lowercased)) { return true }
            if patterns.contains(where: { $0.matches(name) }) { return true }
            for row in rows where place + row.count <= components.count {
                if zip(row, components[place...]).allSatisfy({ $0.matches($1) }) { return true }
            }
        }
        return false
    }

    /// Returns true if a name of the path is `.git`, in any case.
    package static func isOfGit(_ path: WorkspacePath) -> Bool {
        path.components.contains { $0.map(lowercased) == Array(".git".utf8) }
    }
}

/// The directories that are repositories without a work tree, in any tree that is added. Git runs their hooks, and reads
/// their configuration, wherever they are.
struct BareRepositories {
    private var found: [WorkspacePath: UInt8] = [:]
    private static let bits = Dictionary(
        uniqueKeysWithValues: (LaterExecution.repository + [LaterExecution.commonDirectory])
            .enumerated().map { (Array($0.element.utf8), UInt8(1) << $0.offset) })
    private static let lengths = 4...9
    private static let whole: UInt8 = 0b0111
    /// `HEAD` and `commondir`.
    private static let parted: UInt8 = 0b1001

    mutating func add(_ path: WorkspacePath) {
        let name = path.name
        guard Self.lengths.contains(name.count), let bit = Self.bits[name.map(lowercased)] else {
            return
        }
        found[path.parent, default: 0] |= bit
    }

    /// The roots of the repositories.
    var roots: Set<WorkspacePath> {
        Set(
            found.filter {
                $0.value & Self.whole == Self.whole || $0.value & Self.parted == Self.parted
            }.keys)
    }
}
