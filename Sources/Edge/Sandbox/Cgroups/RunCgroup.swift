import Glibc
package import InterlockPorts
import Synchronization

/// The limits that a cgroup keeps for all processes of a run together.
package struct CgroupLimits: Sendable, Hashable {
    /// Processors.
    package let cpu: Int
    /// Bytes, without swap.
    package let memory: Int64
    package let pids: Int

    package init(cpu: Int, memory: Int64, pids: Int) {
        self.cpu = cpu
        self.memory = memory
        self.pids = pids
    }

    /// The files that keep them, in the order in which they are written. `isOptional`: a kernel without swap has none.
    func settings(
        with controllers: Set<DelegatedCgroup.Controller>
    ) -> [(name: String, text: String, isOptional: Bool)] {
        var settings: [(name: String, text: String, isOptional: Bool)] = []
        if controllers.contains(.cpu) {
            settings.append(("cpu.max", "\(cpu * Self.period) \(Self.period)", false))
        }
        if controllers.contains(.memory) {
            settings.append(("memory.max", "\(memory)", false))
            settings.append(("memory.swap.max", "0", true))
            settings.append(("memory.oom.group", "1", false))
        }
        if controllers.contains(.pids) { settings.append(("pids.max", "\(pids)", false)) }
        return settings
    }

    /// The settings, one line each.
    package func lines(with controllers: Set<DelegatedCgroup.Controller>) -> [String] {
        settings(with: controllers).map { "\($0.name) \($0.text)" }
    }

    /// Microseconds.
    private static let period = 100_000
}

/// The resources that the processes of a cgroup have used.
package struct CgroupUsage: Sendable, Hashable {
    /// The most bytes at a time, or nil if the kernel does not count them.
    package var peakMemory: Int64?
    /// Microseconds.
    package var processorTime: Int64?
    /// Processes that were ended because the memory was used up.
    package var memoryKills: Int64 = 0
    /// Processes that were not started because there were too many.
    package var refusedProcesses: Int64 = 0
}

/// The cgroup of one run: pid 1 starts inside it, and with it every process.
package final class RunCgroup: Sendable {
    /// The folder, for the launcher; closed with this object.
    package let descriptor: Int32
    private let path: String
    private let files: any CgroupFiles

    /// Makes the cgroup and sets its limits. A limit that cannot be set is an error: what a place promises is kept.
    package init(
        in place: DelegatedCgroup, run: String, _ limits: CgroupLimits, _ files: any CgroupFiles
    ) throws(LaunchFailure) {
        path = place.folder + "/interlock-" + run
        self.files = files
        try Self.check("make", path, files.makeFolder(path))
        do throws(LaunchFailure) {
            for setting in limits.settings(with: place.controllers) {
                let error = files.write(setting.text, to: path + "/" + setting.name)
                guard !(setting.isOptional && error == ENOENT) else { continue }
                try Self.check("set", path + "/" + setting.name, error)
            }
            descriptor = files.open(path)
            guard descriptor >= 0 else {
                throw LaunchFailure(reason: "`\(path)` cannot be opened")
            }
        } catch {
            _ = files.removeFolder(path)
            throw error
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Kills every process inside; a kernel before 5.14 has no such file, and pid 1's end ends them too.
    package func kill() { _ = files.write("1", to: path + "/cgroup.kill") }

    /// The number of processes inside, or nil if it cannot be read.
    package var processes: Int? {
        files.read(path + "/cgroup.procs")?.split(separator: "\n").count
    }

    package var usage: CgroupUsage {
        CgroupUsage(
            peakMemory: number("memory.peak"), processorTime: value("usage_usec", in: "cpu.stat"),
            memoryKills: value("oom_kill", in: "memory.events") ?? 0,
            refusedProcesses: value("max", in: "pids.events") ?? 0)
    }

    /// Removes the cgroup, which has no processes any more.
    package func remove() { _ = files.removeFolder(path) }

    private func number(_ file: String) -> Int64? {
        files.read(path + "/" + file).flatMap { Int64($0.prefix { !$0.isWhitespace }) }
    }

    /// The value of a key in a file of `key value` lines.
    private func value(_ key: String, in file: String) -> Int64? {
        for line in (files.read(path + "/" + file) ?? "").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[0] == key { return Int64(words[1]) }
        }
        return nil
    }

    fileprivate static func check(
        _ verb: String, _ path: String, _ error: Int32
    ) throws(LaunchFailure) {
        guard error != 0 else { return }
        throw LaunchFailure(reason: "cannot \(verb) `\(path)`: \(describe(errno: error))")
    }
}

extension DelegatedCgroup {
    /// Makes the place ready: this process leaves it if it must, and its controllers are passed down.
    ///
    /// - Returns: the place with the controllers that are passed down.
    package func prepared(
        _ files: some CgroupFiles, process: Int32
    ) throws(LaunchFailure) -> DelegatedCgroup {
        if mustMove {
            let leaf = folder + "/interlock-supervisor-\(process)"
            try RunCgroup.check("make", leaf, files.makeFolder(leaf))
            try RunCgroup.check(
                "enter", leaf, files.write("\(process)", to: leaf + "/cgroup.procs"))
        }
        let control = folder + "/cgroup.subtree_control"
        for controller in controllers.map(\.rawValue).sorted() {
            // One that cannot be passed down is not there for a run.
            _ = files.write("+" + controller, to: control)
        }
        let words = (files.read(control) ?? "").split { $0.isWhitespace }
        return DelegatedCgroup(
            folder: folder,
            controllers: controllers.filter { one in words.contains { $0 == one.rawValue } },
            mustMove: false)
    }

    private init(folder: String, controllers: Set<Controller>, mustMove: Bool) {
        self.folder = folder
        self.controllers = controllers
        self.mustMove = mustMove
    }
}
