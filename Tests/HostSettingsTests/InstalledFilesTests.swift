import InterlockHooks
import InterlockHostSettings
import InterlockModel
import Testing

@Suite struct InstalledFilesTests {
    private let old = Digest(words: (1, 2, 3, 4))
    private let new = Digest(words: (5, 6, 7, 8))

    @Test func `both contents are known while a file is replaced, and the new one afterwards`() {
        var list = InstalledFiles()
        list.expect(old, at: "/etc/x.json", of: .cursor)
        list.settle("/etc/x.json")
        list.expect(new, at: "/etc/x.json", of: .cursor)
        #expect(list.has("/etc/x.json", old) && list.has("/etc/x.json", new))
        list.settle("/etc/x.json")
        #expect(!list.has("/etc/x.json", old) && list.has("/etc/x.json", new))
        #expect(!list.has("/etc/y.json", new))
        list.remove("/etc/x.json")
        #expect(list.entries.isEmpty)
    }

    @Test func `the text of a list is read again`() throws {
        var list = InstalledFiles()
        list.expect(old, at: "/etc/interlock/hook.json", of: nil)
        list.expect(new, at: "/etc/codex/requirements.toml", of: .codex)
        #expect(try InstalledFiles(parsing: list.bytes) == list)
        #expect(try InstalledFiles(parsing: InstalledFiles().bytes) == InstalledFiles())
    }

    @Test(arguments: [
        "", "{}", #"{"v":2,"files":[]}"#, #"{"v":1,"files":[{"path":"x","sha256":[]}]}"#,
        #"{"v":1,"files":[{"path":"/x","host":"vim","sha256":[]}]}"#, #"{"v":1,"files":[],"w":1}"#,
    ])
    func `a list of another form is refused`(_ text: String) {
        #expect(throws: FormError.self) { try InstalledFiles(parsing: Array(text.utf8)) }
    }

    @Test func `a name that a rule cannot express is refused`() {
        let bad = HostSettings.Location.machine(
            gateway: "http://127.0.0.1:7400/mcp", hidden: ["a(b)"])
        #expect(throws: HostSettingsError.hiddenName("a(b)")) {
            try HostSettings(.claudeCode, bad)
        }
        #expect(throws: HostSettingsError.noDropIn(.codex)) {
            try HostSettings(.codex, .run(model: nil), isDropIn: true)
        }
    }
}
