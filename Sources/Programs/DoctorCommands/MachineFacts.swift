import Glibc
import InterlockCommandLine
import InterlockDoctor
import InterlockHooks
import InterlockHostSettings
import InterlockHosts
import InterlockModel
import InterlockRunning

/// Reads the facts of this machine, once for all hosts where they are the same.
struct MachineFacts {
    private let user: DoctorFacts.User
    private let endpoint: FileFacts
    private let gateway: DoctorFacts.Gateway
    private let sandbox: DoctorFacts.Sandbox
    private let events: LastEvents
    private let home: String?
    private let agentPlane: DoctorFacts.AgentPlane

    init(_ invocation: Invocation) {
        let map = try? File.readRegular("/proc/self/uid_map", limit: 16 << 10)
        user = DoctorFacts.User(
            id: UInt32(geteuid()), isRootMapped: HookUserIDs.mapRoot(map ?? []))
        endpoint = FileReading.facts(HookPaths.endpoint, limit: HookEndpoint.limitBytes)
        gateway = GatewayReading.ask(endpoint)
        if user.isRootMapped {
            let check = RunCheck()
            let detail = check.lines.first { $0.name == "sandbox" }?.text ?? ""
            sandbox = DoctorFacts.Sandbox(
                isPossible: check.isPossible, isInside: false, detail: detail)
        } else {
            sandbox = DoctorFacts.Sandbox(
                isPossible: true, isInside: endpoint.isReadOnly,
                detail: "the files of this run are on read-only mounts")
        }
        events = LastEvents(invocation)
        home = environment("HOME")
        agentPlane = DoctorFacts.AgentPlane(
            machine: HookHost.claudeCode.managedServersPath.map { FileReading.facts($0) },
            configured: events.agentPlane)
    }

    /// Returns whether a host is installed, or was made to ask Interlock.
    func hasHost(_ host: HookHost) -> Bool {
        let managed = host.managedPaths.contains { !FileReading.facts($0).isAbsent }
        return managed || Child.path(of: host.program) != nil
    }

    func facts(of host: HookHost, probe: ProbeFacts) -> DoctorFacts {
        let managed = host.managedPaths.map { FileReading.facts($0) }
        let adapter = user.isRootMapped ? HookPaths.adapter : HookPaths.adapterInRun
        let variables = DoctorVariable.all(of: host).filter { environment($0.name) != nil }
        return DoctorFacts(
            host: host, user: user, managed: managed,
            managedServers: host.managedServersPath.map { FileReading.facts($0) },
            agentPlane: agentPlane,
            ownSettings: settingsPaths(host, variables).map { FileReading.facts($0) }
                + unreadFolders(host, variables),
            serverLists: serverLists(host, variables),
            variables: variables.map(\.name),
            adapter: DoctorFacts.Adapter(
                file: FileReading.metadata(adapter),
                trial: ProgramTrial.run([adapter, host.rawValue], within: .seconds(10))),
            version: version(of: host),
            policyHelper: PolicyHelperCommand(in: managed, user: user).map {
                ProgramTrial.run([$0.path, HookPaths.policyHelperForDoctor], within: $0.time)
            },
            endpoint: endpoint, gateway: gateway, lastEvent: events.last(of: host),
            logKey: events.logKey, sandbox: sandbox, probe: probe)
    }

    /// Starts the host twice, with a scripted model.
    func probe(_ host: HookHost) -> ProbeFacts { HostProbe.run(of: host, user) }

    private func version(of host: HookHost) -> ProgramFacts {
        // Only a tested version can be compared.
        guard host.facts.isVerified, let path = Child.path(of: host.program) else {
            return .absent
        }
        return ProgramTrial.run([path, "--version"], within: .seconds(20))
    }

    /// The most files of one folder of hooks; the project chooses their number.
    private static let mostOfFolder = 64

    /// The files of the user, also in the folder to which a variable moves them, and of the project.
    private func settingsPaths(_ host: HookHost, _ variables: [DoctorVariable]) -> [String] {
        let own = host.ownSettings.flatMap { path in below(path, variables) }
        let folders = hookFolders(host, variables).flatMap { contents(of: $0).paths }
        return distinct(own + host.projectSettings.map { "./" + $0 } + folders)
    }

    /// The folders of which each file can have hooks.
    private func hookFolders(_ host: HookHost, _ variables: [DoctorVariable]) -> [String] {
        (host.userFolder.map { below($0, variables) } ?? [])
            + (host.projectFolder.map { [$0] } ?? [])
    }

    /// - Returns: the paths of the files that are read, and the reason why these are not all; nil if they are.
    private func contents(of folder: String) -> (paths: [String], fault: String?) {
        do throws(FileFailure) {
            let names = try File.names(in: folder).filter { $0.hasSuffix(".json") }
            let most = Self.mostOfFolder
            let fault = names.count > most ? "it has more than \(most) files" : nil
            return (names.prefix(most).map { folder + "/" + $0 }, fault)
        } catch { return ([], error.isMissing ? nil : error.message) }
    }

    /// The folders of which files are not read: one of them may say anything.
    private func unreadFolders(_ host: HookHost, _ variables: [DoctorVariable]) -> [FileFacts] {
        hookFolders(host, variables).compactMap { folder in
            contents(of: folder).fault.map {
                FileFacts(path: folder, content: .unreadable($0), steps: [])
            }
        }
    }

    private func serverLists(
        _ host: HookHost, _ variables: [DoctorVariable]
    ) -> [DoctorFacts.ServerList] {
        host.serverLists.flatMap { kind in
            let own = below(kind.userFile, variables)
            let project = kind.projectFile.map { ["./" + $0] } ?? []
            return distinct(own + project).map {
                DoctorFacts.ServerList(
                    kind: kind, file: FileReading.facts($0, limit: HostFile.largest))
            }
        }
    }

    /// - Parameter path: a path below the home.
    private func below(_ path: String, _ variables: [DoctorVariable]) -> [String] {
        var paths = home.map { [$0 + "/" + path] } ?? []
        for variable in variables {
            guard let folder = variable.folder, let value = environment(variable.name) else {
                continue
            }
            // Claude Code has `~/.claude.json` outside of the folder; the variable moves it into the new one.
            let rest =
                path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : path
            paths.append(value + "/" + rest)
        }
        return paths
    }

    /// The home can be the folder of the project.
    private func distinct(_ paths: [String]) -> [String] {
        var known: [String] = []
        return paths.filter { path in
            let real = File.realPath(path) ?? path
            guard !known.contains(real) else { return false }
            known.append(real)
            return true
        }
    }
}
