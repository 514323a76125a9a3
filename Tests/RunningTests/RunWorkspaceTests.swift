import Glibc
import InterlockCredentials
import InterlockModel
import InterlockPolicy
import InterlockTesting
import InterlockWorkspace
import InterlockWorkspaceFiles
import Testing

@testable import InterlockRunning

/// The workspace of a run, as its supervisor keeps it (docs/specs/sandbox.md, sections 6 and 9).
@Suite(.requirement("R078")) struct `Workspaces of runs` {
    private static let run = RunID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))

    /// A folder with an empty project; removed after the work.
    private func withFolder(_ work: (String) throws -> Void) throws {
        var template = Array("/tmp/interlock-running-XXXXXX".utf8CString)
        _ = unsafe try #require(mkdtemp(&template))
        let folder = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? RunFolder.discard(folder) }
        let isMade = unsafe mkdir(folder + "/project", 0o755) == 0
        try #require(isMade)
        try work(folder)
    }

    private func write(_ bytes: Int, to path: String) throws {
        let file = unsafe open(path, O_WRONLY | O_CREAT, 0o600)
        try #require(file >= 0)
        defer { close(file) }
        let content = [UInt8](repeating: 1, count: bytes)
        let count = unsafe Glibc.write(file, content, bytes)
        try #require(count == bytes)
    }

    private func prepared(in folder: String) throws -> RunFolder {
        let hashing = OpenSSLHashing()
        return try RunFolder.prepare(
            folder + "/layer", run: Self.run, project: folder + "/project",
            hidden: try HiddenNames(SandboxWorkspace.hiddenByDefault),
            cache: HashCache(hashing: hashing), hashing: hashing
        ).folder
    }

    @Test func `a layer that is too large, or a disk that is nearly full, stops the run`() throws {
        try withFolder { folder in
            let layer = try prepared(in: folder)
            let monitor = LayerMonitor(folder: layer, limit: 64 << 10)
            #expect(monitor.cause(walks: true, floor: 0) == nil)
            try write(256 << 10, to: layer.upperPath + "/large")
            #expect(monitor.cause(walks: true, floor: 0) == .workspaceSize)
            #expect(monitor.cause(walks: false, floor: 0) == nil)
            #expect(monitor.cause(walks: false, floor: .max) == .diskSpace)
            try layer.discard()
            #expect(monitor.cause(walks: false, floor: 0) == .fault)
        }
    }

    @Test func `the usual names of a policy are patterns, and hide secrets`() throws {
        var settings = SandboxSettings.isolated.workspace
        let usual = try RunWorkspace.hiddenNames(settings)
        for name in [
            ".env", ".env.local", "server.PEM", "a.key", "id_rsa", ".ssh", ".aws", ".npmrc",
            "x.tfstate.backup", ".git-credentials", ".netrc", "store.jks",
        ] {
            #expect(usual.hides(Array(name.utf8)[...]), "\(name)")
        }
        for name in ["env", "README.md", ".github", "key.txt"] {
            #expect(!usual.hides(Array(name.utf8)[...]), "\(name)")
        }
        settings.hidden = ["[a-z]*"]
        do throws(RunRefusal) {
            _ = try RunWorkspace.hiddenNames(settings)
            Issue.record("a pattern of a shell is taken")
        } catch { #expect(error.outcome.reason == "unsupported") }
    }

    @Test func `a run that is stopped by its layer ends with 137 and a reason`() {
        let causes: [RunProgress.Cause] = [.workspaceSize, .diskSpace]
        let outcomes = causes.map { RunProgress.outcome(of: $0) }
        #expect(outcomes.map(\.code) == [137, 137])
        #expect(outcomes.map(\.reason) == ["workspace-size", "disk-space"])
    }
}
