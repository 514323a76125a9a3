import InterlockHostSettings
import InterlockModel
import InterlockSandbox
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockRunning

/// The steps of a sandbox that follow from a policy (docs/specs/sandbox.md, sections 3 and 4).
@Suite struct `Compiled sandboxes` {
    private static let folders = SandboxCompiler.Folders(
        workspace: "/home/ada/project", layer: "/srv/interlock/state/runs/r/layer",
        caches: "/srv/interlock/state/caches/fix")

    private func compile(
        _ command: [String] = ["python3", "fix.py"], workspace: String = "/home/ada/project",
        path: String? = nil, _ change: (inout SandboxSettings) -> Void = { _ in }
    ) throws(RunRefusal) -> AgentSandbox {
        var settings = SandboxSettings.isolated
        change(&settings)
        return try compile(RunSettings(settings), command, workspace: workspace, path: path)
    }

    private func compile(
        _ run: RunSettings, _ command: [String] = ["python3", "fix.py"],
        workspace: String = "/home/ada/project", path: String? = nil
    ) throws(RunRefusal) -> AgentSandbox {
        let folders = SandboxCompiler.Folders(
            workspace: workspace, layer: Self.folders.layer, caches: Self.folders.caches)
        return try SandboxCompiler(
            run, tree: FakeTree().tree, kept: ["/srv/interlock/state"],
            caller: { $0 == "PATH" ? path : nil }
        ).compile(id: "r", command: command, folders, hasListeners: false)
    }

    /// The reason of the refusal, or nil if there is none.
    private func reason(
        _ command: [String] = ["python3"], workspace: String = "/home/ada/project",
        _ change: (inout SandboxSettings) -> Void = { _ in }
    ) -> String? {
        do throws(RunRefusal) {
            _ = try compile(command, workspace: workspace, change)
            return nil
        } catch { return error.outcome.reason }
    }

