import InterlockEgress
import InterlockModel
import InterlockSandbox
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockRunning

/// The forms of a sandbox: which one a run has, and what its steps are there (docs/specs/sandbox.md, section 10).
@Suite(.requirement("R075")) struct `Forms of sandboxes` {
    private static let folders = SandboxCompiler.Folders(
        workspace: "/home/ada/project", layer: "/srv/interlock/state/runs/r/layer",
        caches: "/srv/interlock/state/caches/fix")

    private func settings(
        _ change: (inout SandboxSettings) -> Void = { _ in }
    ) -> SandboxSettings {
        var settings = SandboxSettings.isolated
        change(&settings)
        return settings
    }

    private func adapted(
        to form: SandboxForm, _ change: (inout SandboxSettings) -> Void = { _ in }
    ) throws(RunRefusal) -> AgentSandbox {
        let run = RunSettings(settings(change))
        let tree = FakeTree().tree
        return try SandboxCompiler(run, tree: tree, kept: [], caller: { _ in nil })
            .compile(id: "r", command: ["python3"], Self.folders, hasListeners: true)
            .adapted(to: form, Self.folders, run, tree)
    }

    @Test func `auto is the launcher's own, then bubblewrap, and never less`() {
        func form(_ backend: SandboxBackend, works: [SandboxForm]) -> SandboxForm {
            SandboxForm(RunSettings(settings { $0.backend = backend })) {
                works.contains($0) ? nil : "userns-denied"
            }
        }
        #expect(form(.auto, works: [.own, .bubblewrap]) == .own)
        #expect(form(.auto, works: [.bubblewrap]) == .bubblewrap)
        #expect(form(.auto, works: []) == .own)
        #expect(form(.own, works: [.bubblewrap]) == .own)
        #expect(form(.bwrap, works: [.own]) == .bubblewrap)
    }

    @Test func `bubblewrap binds the copy of the project, and has no overlay`() throws {
        let sandbox = try adapted(to: .bubblewrap) { $0.read = ["/opt/tools"] }
        for step in sandbox.tree {
            switch step {
            case .overlay, .covered: Issue.record("\(step)")
            case .bind, .memory, .link, .file, .folder: break
            }
        }
        let copy = Self.folders.layer + "/upper"
        #expect(
            sandbox.tree.contains(
                .bind(source: copy, target: "/workspace", isWritable: true, isExecutable: true)))
        #expect(
            sandbox.tree.contains(
                .bind(
                    source: "/opt/tools", target: "/opt/tools", isWritable: false,
                    isExecutable: true)))
        #expect(sandbox.pairsSockets && sandbox.hasListeners)
        let readOnly = try adapted(to: .bubblewrap) { $0.workspace.mode = .ro }
        #expect(
            readOnly.tree.contains(
                .bind(source: copy, target: "/workspace", isWritable: false, isExecutable: true)))
        #expect(!readOnly.pairsSockets)
    }

    @Test func `reduced names paths of the host alone, and only its own are writable`() throws {
        let sandbox = try adapted(to: .reduced(ports: [4001, 4002]))
        var writable: [String] = []
        for step in sandbox.tree {
            guard case .bind(let source, let target, let isWritable, _) = step else {
                Issue.record("\(step)")
                continue
            }
            #expect(source == target)
            if isWritable { writable.append(source) }
        }
        let layer = Self.folders.layer
        #expect(writable.sorted() == [layer + "/home", layer + "/tmp", layer + "/upper"])
        #expect(sandbox.directory == layer + "/upper" && !sandbox.hasListeners)
        #expect(sandbox.lines.contains("connect to TCP ports 4001 4002"))
        #expect(!sandbox.tree.map(\.target).contains("/home/ada/project"))
    }

    @Test func `what only a mount gives is refused by name without namespaces`() {
        func isRefused(
            _ form: SandboxForm, _ change: (inout SandboxSettings) -> Void
        ) -> Bool {
            do throws(RunRefusal) { _ = try adapted(to: form, change) } catch {
                return error.outcome.reason == "unsupported"
            }
            return false
        }
        let secret = SandboxSecret(name: "KEY", provider: .files, source: "key", form: .file)
        for form in [SandboxForm.reduced(ports: []), .none] {
            #expect(isRefused(form) { $0.writableCache = ["/home/agent/.cache/pip"] })
            #expect(isRefused(form) { $0.secrets = [secret] })
        }
        #expect(!isRefused(.bubblewrap) { $0.secrets = [secret] })
    }

    @Test func `records have the layers, the backend and the limits of the form`() {
        let run = RunSettings(settings())
        #expect(AgentSandbox.layers(of: .bubblewrap, landlock: 7).count == 9)
        let reduced = AgentSandbox.layers(of: .reduced(ports: []), landlock: 7)
        #expect(reduced == ["seccomp", "landlock"])
        #expect(AgentSandbox.layers(of: .none, landlock: 0).isEmpty)
        #expect(SandboxForm.none.landlock(of: 7) == 0)
        #expect(SandboxForm.bubblewrap.backend == .bwrap && SandboxForm.none.backend == nil)
        #expect(SandboxForm.own.degradedLimits(run) == ["cpu", "memory"])
        #expect(SandboxForm.none.degradedLimits(run) == ["cpu", "memory", "pids", "tmp"])
        #expect(!SandboxForm.own.copiesProject && SandboxForm.bubblewrap.copiesProject)
    }

    @Test func `less than full must be permitted, named and for none confirmed`() {
        func reason(
            _ isolation: SandboxIsolation, named: SandboxIsolation?, isConfirmed: Bool = false
        ) -> String? {
            var run = RunSettings(settings { $0.isolation = isolation })
            run.isolation = isolation
            do throws(RunRefusal) {
                try run.checkIsolation(named: named, isConfirmed: isConfirmed)
                return nil
            } catch { return error.outcome.reason }
        }
        #expect(reason(.full, named: nil) == nil && reason(.full, named: .full) == nil)
        #expect(reason(.reduced, named: nil) == "isolation")
        #expect(reason(.reduced, named: .reduced) == nil)
        let none = SandboxIsolation.none
        #expect(reason(.none, named: none) == "usage")
        #expect(reason(.none, named: nil, isConfirmed: true) == "isolation")
        #expect(reason(.none, named: none, isConfirmed: true) == nil)
        #expect(reason(.full, named: nil, isConfirmed: true) == "usage")
    }

    @Test func `the environment without namespaces has the run's own folders and password`()
        throws
    {
        let form = SandboxForm.reduced(ports: [])
        let host = try #require(try HostRun(form))
        let listeners = try #require(host.listeners)
        #expect(listeners.http >= 0 && listeners.socks >= 0)
        let variables = host.variables(
            [("HOME", "/home/agent"), ("http_proxy", "x"), ("ALL_PROXY", "x"), ("LANG", "C")],
            Self.folders)
        #expect(variables[0].value == Self.folders.layer + "/home")
        let password = try #require(host.password)
        #expect(variables[1].value.hasPrefix("http://run:\(password.text)@127.0.0.1:"))
        #expect(variables[2].value.hasPrefix("socks5h://run:"))
        #expect(variables[3].value == "C")
        guard case .reduced(let ports) = host.form else { return }
        #expect(ports.count == 2 && ports[0] != ports[1])
        let another = try #require(try HostRun(form))
        #expect(another.password?.text != password.text)
        let own = try HostRun(.own)
        #expect(own == nil)
    }
}
