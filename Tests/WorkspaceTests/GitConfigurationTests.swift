import InterlockTesting
import InterlockWorkspace
import Testing

/// The configuration of a repository that an agent sees starts no program and is no credential.
@Suite(.requirement("R078"))
struct GitConfigurationTests {
    private func cleaned(_ text: String) throws -> String {
        String(
            decoding: try GitConfiguration(parsing: Array(text.utf8)).cleaned.text, as: UTF8.self)
    }

    @Test func `keys that start programs and credentials are left out`() throws {
        let text = """
            [core]
            \trepositoryformatversion = 0
            \thooksPath = /tmp/h
            \tfsmonitor = /tmp/f
            \tsshCommand = ssh -i key
            \teditor = vi ; comment
            \tbare
            [remote "origin"]
            \turl = https://me:secret@example.com:8443/a.git?private_token=x#y
            \tfetch = +refs/heads/*:refs/remotes/origin/*
            \tuploadpack = /tmp/u
            \tproxy = http://u:p@proxy
            [include]
            \tpath = ../x
            [includeIf "gitdir:/"]
            \tpath = x
            [alias]
            \tst = !sh
            [filter "lfs"]
            \tclean = git-lfs clean
            [credential "https://example.com"]
            \thelper = store
            [url "https://t@example.com/"]
            \tinsteadOf = x
            [http]
            \textraHeader = Authorization: Basic abc
            [submodule "s"]
            \turl = ../s
            \tupdate = !sh
            [commit]
            \tgpgsign = true
            """
        #expect(
            try cleaned(text) == """
                [core]
                \trepositoryformatversion = "0"
                \tbare
                [remote "origin"]
                \turl = "https://example.com:8443/a.git"
                \tfetch = "+refs/heads/*:refs/remotes/origin/*"
                [submodule "s"]
                \turl = "../s"
                [commit]
                \tgpgsign = "false"

                """)
    }

    @Test(
        arguments: [
            ("https://token@github.com/a", "https://github.com/a"),
            ("HTTPS://u:p@host/a", "https://host/a"), ("https://u:p@ss@host/a", "https://host/a"),
            ("https://host?token=x", "https://host"), ("https://[::1]:80/a", "https://[::1]:80/a"),
            ("ssh://git:pw@host:22/a", "ssh://git@host:22/a"), ("git@host:a/b", "git@host:a/b"),
            ("u:pw@host:a", "u@host:a"), ("/srv/a.git", "/srv/a.git"), ("../a", "../a"),
            ("file:///srv/a", "file:///srv/a"), ("https://u:p/w@host/a", nil),
            ("ext::sh -c x", nil),
            ("ext::sh", nil), ("fd::3", nil), ("-oProxyCommand=x", nil), ("javascript://x", nil),
            ("https://-x/a", nil), ("", nil), ("a b", nil),
        ] as [(String, String?)])
    func `an address loses what may be a credential`(_ url: String, _ expected: String?) throws {
        let text = try cleaned("[remote \"o\"]\nurl = \"\(url)\"\n")
        #expect(text == expected.map { "[remote \"o\"]\n\turl = \"\($0)\"\n" } ?? "")
    }

    @Test func `values are read as Git reads them`() throws {
        let text =
            "[user]\nname = \" a  b \" c \\\n d # x\nemail=a\\tb\r\n[Branch.Main]\nREMOTE=o;\n"
        let found = try GitConfiguration(parsing: Array(text.utf8)).variables
        #expect(
            found.map { String(decoding: $0.value ?? [], as: UTF8.self) }
                == [" a  b  c  d", "a\tb", "o"])
        #expect(found.last?.subsection == Array("main".utf8))
    }

    @Test(arguments: [
        "[core", "[]", "x = 1", "[core]\nx = \"a", "[core]\nx = a\\q", "[core]\n=x", "[a \"b]\n",
        "[core]\nx y", "[core]x\u{0}",
    ])
    func `a file that Git does not read is refused`(_ text: String) {
        #expect(throws: GitConfigurationError.self) {
            try GitConfiguration(parsing: Array(text.utf8))
        }
    }

    @Test func `configurations are found at any depth`() {
        for name in [
            ".git/config", "a/.GIT/Config", ".git/modules/x/y/config", ".git/config.worktree",
            ".git/worktrees/w/config.worktree",
        ] {
            #expect(GitFiles.isConfiguration(path(name)), "\(name)")
        }
        for name in [".git/refs/heads/config", "config", ".git", ".git/config/x"] {
            #expect(!GitFiles.isConfiguration(path(name)), "\(name)")
        }
        let names = ["HEAD", "refs", "objects", "config", "x"].map { Array($0.utf8)[...] }
        #expect(GitFiles.isRepository(names: names))
        #expect(!GitFiles.isRepository(names: Array(names.dropFirst())))
    }
}