    @Test(.requirement("R075"))
    func `the tree is an allowlist: usr, a synthetic etc, memory and the workspace`() throws {
        let sandbox = try compile()
        let targets = sandbox.tree.map(\.target)
        #expect(!targets.contains("/"))
        let shown = sandbox.tree.compactMap { step -> String? in
            switch step {
            case .bind(let source, _, _, _): source
            case .overlay(let lower, _, _), .covered(let lower, _, _): lower
            case .memory, .link, .file, .folder: nil
            }
        }
        #expect(
            Set(shown) == [
                "/usr", "/etc/ld.so.cache", "/etc/ssl/certs", "/etc/alternatives",
                "/home/ada/project",
            ])
        #expect(sandbox.tree.contains(.link(target: "/bin", to: "usr/bin")))
        #expect(targets.contains("/etc/passwd") && targets.contains("/etc/resolv.conf"))
        #expect(sandbox.directory == "/workspace" && sandbox.command == ["python3", "fix.py"])
        #expect(sandbox.wall == .seconds(1800) && !sandbox.hasListeners)
    }

    @Test func `a run with a proxy has the file that names it to hooks`() throws {
        let compiler = SandboxCompiler(
            RunSettings(.isolated), tree: FakeTree().tree, kept: [], caller: { _ in nil })
        let tree = try compiler.compile(
            id: "r", command: ["python3"], Self.folders, hasListeners: true
        ).tree
        #expect(tree.contains(SandboxCompiler.hooks))
        #expect(try !compile().tree.contains(SandboxCompiler.hooks))
    }

    @Test func `a run with hooks has the adapter and the files of each host, read-only`() throws {
        var settings = RunSettings(.isolated)
        settings.hooks = RunHooks(adapter: "/opt/bin/interlock-hook", model: nil)
        let tree = try compile(settings).tree
        #expect(
            tree.contains(
                .bind(
                    source: "/opt/bin/interlock-hook", target: "/run/interlock/interlock-hook",
                    isWritable: false, isExecutable: true)))
        let files = tree.compactMap { step in
            if case .file("/etc/claude-code/managed-settings.json", let mode, _) = step {
                mode
            } else {
                nil
            }
        }
        #expect(files == [0o444])
        #expect(try !compile().tree.contains { $0.target.hasPrefix("/etc/claude-code") })
    }

    @Test func `the hooks of Copilot are a read-only mount in a mount below the home`() throws {
        var settings = RunSettings(.isolated)
        settings.hooks = RunHooks(adapter: "/opt/bin/interlock-hook", model: nil)
        let tree = try compile(settings).tree
        let shown = tree.filter { $0.target.hasPrefix("/home/agent/") }
        #expect(shown.map(\.target) == ["/home/agent/.copilot", "/home/agent/.copilot/hooks"])
        if case .memory? = shown.first {} else { Issue.record("a folder there can be renamed") }
        let source = Self.folders.layer + "/hooks/home%2fagent%2f.copilot%2fhooks"
        #expect(
            shown.last
                == .bind(
                    source: source, target: "/home/agent/.copilot/hooks", isWritable: false,
                    isExecutable: false))
        #expect(try !compile().tree.contains { $0.target.hasPrefix("/home/agent/") })
    }

    @Test(arguments: [
        ("/home/agent/.copilot", true), ("/home/agent/.copilot/hooks", true),
        ("/home/agent/.copilot/hooks/more", true), ("/home/agent/.copilot/sessions", false),
    ])
    func `a cache in the place of hooks is refused`(_ path: String, _ isRefused: Bool) {
        var settings = SandboxSettings.isolated
        settings.writableCache = [path]
        var run = RunSettings(settings)
        var reason: String?
        do throws(RunRefusal) { _ = try compile(run) } catch { reason = error.outcome.reason }
        #expect(reason == nil)
        run.hooks = RunHooks(adapter: "/opt/bin/interlock-hook", model: nil)
        do throws(RunRefusal) { _ = try compile(run) } catch { reason = error.outcome.reason }
        #expect(reason == (isRefused ? "writable-cache" : nil))
    }

    @Test func `bubblewrap mounts nothing in a home on the disk`() throws {
        var run = RunSettings(.isolated)
        run.hooks = RunHooks(adapter: "/opt/bin/interlock-hook", model: nil)
        func below(_ run: RunSettings) throws(RunRefusal) -> [String] {
            try compile(run).adapted(to: .bubblewrap, Self.folders, run, FakeTree().tree).tree
                .map(\.target).filter { $0.hasPrefix("/home/agent/") }
        }
        #expect(try below(run) == ["/home/agent/.copilot", "/home/agent/.copilot/hooks"])
        run.keepsHome = true
        #expect(try below(run) == [])
        run.policy.writableCache = ["/home/agent/.cache/pip"]
        var reason: String?
        do throws(RunRefusal) { _ = try below(run) } catch { reason = error.outcome.reason }
        #expect(reason == "unsupported")
    }

    @Test func `the home of the hooks is that of a run`() {
        #expect(HookPaths.homeInRun == SandboxPath.home)
    }

    @Test func `nothing of the host is writable but the layer`() throws {
        let sandbox = try compile()
        for step in sandbox.tree {
            if case .bind(let source, _, let isWritable, _) = step {
                #expect(!isWritable, "\(source)")
            }
        }
        let overlay = SandboxTreeStep.overlay(
            lower: "/home/ada/project", layer: Self.folders.layer, target: "/workspace")
        #expect(sandbox.tree.contains(overlay))
        let readOnly = try compile { $0.workspace.mode = .ro }
        #expect(
            readOnly.tree.contains(
                .covered(
                    lower: "/home/ada/project", layer: Self.folders.layer, target: "/workspace")))
        let none = try compile { $0.workspace.mode = .none }
        #expect(none.directory == "/home/agent" && !none.tree.map(\.target).contains("/workspace"))
    }

    @Test func `a home that is kept lies in the layer of the run`() throws {
        var settings = SandboxSettings.isolated
        settings.writableCache = ["/home/agent/.cache/pip"]
        var run = RunSettings(settings)
        let home = try compile(run).tree.first { $0.target == "/home/agent" }
        if case .memory = home {} else { Issue.record("the home is in memory otherwise") }
        run.keepsHome = true
        let tree = try compile(run).tree
        #expect(
            tree.filter { $0.target == "/home/agent" } == [
                .bind(
                    source: Self.folders.layer + "/home", target: "/home/agent", isWritable: true,
                    isExecutable: true)
            ])
        #expect(tree.contains { $0.target == "/home/agent/.cache/pip" })
    }

    @Test func `a parent comes before what lies in it`() throws {
        let sandbox = try compile {
            $0.writableCache = ["/home/agent/.cache/pip"]
            $0.read = ["/opt/tools"]
        }
        var seen: [String] = []
        for step in sandbox.tree {
            for earlier in seen { #expect(!earlier.hasPrefix(step.target + "/")) }
            seen.append(step.target)
        }
        #expect(Set(seen).count == seen.count)
        let cache = SandboxTreeStep.bind(
            source: "/srv/interlock/state/caches/fix/home%2fagent%2f.cache%2fpip",
            target: "/home/agent/.cache/pip", isWritable: true, isExecutable: true)
        #expect(sandbox.tree.contains(cache))
        #expect(
            sandbox.tree.contains(.overlay(lower: "/opt/tools", layer: nil, target: "/opt/tools")))
    }

    @Test func `paths with links, sockets and the gateway's own state are refused`() {
        #expect(reason(workspace: "/home/ada/linked") == "link")
        #expect(reason(workspace: "/home/ada/missing") == "not-found")
        #expect(reason(workspace: "/srv/interlock") == "own-state")
        #expect(reason(workspace: "/") == "workspace")
        #expect(reason { $0.read = ["/opt/socket"] } == "read")
        #expect(reason { $0.read = ["/etc"] } == "read")
        #expect(reason { $0.read = ["/srv/interlock/state"] } == "own-state")
        #expect(reason { $0.read = ["/opt/tools"] } == nil)
    }

    @Test func `what this version does not keep is refused by name`() {
        #expect(reason { $0.network = .host } == "unsupported")
    }

    @Test func `a program outside of usr is shown alone`() throws {
        let environment = try compile(["/home/ada/env/bin/python", "x.py"])
        #expect(environment.command.first == "/home/ada/env/bin/python")
        #expect(environment.tree.map(\.target).contains("/home/ada/env"))
        let linked = try compile(["claude"], path: "/home/ada/.local/bin:/usr/bin")
        #expect(linked.command == ["/home/ada/versions/2.1"])
        #expect(linked.tree.map(\.target).contains("/home/ada/versions/2.1"))
        let usual = try compile(["python3"], path: "/home/ada/.local/bin")
        #expect(usual.command == ["python3"])
        let relative = try compile(["./run.sh"])
        #expect(relative.command == ["./run.sh"])
    }

    @Test func `memory bounds a process only if the policy states it`() throws {
        let plain = try compile()
        #expect(
            plain.limits == [
                .processes(512), .openFiles(4096), .fileSize(1 << 30),
            ])
        let stated = try compile {
            $0.limits.memory = 1 << 29
            $0.limits.statesMemory = true
        }
        #expect(stated.limits.contains(.memory(1 << 29)))
        var settings = SandboxSettings.isolated
        settings.limits.memory = 1 << 29
        settings.limits.statesMemory = true
        var run = RunSettings(settings)
        run.keptByCgroup = ["memory"]
        run.cgroup = ["memory.max 536870912"]
        let kept = try compile(run)
        #expect(!kept.limits.contains(.memory(1 << 29)))
        #expect(kept.lines.contains("cgroup memory.max 536870912"))
    }

    @Test func `a terminal is a step of its own`() throws {
        let plain = try compile()
        var run = RunSettings(.isolated)
        run.terminal = .always
        let sandbox = try compile(run)
        #expect(!plain.hasTerminal && sandbox.hasTerminal && sandbox.lines.contains("terminal"))
    }

    @Test func `the steps are printed one a line`() throws {
        let lines = try compile().lines
        #expect(lines.first == "run r" && lines.last == "execute python3 fix.py")
        #expect(lines.contains("network none") && lines.contains("seccomp"))
        #expect(lines.contains("limit wall 1800 s"))
    }
}
