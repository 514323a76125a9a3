package import InterlockCommandLine
package import InterlockDeployment
import InterlockHookDecisions
import InterlockHooks
import InterlockHostSettings
package import InterlockPolicy

extension Command {
    private static let scopeOption = Option(
        "--scope SCOPE", "managed, user or project [default: managed]")
    private static let removable =
        "interlock: the agent can change this file and remove these hooks: only managed settings hold"

    /// - Parameter loading: reads and compiles the policy of a deployment.
    package static func hookInstall(
        loading: @escaping @Sendable (Deployment, String?) throws(Failure) -> PolicySnapshot
    ) -> Command {
        Command(
            "hook install HOST", "install the settings that make a host ask Interlock",
            example: "interlock hook install claude-code --dir /var/lib/interlock",
            options: [
                .directory, scopeOption,
                Option("--drop-in", "write a file after the managed one of others"),
                Option("--print", "print the files, and change nothing"),
            ],
            exits: [.no, .data, .notFound, .unavailable, .io],
            notes: """
                HOST is claude-code, codex, gemini-cli, cursor or copilot. Managed settings are for all users of this machine, \
                and need root. A file that is not Interlock's is never changed: exit 1, with the proposed text on standard \
                output. The change is on record before a file changes, if the gateway runs. A drop-in holds only together \
                with the files of others: it counts as tested once `interlock doctor --probe` ends with 0 for each user, and \
                `interlock doctor` without a probe is not satisfied with it.
                """
        ) { invocation in
            let deployment = try Deployment.open(invocation)
            let plan = try HookInstallPlan(invocation, deployment, loading: loading)
            if invocation.has("print") {
                show(plan.written.map(\.file))
                return .ok
            }
            try install(plan, deployment)
            return .ok
        }
    }

    package static let hookUninstall = Command(
        "hook uninstall HOST", "remove the settings that an installation wrote",
        example: "interlock hook uninstall claude-code --dir /var/lib/interlock",
        options: [.directory, scopeOption], exits: [.no, .data, .notFound, .unavailable, .io],
        notes: "A file that was changed since the installation is left as it is: exit 1."
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let host = try HookInstallPlan.host(invocation)
        var site = try InstallationSite(try HookInstallPlan.scope(invocation))
        let own = site.entries(of: host)
        guard !own.isEmpty else {
            throw Failure(.no, "no settings of \(host.rawValue) were installed here")
        }
        for entry in own { try site.checkIsOwn(entry.path, []) }
        try InstallationRecord.write(
            HookInstallation(
                host: host, scope: site.scope, state: .removed,
                files: own.map { .init(path: $0.path, digest: $0.digests[0]) }), to: deployment)
        for entry in own { try site.remove(entry.path) }
        if host == .claudeCode, site.scope == .managed { try PolicyHelperLink.remove() }
        try site.removeShared()
        for entry in own { Output.line("removed \(entry.path)") }
        return .ok
    }

    private static func install(
        _ plan: HookInstallPlan, _ deployment: Deployment
    ) throws(Failure) {
        var site = try InstallationSite(plan.scope)
        let needsHelper = plan.host == .claudeCode && plan.scope == .managed
        if plan.scope == .managed {
            try TrustedPath.checkIsOfRoot(HookPaths.adapter)
            guard File.exists(HookPaths.adapter) else {
                throw Failure(
                    .no, "there is no `\(HookPaths.adapter)`",
                    help: "install -m 755 \(HookAdapter.path) \(HookPaths.adapter)")
            }
        }
        for (file, _) in plan.written {
            do throws(Failure) {
                try site.checkIsOwn(site.path(file.path), file.content)
            } catch {
                if error.exit == .no { show([file]) }
                throw error
            }
        }
        let helper = needsHelper ? try PolicyHelperLink() : nil
        try InstallationRecord.write(
            HookInstallation(
                host: plan.host, scope: plan.scope, state: .installed,
                files: plan.written.map { file, _ in
                    .init(
                        path: site.path(file.path), digest: InstallationSite.digest(file.content))
                }), to: deployment)
        // A host with settings that name a helper does not start without it.
        try helper?.make()
        for (file, host) in plan.written {
            try site.write(file.content, to: site.path(file.path), of: host)
            Output.line("wrote \(site.path(file.path))")
        }
        if plan.scope != .managed { Output.error(removable) }
        if needsHelper {
            for program in ["bwrap", "socat"] where !File.exists("/usr/bin/\(program)") {
                Output.error(
                    "interlock: there is no `/usr/bin/\(program)`: Claude Code does not start without its "
                        + "sandbox")
            }
        }
        if needsHelper {
            Output.error(
                "interlock: next, as each user of the host: `interlock doctor --host \(plan.host.rawValue)`. No session "
                    + "begins without a good result of the last 24 hours")
        }
        if plan.isDropIn {
            Output.error(
                "interlock: required: run `interlock doctor --host \(plan.host.rawValue) --probe` as each user of the "
                    + "host: files of others are merged with this one, and it is not tested until that ends with 0"
            )
        }
    }

    private static func show(_ files: [HostSettingsFile]) {
        for file in files {
            Output.line("==> \(file.path)")
            Output.bytes(file.content)
        }
    }
}
